// From the text of the /proc/net files of multicast forwarding to values: pure
// functions, any thread. An error names the line. Formats: ipmr_vif_seq_show() and
// ipmr_mfc_seq_show() in net/ipv4/ipmr.c and net/ipv6/ip6mr.c. Each family's default
// table alone is in these files.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// /proc/net/ip_mr_vif and ip6_mr_vif: the interfaces of the router, by the number that
// the other file calls them by. "none" is an interface that is gone.
[[nodiscard]] Result<std::map<int, std::string>> parse_proc_mr_vif(std::string_view text);

// The index of each interface of the router, by its number there.
using RouterInterfaces = std::map<int, int>;

// /proc/net/ip_mr_cache (Family::kIpv4) and ip6_mr_cache. An entry without a resolved
// interface has -1 there, or 65535 as newer kernels print it. Interfaces that
// `interfaces` does not have came or went between the two readings: they are left out.
[[nodiscard]] Result<std::vector<MulticastRoute>> parse_proc_mr_cache(
    std::string_view text, Family family, const RouterInterfaces& interfaces);

}  // namespace mcast::netlink
