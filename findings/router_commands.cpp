#include "findings/router_commands.h"

#include <array>
#include <ranges>
#include <string>

namespace mcast::findings {
namespace {

// FRR's are of vtysh, and of this host where it runs.
constexpr auto kQuestions = std::to_array<RouterQuestion>({
    {Check::kIgmpVersion, "FRR", "show ip igmp interface"},
    {Check::kIgmpVersion, "IOS", "show ip igmp interface"},
    {Check::kIgmpVersion, "EOS", "show ip igmp interface"},
    {Check::kIgmpVersion, "Junos", "show igmp interface"},
    {Check::kNoQuerier, "FRR", "show ip igmp interface"},
    {Check::kNoQuerier, "IOS", "show ip igmp snooping querier"},
    {Check::kNoQuerier, "EOS", "show ip igmp snooping querier"},
    {Check::kNoQuerier, "Junos", "show igmp snooping interface"},
    {Check::kNoBridgeEntry, "FRR", "show ip igmp groups"},
    {Check::kNoBridgeEntry, "IOS", "show ip igmp snooping groups"},
    {Check::kNoBridgeEntry, "EOS", "show ip igmp snooping groups"},
    {Check::kNoBridgeEntry, "Junos", "show igmp snooping membership"},
    {Check::kMulticastRoute, "FRR", "show ip mroute GROUP; show ip rpf SOURCE"},
    {Check::kMulticastRoute, "IOS", "show ip mroute GROUP; show ip rpf SOURCE"},
    {Check::kMulticastRoute, "EOS", "show ip mroute GROUP; show ip route SOURCE"},
    {Check::kMulticastRoute, "Junos",
     "show multicast route group GROUP extensive; show multicast rpf SOURCE"},
    {Check::kNoTraffic, "FRR", "show ip mroute GROUP; show ip igmp groups; show ip rpf SOURCE"},
    {Check::kNoTraffic, "IOS",
     "show ip mroute GROUP; show ip igmp groups GROUP; show ip igmp snooping groups; show ip rpf "
     "SOURCE"},
    {Check::kNoTraffic, "EOS",
     "show ip mroute GROUP; show ip igmp groups GROUP; show ip igmp snooping groups"},
    {Check::kNoTraffic, "Junos",
     "show multicast route group GROUP extensive; show igmp group GROUP; show igmp snooping "
     "membership; show multicast rpf SOURCE"},
});

void put(std::string& text, std::string_view name, const std::string& value) {
  const auto at = text.find(name);
  if (at != std::string::npos) text.replace(at, name.size(), value);
}

}  // namespace

std::span<const RouterQuestion> router_questions() {
  return kQuestions;
}

std::vector<RouterCommand> router_commands(Check check, const Subject& subject) {
  std::vector<RouterCommand> result;
  const auto& source = subject.wanted_source();
  for (const RouterQuestion& question : kQuestions) {
    if (question.check != check) continue;
    for (const auto part : std::views::split(question.commands, std::string_view("; "))) {
      std::string text(part.begin(), part.end());
      if (!source && text.find("SOURCE") != std::string::npos) continue;
      put(text, "GROUP", subject.group.to_string());
      if (source) put(text, "SOURCE", source->to_string());
      result.push_back({.system = std::string(question.system), .command = std::move(text)});
    }
  }
  return result;
}

}  // namespace mcast::findings
