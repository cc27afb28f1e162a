// From the bytes of rtnetlink messages to values: pure functions, any thread. The
// bytes are what follows the netlink header. Every length is checked, and nothing may
// be left over; an error names the message and what is wrong with it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/rtnetlink/attributes.h"
#include "netlink/types.h"

namespace mcast::netlink {

// RTM_NEWLINK: struct ifinfomsg and IFLA_* attributes. `kind` is IFLA_INFO_KIND.
[[nodiscard]] Result<Link> decode_link(Bytes message);
// RTM_NEWADDR: struct ifaddrmsg and IFA_* attributes. The host's own address, not
// the peer's.
[[nodiscard]] Result<InterfaceAddress> decode_address(Bytes message);
// RTM_NEWROUTE, the answer to a question for one destination: struct rtmsg and
// RTA_* attributes. An unreachable or prohibited destination is an error.
[[nodiscard]] Result<Route> decode_route(Bytes message);
// The answer to RTM_GETMULTICAST: struct ifaddrmsg and IFA_MULTICAST. It carries
// no number of users; that stays 0. inet_fill_ifmcaddr() in net/ipv4/igmp.c,
// inet6_fill_ifmcaddr() in net/ipv6/addrconf.c.
[[nodiscard]] Result<Membership> decode_membership(Bytes message);

// The requests that go with them.
[[nodiscard]] std::vector<std::uint8_t> encode_link_request();
// `family` as in the kernel, AF_UNSPEC for all.
[[nodiscard]] std::vector<std::uint8_t> encode_address_request(std::uint8_t family);
[[nodiscard]] std::vector<std::uint8_t> encode_route_request(const IpAddress& destination,
                                                             const IpAddress* from);

}  // namespace mcast::netlink
