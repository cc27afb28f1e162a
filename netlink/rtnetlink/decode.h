// From the bytes of rtnetlink messages to values, and the questions that they answer: pure
// functions, any thread. The bytes are what follows the netlink header. Every length is
// checked, and nothing may be left over; an error names the message and what is wrong with
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// Numbers of include/uapi/linux/rtnetlink.h that Debian 12's headers do not have. A
// membership began or ended (inet_ifmcaddr_notify() in net/ipv4/igmp.c,
// inet6_ifmcaddr_notify() in net/ipv6/mcast.c, since Linux 6.14); the question for those
// there are, whose answers are of the same type (IPv6 has it since long, IPv4 since 6.15).
inline constexpr std::uint16_t kNewMulticast = 56;     // RTM_NEWMULTICAST
inline constexpr std::uint16_t kDeleteMulticast = 57;  // RTM_DELMULTICAST
inline constexpr std::uint16_t kGetMulticast = 58;     // RTM_GETMULTICAST

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
// RTM_NEWROUTE, the answer to encode_accepted_request(): whether packets go up to this
// host's sockets. They do not where the answer is for one that is only forwarded, which is
// what an interface of a multicast router says of every group (ip_route_input_mc() in
// net/ipv4/route.c sets RTCF_LOCAL where the host is a member).
[[nodiscard]] Result<bool> decode_accepted(Bytes message);

// RTM_NEWLINK: IFLA_BR_* inside of IFLA_LINKINFO, br_fill_info() in
// net/bridge/br_netlink.c. nullopt for a link that is no bridge.
//
// A bridge that is the querier itself names itself by the address that its queries are
// sent from, which is 0.0.0.0 unless it is told to use its own
// (br_multicast_dump_querier_state() in net/bridge/br_multicast.c).
[[nodiscard]] Result<std::optional<Bridge>> decode_bridge(Bytes message);

// A message of a dump of RTM_GETMDB: struct br_port_msg and MDBA_* attributes, with any
// number of entries of one bridge; br_mdb_fill_info() in net/bridge/br_mdb.c. In
// ascending order of (bridge, group, source, port), each once.
//
// What forwards is an entry here, and what is blocked: of a group that a port wants only
// from some sources, the kernel's (*,G) entry only says that these exist, so it is left
// out and the sources are in. Entries for Ethernet addresses are left out.
[[nodiscard]] Result<std::vector<BridgeEntry>> decode_bridge_entries(Bytes message);
// Puts entries in that order, each once: a long database is sent in several messages.
void sort_bridge_entries(std::vector<BridgeEntry>& entries);

// RTM_NEWROUTE of a dump in family RTNL_FAMILY_IPMR or RTNL_FAMILY_IP6MR: struct rtmsg
// and RTA_* attributes. mr_fill_mroute() in net/ipv4/ipmr_base.c.
//
// nullopt for a route of another family: a kernel without multicast routing does not
// know the question and answers with all of its unicast routes. `incoming` is 0 too
// where the interface has left the router since.
[[nodiscard]] Result<std::optional<MulticastRoute>> decode_multicast_route(Bytes message);
// Puts routes in the order of (group, source, incoming) and makes one of those that have
// the same three: counters added, every output once.
void sort_multicast_routes(std::vector<MulticastRoute>& routes);

// The questions, as Socket sends them. `family` as in the kernel, AF_UNSPEC for all.
[[nodiscard]] std::vector<std::uint8_t> encode_link_request();
// `type`: RTM_GETADDR or kGetMulticast.
[[nodiscard]] std::vector<std::uint8_t> encode_address_request(std::uint16_t type,
                                                               std::uint8_t family);
// `ifindex`: for packets that leave by it; 0: that is asked, too.
[[nodiscard]] std::vector<std::uint8_t> encode_route_request(const IpAddress& destination,
                                                             const std::optional<IpAddress>& from,
                                                             int ifindex = 0);
// How a UDP datagram from `source` to `group` that arrives on an interface is routed. IPv4.
[[nodiscard]] std::vector<std::uint8_t> encode_accepted_request(const IpAddress& group,
                                                                const IpAddress& source,
                                                                int ifindex);
// Asks for the forwarding cache of a family; all of its tables are in the answer.
[[nodiscard]] std::vector<std::uint8_t> encode_multicast_route_request(Family family);
[[nodiscard]] std::vector<std::uint8_t> encode_bridge_entries_request();

}  // namespace mcast::netlink
