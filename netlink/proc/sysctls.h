// The sysctls of this network namespace that say how multicast is treated: which IGMP
// version is forced, whether packets are forwarded, and which are dropped since their source
// is elsewhere. Any thread; `proc_root` is "/proc" outside of tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/address.h"
#include "base/result.h"

namespace mcast::netlink {

// A file that holds one small number. The error names it and has errno as its code.
[[nodiscard]] Result<int> read_proc_number(const std::filesystem::path& path);

// <root>/sys/net/ipv4/conf/<interface>/force_igmp_version, or force_mld_version below ipv6.
// `interface` is a valid interface name.
[[nodiscard]] std::filesystem::path force_version_path(const std::filesystem::path& proc_root,
                                                       Family family, const std::string& interface);

// Which IGMP version the kernel is made to use: the lower of what the interface and conf/all
// say, 0 where neither says anything. IGMP_V1_SEEN and IGMP_V2_SEEN in net/ipv4/igmp.c look
// at both, version 1 first.
[[nodiscard]] constexpr int igmp_version_in_force(int interface, int all) {
  if (interface == 0 || all == 0) return std::max(interface, all);
  return std::min(interface, all);
}

// Documentation/networking/ip-sysctl.rst, RFC 3704 section 2
enum class ReversePathFilter : std::uint8_t {
  kOff,     // every source is taken
  kStrict,  // a packet is dropped unless the way to its source leads out there
  kLoose,   // it is dropped unless there is a way to its source
};

// In force for packets of IPv4 that arrive there: the larger one of conf/all/rp_filter
// and the interface's own (IN_DEV_RPFILTER in include/linux/inetdevice.h). The error code is
// ENOENT where there is no such interface, and EINVAL where it is no name.
[[nodiscard]] Result<ReversePathFilter> reverse_path_filter(const std::filesystem::path& proc_root,
                                                            const std::string& interface);

// A multicast routing daemon runs in this namespace: conf/all/mc_forwarding, which only
// the kernel sets (ip_mroute_setsockopt() in net/ipv4/ipmr.c, ip6mr_sk_init() in
// net/ipv6/ip6mr.c).
[[nodiscard]] Result<bool> is_multicast_router(const std::filesystem::path& proc_root,
                                               Family family = Family::kIpv4);
// It routes what arrives at this interface, which is one of its own (IN_DEV_MFORWARD).
[[nodiscard]] Result<bool> forwards_multicast(const std::filesystem::path& proc_root,
                                              const std::string& interface,
                                              Family family = Family::kIpv4);

}  // namespace mcast::netlink
