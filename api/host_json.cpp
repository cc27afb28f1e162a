#include "api/host_json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/json.h"

namespace mcast::api {
namespace {

constexpr int kMaxInt = std::numeric_limits<int>::max();
constexpr std::array kModes{FilterMode::kInclude, FilterMode::kExclude};

constexpr std::array kVerdicts{findings::Verdict::kFine, findings::Verdict::kFound,
                               findings::Verdict::kUnknown};

// "sender" where it has what a sender sends.
constexpr Form kKind{[](bool sends) { return std::string(sends ? "sender" : "receiver"); },
                     [](const std::string& text) {
                       return text == "sender"     ? std::optional(true)
                              : text == "receiver" ? std::optional(false)
                                                   : std::nullopt;
                     },
                     "is neither \"sender\" nor \"receiver\""};

bool is_known_check(const JsonReader& finding) {
  std::string name;
  finding("check", name);
  return one_of(findings::kAllChecks).from(name).has_value();
}

}  // namespace

// Its group and interface are those of the membership.
void fields(auto& io, Like<RunningStream> auto& holder) {
  io("program", holder.program);
  io("pid", holder.pid, within(0, kMaxInt));
  io("stream", holder.join.stream);
  io("source", holder.join.source);
  io("port", holder.join.port);
}

void fields(auto& io, Like<HeldMembership> auto& membership) {
  io("group", membership.group);
  io.written("family", to_string(membership.group.family()));
  io.written("class", multicast_class(membership.group));
  io("users", membership.users);
  io("filter_mode", membership.mode, one_of(kModes));
  io("sources", membership.sources);
  io("joined_sources", membership.joined_sources);
  io("streams", membership.holders);
}

void fields(auto& io, Like<InterfaceMemberships> auto& interface) {
  io("name", interface.name);
  io("ifindex", interface.ifindex, within(0, kMaxInt));
  io("igmp_version", interface.igmp_version, within(0, 3));
  io("forced_version", interface.forced_version, within(0, 3));
  io("mld_version", interface.mld_version, within(0, 2));
  io("forced_mld_version", interface.forced_mld_version, within(0, 2));
  io("memberships", interface.memberships);
  io.detail("loopback", interface.loopback);
}

void add_membership(nlohmann::ordered_json& json, const HeldMembership& membership) {
  json.update(tree_of(membership));
}

nlohmann::ordered_json interface_json(const InterfaceMemberships& interface) {
  return tree_of(interface, Detail::kSummary);
}

std::string memberships_json(const MembershipReport& report,
                             const std::vector<netlink::InterfaceActivity>& activity) {
  const auto querier_fields = [](const netlink::Querier& querier, const std::string& interface) {
    return [&](auto& io) {
      io("address", with_zone(querier.address, interface));
      io.written("family", to_string(querier.address.family()));
      io("version", querier.version);
      io("last_query", querier.last_query.realtime, kTime);
    };
  };
  const auto heard = [&](const InterfaceMemberships& interface) {
    return [&](auto& io) {
      fields(io, interface);
      for (const auto& [key, family] :
           {std::pair("querier", Family::kIpv4), std::pair("mld_querier", Family::kIpv6)}) {
        const auto* const on = netlink::activity_on(activity, interface.ifindex, family);
        using Fields = decltype(querier_fields(*on->querier, interface.name));
        std::optional<Fields> querier;
        if (on != nullptr && on->querier)
          querier.emplace(querier_fields(*on->querier, interface.name));
        io(key, querier);
      }
    };
  };
  return text_of([&](auto& io) {
    io("interfaces", std::views::transform(report.interfaces, heard));
    io("unreadable_programs", report.unreadable_programs);
  });
}

Result<MembershipReport> parse_memberships(std::string_view text) {
  return read_json<MembershipReport>(text, [](const JsonReader& json, MembershipReport& report) {
    json("interfaces", report.interfaces);
    json("unreadable_programs", report.unreadable_programs);
  });
}

std::string routes_json(const netlink::HostSnapshot& host) {
  const netlink::InterfaceNames names(host.links);
  const auto output = [&names](const netlink::MulticastRoute::Output& outgoing) {
    return [&](auto& io) {
      io("interface", names.of(outgoing.ifindex));
      io("ttl_threshold", outgoing.ttl_threshold);
    };
  };
  const auto route_fields = [&](const netlink::MulticastRoute& route) {
    return [&](auto& io) {
      io("group", route.group);
      io("family", to_string(route.group.family()));
      io("source", route.source.is_unspecified() ? std::nullopt : std::optional(route.source));
      io("incoming", route.incoming == 0 ? std::nullopt : std::optional(names.of(route.incoming)));
      io("outgoing", std::views::transform(route.outgoing, output));
      io("packets", route.packets);
      io("bytes", route.bytes);
      io("wrong_interface_packets", route.wrong_interface_packets);
    };
  };
  return text_of([&](auto& io) { io("routes", std::views::transform(host.routes, route_fields)); });
}

void fields(auto& io, Like<findings::RouterCommand> auto& command) {
  io("system", command.system);
  io("command", command.command);
}

void fields(auto& io, Like<findings::Finding> auto& finding) {
  io("check", finding.check, one_of(findings::kAllChecks));
  io("verdict", finding.verdict, one_of(kVerdicts));
  io("seen", finding.seen);
  if (finding.verdict == findings::Verdict::kFound) {
    io("meaning", finding.meaning);
    io("remedy", finding.remedy);
    io("router_commands", finding.router_commands);
  }
}

void fields(auto& io, Like<findings::StreamFindings> auto& stream) {
  auto& subject = stream.subject;
  bool sends = subject.sending.has_value();
  io("kind", sends, kKind);
  if constexpr (!std::is_const_v<std::remove_reference_t<decltype(subject)>>) {
    if (sends) subject.sending.emplace();
  }
  io("stream", subject.stream);
  io("group", subject.group);
  io("source", subject.source);
  io("interface", subject.interface);
  io("port", subject.port);
  io("examined", stream.examined, kTime);
  io("checks", stream.findings, Known{is_known_check});
}

nlohmann::ordered_json finding_json(const findings::Finding& finding) {
  return tree_of(finding);
}

std::string findings_json(const std::vector<findings::StreamFindings>& streams) {
  return text_of([&](auto& io) { io("findings", streams); });
}

Result<std::vector<findings::StreamFindings>> parse_findings(std::string_view text) {
  return read_json<std::vector<findings::StreamFindings>>(
      text, [](const JsonReader& json, auto& streams) { json("findings", streams); });
}

std::string finding_event_json(const findings::Subject& subject, const findings::Finding& finding,
                               Nanoseconds time) {
  return text_of([&](auto& io) {
    io("event", "finding");
    io("time", time, kTime);
    io("stream", subject.stream);
    io("group", subject.group);
    io("check", to_string(finding.check));
    io("seen", finding.seen);
    io("meaning", finding.meaning);
    io("remedy", finding.remedy);
  });
}

}  // namespace mcast::api
