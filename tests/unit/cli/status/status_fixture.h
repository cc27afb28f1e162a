// A host with a bit of everything that mcast-status shows.
#pragma once

#include "streams/membership_report.h"

namespace mcast::cli::test {

inline IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

// lo, eth1 (IGMPv3 and MLDv2) and eth2 (forced to IGMPv2 and MLDv1); an ASM and an SSM join of ours
// on eth1, one on lo, and joins of others.
inline netlink::HostSnapshot host() {
  netlink::HostSnapshot host;
  const auto link = [&](int index, const char* name, bool loopback) {
    host.links.push_back({.index = index,
                          .name = name,
                          .up = true,
                          .carrier = true,
                          .loopback = loopback,
                          .multicast = true,
                          .mtu = 1500});
  };
  link(1, "lo", true);
  link(2, "eth1", false);
  link(3, "eth2", false);
  link(4, "größe0", false);
  for (int index = 1; index <= 3; ++index) {
    host.protocols.push_back({.ifindex = index,
                              .name = host.links[static_cast<std::size_t>(index) - 1].name,
                              .version = index == 3 ? 2 : 3,
                              .forced_version = index == 3 ? 2 : 0});
    host.memberships.push_back({.ifindex = index, .group = address("224.0.0.1"), .users = 1});
    host.memberships.push_back({.ifindex = index, .group = address("ff02::1"), .users = 1});
  }
  host.protocols.push_back({.ifindex = 2, .name = "eth1", .family = Family::kIpv6, .version = 2});
  host.protocols.push_back(
      {.ifindex = 3, .name = "eth2", .family = Family::kIpv6, .version = 1, .forced_version = 1});
  host.memberships.push_back({.ifindex = 1, .group = address("239.0.0.1"), .users = 1});
  host.memberships.push_back({.ifindex = 1, .group = address("239.0.0.2"), .users = 1});
  host.memberships.push_back({.ifindex = 1, .group = address("232.255.255.255"), .users = 1});
  host.memberships.push_back({.ifindex = 2, .group = address("239.0.10.101"), .users = 12});
  host.memberships.push_back({.ifindex = 2, .group = address("232.5.5.5"), .users = 2});
  host.memberships.push_back({.ifindex = 2, .group = address("ff15::1234"), .users = 1});
  host.memberships.push_back({.ifindex = 3, .group = address("233.1.1.1"), .users = 2});
  // Its interface went away while all this was read.
  host.memberships.push_back({.ifindex = 9, .group = address("239.9.9.9"), .users = 1});
  const auto filter = [&](int index, const char* group, const char* source, std::uint32_t includes,
                          std::uint32_t excludes) {
    host.source_filters.push_back({.ifindex = index,
                                   .group = address(group),
                                   .source = address(source),
                                   .includes = includes,
                                   .excludes = excludes});
  };
  filter(2, "232.5.5.5", "10.1.1.1", 1, 0);
  filter(2, "232.5.5.5", "10.1.1.3", 1, 0);
  filter(3, "233.1.1.1", "10.2.2.2", 1, 0);
  filter(3, "233.1.1.1", "10.2.2.3", 0, 1);
  return host;
}

inline RunningStream running(const char* stream, int ifindex, const char* group,
                             const char* source = nullptr) {
  RunningStream result{.pid = 417,
                       .program = "mcast-agent",
                       .join = {.stream = stream,
                                .group = address(group),
                                .source = std::nullopt,
                                .ifindex = ifindex,
                                .port = 19779}};
  if (source != nullptr) result.join.source = address(source);
  return result;
}

inline RunningStreams streams() {
  return {.streams = {running("video", 2, "239.0.10.101"),
                      running("one", 2, "232.5.5.5", "10.1.1.1"), running("demo", 1, "239.0.0.1"),
                      // Has left, or lies: the kernel has no such membership.
                      running("gone", 2, "239.0.10.102")},
          .unreadable_programs = 0,
          .garbled_programs = 0};
}

inline MembershipReport report() {
  return membership_report(host(), streams());
}

inline HeldMembership& membership(MembershipReport& report, int ifindex, const char* group) {
  for (InterfaceMemberships& interface : report.interfaces) {
    if (interface.ifindex != ifindex) continue;
    for (HeldMembership& entry : interface.memberships) {
      if (entry.group == address(group)) return entry;
    }
  }
  static HeldMembership none;
  return none = {};
}

}  // namespace mcast::cli::test
