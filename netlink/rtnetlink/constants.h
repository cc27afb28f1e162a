// Numbers of the kernel's interface that Debian 12's headers do not have.
#pragma once

#include <cstdint>

namespace mcast::netlink {

// include/uapi/linux/rtnetlink.h. The dump answers with messages of the same type.
// IPv6 has it since long; IPv4 since Linux 6.15.
inline constexpr std::uint16_t kGetMulticast = 58;  // RTM_GETMULTICAST

// The same file: a membership began or ended. Sent to the two groups by
// inet_ifmcaddr_notify() in net/ipv4/igmp.c and inet6_ifmcaddr_notify() in
// net/ipv6/mcast.c since Linux 6.14.
inline constexpr std::uint16_t kNewMulticast = 56;     // RTM_NEWMULTICAST
inline constexpr std::uint16_t kDeleteMulticast = 57;  // RTM_DELMULTICAST
inline constexpr unsigned kIpv4MulticastGroup = 37;    // RTNLGRP_IPV4_MCADDR
inline constexpr unsigned kIpv6MulticastGroup = 38;    // RTNLGRP_IPV6_MCADDR

// include/uapi/linux/if_packet.h, since Linux 4.20: a packet socket that does not see
// what goes out.
inline constexpr int kPacketIgnoreOutgoing = 23;  // PACKET_IGNORE_OUTGOING

}  // namespace mcast::netlink
