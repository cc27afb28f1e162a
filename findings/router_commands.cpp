#include "findings/router_commands.h"

#include <array>
#include <ranges>
#include <string>

namespace mcast::findings {
namespace {

// FRR's are of vtysh, and of this host where it runs.
constexpr auto kQuestions = std::to_array<RouterQuestion>({
    {Check::kIgmpVersion, "FRR", "show ip igmp interface", ""},
    {Check::kIgmpVersion, "IOS", "show ip igmp interface", ""},
    {Check::kIgmpVersion, "EOS", "show ip igmp interface", ""},
    {Check::kIgmpVersion, "Junos", "show igmp interface", ""},
    {Check::kMldVersion, "FRR", "", "show ipv6 mld interface"},
    {Check::kMldVersion, "IOS", "", "show ipv6 mld interface"},
    {Check::kMldVersion, "EOS", "", "show mld summary"},
    {Check::kMldVersion, "Junos", "", "show mld interface"},
    {Check::kQuerierInvalid, "FRR", "show ip igmp interface", "show ipv6 mld interface"},
    {Check::kQuerierInvalid, "IOS", "show ip igmp groups", "show ipv6 mld groups"},
    {Check::kQuerierInvalid, "EOS", "show ip igmp groups", "show mld membership"},
    {Check::kQuerierInvalid, "Junos", "show igmp group", "show mld group"},
    {Check::kNoQuerier, "FRR", "show ip igmp interface", "show ipv6 mld interface"},
    {Check::kNoQuerier, "IOS", "show ip igmp snooping querier", "show ipv6 mld snooping querier"},
    {Check::kNoQuerier, "EOS", "show ip igmp snooping querier", "show mld snooping querier"},
    {Check::kNoQuerier, "Junos", "show igmp snooping interface", "show mld snooping interface"},
    {Check::kNoBridgeEntry, "FRR", "show ip igmp groups", "show ipv6 mld groups"},
    {Check::kNoBridgeEntry, "IOS", "show ip igmp snooping groups",
     "show ipv6 mld snooping address"},
    {Check::kNoBridgeEntry, "EOS", "show ip igmp snooping groups", "show mld snooping groups"},
    {Check::kNoBridgeEntry, "Junos", "show igmp snooping membership",
     "show mld snooping membership"},
    {Check::kScope, "FRR", "", "show ipv6 mroute GROUP"},
    {Check::kScope, "IOS", "", "show ipv6 mroute GROUP"},
    {Check::kScope, "EOS", "", "show multicast fib ipv6 GROUP"},
    {Check::kScope, "Junos", "", "show multicast route inet6 group GROUP extensive"},
    {Check::kLinkLocalSource, "FRR", "", "show ipv6 mroute GROUP"},
    {Check::kLinkLocalSource, "IOS", "", "show ipv6 mroute GROUP"},
    {Check::kLinkLocalSource, "EOS", "", "show multicast fib ipv6 GROUP"},
    {Check::kLinkLocalSource, "Junos", "", "show multicast route inet6 group GROUP extensive"},
    {Check::kMulticastRoute, "FRR", "show ip mroute GROUP; show ip rpf SOURCE",
     "show ipv6 mroute GROUP; show ipv6 rpf SOURCE"},
    {Check::kMulticastRoute, "IOS", "show ip mroute GROUP; show ip rpf SOURCE",
     "show ipv6 mroute GROUP; show ipv6 rpf SOURCE"},
    {Check::kMulticastRoute, "EOS", "show ip mroute GROUP; show ip route SOURCE",
     "show multicast fib ipv6 GROUP; show ipv6 route SOURCE"},
    {Check::kMulticastRoute, "Junos",
     "show multicast route group GROUP extensive; show multicast rpf SOURCE",
     "show multicast route inet6 group GROUP extensive; show multicast rpf inet6 SOURCE"},
    {Check::kNoTraffic, "FRR", "show ip mroute GROUP; show ip igmp groups; show ip rpf SOURCE",
     "show ipv6 mroute GROUP; show ipv6 mld groups; show ipv6 rpf SOURCE"},
    {Check::kNoTraffic, "IOS",
     "show ip mroute GROUP; show ip igmp groups GROUP; show ip igmp snooping groups; show ip rpf "
     "SOURCE",
     "show ipv6 mroute GROUP; show ipv6 mld groups GROUP; show ipv6 mld snooping address; show "
     "ipv6 rpf SOURCE"},
    {Check::kNoTraffic, "EOS",
     "show ip mroute GROUP; show ip igmp groups GROUP; show ip igmp snooping groups",
     "show multicast fib ipv6 GROUP; show mld membership; show mld snooping groups"},
    {Check::kNoTraffic, "Junos",
     "show multicast route group GROUP extensive; show igmp group GROUP; show igmp snooping "
     "membership; show multicast rpf SOURCE",
     "show multicast route inet6 group GROUP extensive; show mld group GROUP; show mld snooping "
     "membership; show multicast rpf inet6 SOURCE"},
    {Check::kPathMtu, "FRR", "", "show interface"},
    {Check::kPathMtu, "IOS", "", "show ipv6 interface"},
    {Check::kPathMtu, "EOS", "", "show ipv6 interface"},
    {Check::kPathMtu, "Junos", "", "show interfaces"},
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
    const auto commands = subject.group.is_v4() ? question.ipv4 : question.ipv6;
    for (const auto part : std::views::split(commands, std::string_view("; "))) {
      std::string text(part.begin(), part.end());
      if (text.empty()) continue;
      if (!source && text.find("SOURCE") != std::string::npos) continue;
      put(text, "GROUP", subject.group.to_string());
      if (source) put(text, "SOURCE", source->to_string());
      result.push_back({.system = std::string(question.system), .command = std::move(text)});
    }
  }
  return result;
}

}  // namespace mcast::findings
