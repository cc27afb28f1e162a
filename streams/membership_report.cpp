#include "streams/membership_report.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "netlink/proc/source_filter_anchor.h"

namespace mcast {
namespace {

using Key = std::pair<int, IpAddress>;  // interface, group

void fill_filter(HeldMembership& membership, const std::vector<netlink::SourceFilter>& filters) {
  std::uint64_t includes = 0;
  for (const netlink::SourceFilter& filter : filters) {
    includes += filter.includes;
    if (filter.includes > 0) membership.joined_sources.push_back(filter.source);
    if (filter.excludes > 0) membership.sources.push_back(filter.source);
  }
  // /proc/net/mcfilter does not say the mode. A socket that takes any source counts
  // as a user and has no line there. One with several sources has several lines, so
  // that beside it such a user may go unnoticed, unless it is one of ours.
  const bool ours_takes_any =
      std::ranges::any_of(membership.holders, [](const auto& held) { return !held.join.source; });
  if (membership.joined_sources.empty() || !membership.sources.empty() || ours_takes_any ||
      membership.users > includes) {
    return;
  }
  membership.mode = FilterMode::kInclude;
  std::swap(membership.sources, membership.joined_sources);
}

constexpr IpAddress all_nodes(std::uint8_t scope) {
  std::array<std::uint8_t, 16> bytes{0xFF, scope};
  bytes[15] = 1;
  return IpAddress::v6(bytes);
}

constexpr std::array kEverydayGroups{IpAddress::v4(0xE0000001), IpAddress::v4(0xE00000FB),
                                     IpAddress::v4(0xEFFFFFFA), all_nodes(1), all_nodes(2)};

}  // namespace

std::string_view to_string(FilterMode mode) {
  return mode == FilterMode::kInclude ? "include" : "exclude";
}

MembershipReport membership_report(const netlink::HostSnapshot& host,
                                   const RunningStreams& streams) {
  std::map<Key, std::vector<netlink::SourceFilter>> filters;
  for (const netlink::SourceFilter& filter : host.source_filters) {
    filters[{filter.ifindex, filter.group}].push_back(filter);
  }
  std::map<Key, std::vector<RunningStream>> holders;
  for (const RunningStream& stream : streams.streams) {
    holders[{stream.join.ifindex, stream.join.group}].push_back(stream);
  }
  std::map<int, InterfaceMemberships> interfaces;
  for (const netlink::Link& link : host.links) {
    interfaces[link.index] = {
        .ifindex = link.index, .name = link.name, .loopback = link.loopback, .memberships = {}};
  }
  // An interface that the links do not have went away between two readings.
  for (const netlink::ProtocolInterface& protocol : host.protocols) {
    const auto found = interfaces.find(protocol.ifindex);
    if (found == interfaces.end()) continue;
    const bool is_v4 = protocol.family == Family::kIpv4;
    InterfaceMemberships& on = found->second;
    (is_v4 ? on.igmp_version : on.mld_version) = protocol.version;
    (is_v4 ? on.forced_version : on.forced_mld_version) = protocol.forced_version;
  }
  for (const netlink::Membership& entry : host.memberships) {
    const auto found = interfaces.find(entry.ifindex);
    if (found == interfaces.end() || netlink::is_source_filter_anchor(entry.ifindex, entry.group)) {
      continue;
    }
    const Key key{entry.ifindex, entry.group};
    HeldMembership& membership = found->second.memberships.emplace_back();
    membership.group = entry.group;
    membership.users = entry.users;
    membership.holders = std::move(holders[key]);
    fill_filter(membership, filters[key]);
  }

  MembershipReport report{.interfaces = {},
                          .unreadable_programs = streams.unreadable_programs,
                          .garbled_programs = streams.garbled_programs,
                          .has_ipv6 = host.has_ipv6};
  for (auto& [index, interface] : interfaces) {
    std::ranges::sort(interface.memberships, {}, &HeldMembership::group);
    report.interfaces.push_back(std::move(interface));
  }
  return report;
}

bool is_everyday_group(const IpAddress& group) {
  constexpr std::array<std::uint8_t, 13> kSolicitedNode{0xFF, 2, 0, 0, 0, 0,   0,
                                                        0,    0, 0, 0, 1, 0xFF};
  return std::ranges::find(kEverydayGroups, group) != kEverydayGroups.end() ||
         (!group.is_v4() &&
          std::ranges::equal(group.bytes().first(kSolicitedNode.size()), kSolicitedNode));
}

bool is_shown(const InterfaceMemberships& interface, const HeldMembership& membership,
              const MembershipSelection& selection) {
  const bool asked_for = interface.name == selection.interface;
  if (!selection.interface.empty() && !asked_for) return false;
  if (selection.all || !membership.holders.empty()) return true;
  return !is_everyday_group(membership.group) && (!interface.loopback || asked_for);
}

MembershipReport selected(MembershipReport report, const MembershipSelection& selection) {
  std::erase_if(report.interfaces, [&](InterfaceMemberships& interface) {
    std::erase_if(interface.memberships, [&](const HeldMembership& membership) {
      return !is_shown(interface, membership, selection);
    });
    if (!selection.interface.empty()) return interface.name != selection.interface;
    return interface.loopback && interface.memberships.empty();
  });
  return report;
}

}  // namespace mcast
