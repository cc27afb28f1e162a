// What the sysctls of this network namespace say about packets that are forwarded, and
// about those that are dropped since their source is elsewhere. Any thread; `proc_root`
// is "/proc" outside of tests. `interface` is the name of one; the error code is ENOENT
// where there is none, and EINVAL where it is no name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace mcast::netlink {

// Documentation/networking/ip-sysctl.rst, RFC 3704 section 2
enum class ReversePathFilter : std::uint8_t {
  kOff,     // every source is taken
  kStrict,  // a packet is dropped unless the way to its source leads out there
  kLoose,   // it is dropped unless there is a way to its source
};

// In force for packets of IPv4 that arrive there: the larger one of conf/all/rp_filter
// and the interface's own (IN_DEV_RPFILTER in include/linux/inetdevice.h).
[[nodiscard]] Result<ReversePathFilter> reverse_path_filter(const std::filesystem::path& proc_root,
                                                            const std::string& interface);

// A multicast routing daemon runs in this namespace: conf/all/mc_forwarding, which only
// the kernel sets (ip_mroute_setsockopt() in net/ipv4/ipmr.c). IPv4.
[[nodiscard]] Result<bool> is_multicast_router(const std::filesystem::path& proc_root);
// It routes what arrives at this interface, which is one of its own (IN_DEV_MFORWARD).
[[nodiscard]] Result<bool> forwards_multicast(const std::filesystem::path& proc_root,
                                              const std::string& interface);

}  // namespace mcast::netlink
