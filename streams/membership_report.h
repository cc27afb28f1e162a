// The multicast memberships of a host, as mcast-status and the API show them: those of the
// kernel put together with the streams of our own programs that hold them. Pure functions of
// what was read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "netlink/types.h"
#include "streams/running_streams.h"

namespace mcast {

// The kernel's filter of one (interface, group): only from these sources, or from
// all but these. (*,G) is kExclude without sources.
enum class FilterMode : std::uint8_t { kInclude, kExclude };
// "include", "exclude"
[[nodiscard]] std::string_view to_string(FilterMode mode);

struct HeldMembership {
  IpAddress group;
  std::uint32_t users = 0;
  FilterMode mode = FilterMode::kExclude;
  std::vector<IpAddress> sources;  // of the mode
  // Sources that somebody joined while somebody else takes any (mode kExclude).
  std::vector<IpAddress> joined_sources;
  std::vector<RunningStream> holders;

  friend bool operator==(const HeldMembership&, const HeldMembership&) = default;
};

struct InterfaceMemberships {
  int ifindex = 0;
  std::string name;
  bool loopback = false;
  int igmp_version = 0;                     // 0: no IPv4 on it
  int forced_version = 0;                   // of IGMP; 0: not forced
  int mld_version = 0;                      // 0: no IPv6 on it
  int forced_mld_version = 0;               // 0: not forced
  std::vector<HeldMembership> memberships;  // by group, IPv4 first

  friend bool operator==(const InterfaceMemberships&, const InterfaceMemberships&) = default;
};

struct MembershipReport {
  std::vector<InterfaceMemberships> interfaces;  // by index
  std::size_t unreadable_programs = 0;
  std::size_t garbled_programs = 0;
  bool has_ipv6 = true;  // the host; not known of an agent's
};

// What the person wants to see.
struct MembershipSelection {
  bool all = false;
  std::string interface;  // empty: every one but the loopback interface
};

// All of it, whatever is wanted; save what programs of ours join only to be able to
// read (netlink/proc/source_filter_anchor.h).
[[nodiscard]] MembershipReport membership_report(const netlink::HostSnapshot& host,
                                                 const RunningStreams& streams);

// Hidden unless `all`: the groups that every host is in, of its own accord or for
// service discovery of IPv4 (is_everyday_group), and what is on the loopback interface, unless
// that is the one asked for. A join that one of our streams holds is never hidden,
// save by the name of another interface.
[[nodiscard]] bool is_shown(const InterfaceMemberships& interface, const HeldMembership& membership,
                            const MembershipSelection& selection);
// As the original program: 224.0.0.1, 224.0.0.251 (mDNS), 239.255.255.250 (SSDP), ff01::1,
// ff02::1 and ff02::1:ff00:0/104 (solicited-node).
[[nodiscard]] bool is_everyday_group(const IpAddress& group);

// Without what is not shown; and without the loopback interface where nothing is
// left of it.
[[nodiscard]] MembershipReport selected(MembershipReport report,
                                        const MembershipSelection& selection);

}  // namespace mcast
