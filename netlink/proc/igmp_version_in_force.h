// Which IGMP version the sysctl force_igmp_version makes the kernel use.
#pragma once

#include <algorithm>

namespace mcast::netlink {

// The lower of what the interface and conf/all say, 0 where neither says anything:
// IGMP_V1_SEEN and IGMP_V2_SEEN in net/ipv4/igmp.c look at both, version 1 first.
[[nodiscard]] constexpr int igmp_version_in_force(int interface, int all) {
  if (interface == 0 || all == 0) return std::max(interface, all);
  return std::min(interface, all);
}

}  // namespace mcast::netlink
