// From the bytes of rtnetlink messages about multicast forwarding to values: pure
// functions, any thread. The bytes are what follows the netlink header. Every length is
// checked; an error names the message and what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/rtnetlink/attributes.h"
#include "netlink/types.h"

namespace mcast::netlink {

// RTM_NEWROUTE of a dump in family RTNL_FAMILY_IPMR or RTNL_FAMILY_IP6MR: struct rtmsg
// and RTA_* attributes. mr_fill_mroute() in net/ipv4/ipmr_base.c.
//
// nullopt for a route of another family: a kernel without multicast routing does not
// know the question and answers with all of its unicast routes. `incoming` is 0 too
// where the interface has left the router since.
[[nodiscard]] Result<std::optional<MulticastRoute>> decode_multicast_route(Bytes message);

// Asks for the forwarding cache of a family; all of its tables are in the answer.
[[nodiscard]] std::vector<std::uint8_t> encode_multicast_route_request(Family family);

// Puts routes in the order of (group, source, incoming) and makes one of those that have
// the same three: counters added, every output once. Pure.
void sort_multicast_routes(std::vector<MulticastRoute>& routes);

// RTM_NEWROUTE, the answer to the question below: whether packets go up to this host's
// sockets. They do not where the answer is for one that is only forwarded, which is what
// an interface of a multicast router says of every group (ip_route_input_mc() in
// net/ipv4/route.c sets RTCF_LOCAL where the host is a member).
[[nodiscard]] Result<bool> decode_accepted(Bytes message);

// How a UDP datagram from `source` to `group` that arrives on an interface is routed.
// IPv4: `group` and `source` are of that family.
[[nodiscard]] std::vector<std::uint8_t> encode_accepted_request(const IpAddress& group,
                                                                const IpAddress& source,
                                                                int ifindex);

}  // namespace mcast::netlink
