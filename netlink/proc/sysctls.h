// The sysctls of this network namespace that say how multicast is treated: which version of IGMP
// and MLD is forced, whether packets are forwarded, and which are dropped since their source
// is elsewhere. Any thread; `proc_root` is "/proc" outside of tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::netlink {

// A file that holds one small number. The error names it and has errno as its code.
[[nodiscard]] Result<int> read_proc_number(const std::filesystem::path& path);

// "force_igmp_version", "force_mld_version"
[[nodiscard]] std::string force_version_sysctl(Family family);
// <root>/sys/net/ipv4/conf/<interface>/force_igmp_version, or force_mld_version below ipv6.
// `interface` is a valid interface name.
[[nodiscard]] std::filesystem::path force_version_path(const std::filesystem::path& proc_root,
                                                       Family family, const std::string& interface);

// That file, to be read and written. It belongs to this very interface under this very name:
// once it is gone or called otherwise, reading and writing fail, even while a new one has its
// name. The error says where only root may.
[[nodiscard]] Result<FileDescriptor> open_version_sysctl(const std::filesystem::path& proc_root,
                                                         Family family,
                                                         const std::string& interface);
// These two are system calls and nothing else, so that a signal handler may call them; errno
// says why not.
[[nodiscard]] std::optional<int> read_sysctl(int sysctl) noexcept;
[[nodiscard]] bool write_sysctl(int sysctl, int value) noexcept;

// Which version the kernel is made to use where the interface and conf/all say so; 0: neither
// says anything. Of IGMP the lower one: IGMP_V1_SEEN and IGMP_V2_SEEN in net/ipv4/igmp.c look
// at both, version 1 first. Of MLD conf/all wins, and what is no version says nothing:
// mld_force_mld_version() in net/ipv6/mcast.c.
[[nodiscard]] constexpr int version_in_force(Family family, int interface, int all) {
  if (family == Family::kIpv6) {
    const int winner = all != 0 ? all : interface;
    return winner == 1 || winner == 2 ? winner : 0;
  }
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
