// Questions to the kernel about this host's network, answered now, by rtnetlink. They are
// about the network namespace of the thread that called open(). One thread at a time.
//
// A sandbox may forbid netlink. A host that is opened there answers what streams need to
// attach, by ioctl: interfaces, IPv4 addresses, and where packets to a group go out. To
// every other question it says that it cannot know, with the error code EOPNOTSUPP.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/rtnetlink/socket.h"
#include "netlink/types.h"

namespace mcast::netlink {

class Host {
 public:
  [[nodiscard]] static Result<Host> open();

  [[nodiscard]] bool has_netlink() const { return socket_.has_value(); }
  // For the log, once, where netlink is not available: why, and what is unknown therefore.
  [[nodiscard]] std::string what_is_unknown() const;

  // In ascending order of the index. Without netlink `kind` and `master` are not known.
  [[nodiscard]] Result<std::vector<Link>> links();

  // IPv4 and IPv6; without netlink those of IPv4.
  [[nodiscard]] Result<std::vector<InterfaceAddress>> addresses();

  // The way to an address; for a group, where packets to it go out. `from`: for
  // packets with this source address, one of this host's. The error code is ENETUNREACH
  // where there is none. `ifindex`: by that interface. Without netlink the answer is for groups of
  // IPv4 only, by any interface.
  [[nodiscard]] Result<Route> route_to(const IpAddress& destination,
                                       const std::optional<IpAddress>& from, int ifindex = 0);

  // In ascending order. By RTM_GETMULTICAST, `users` not filled in; the error code is
  // EOPNOTSUPP where the kernel does not answer that question.
  [[nodiscard]] Result<std::vector<Membership>> memberships(Family family);

  // The multicast forwarding cache of both families, in ascending order of (group,
  // source, incoming), each of these once; empty on a kernel without multicast routing.
  // All tables are in it, of which an interface is usually in one (a daemon with
  // VRFs has a table for each); where two have the same three, their counters are added.
  [[nodiscard]] Result<std::vector<MulticastRoute>> multicast_routes();

  // In ascending order of the index; no bridge, no error.
  [[nodiscard]] Result<std::vector<Bridge>> bridges();

  // What bridges have learnt, in ascending order of (bridge, group, source, port); nothing
  // of a bridge whose snooping is off.
  [[nodiscard]] Result<std::vector<BridgeEntry>> bridge_entries();

  // The chains of nftables with their rules, in no order. EPERM: CAP_NET_ADMIN is missing.
  [[nodiscard]] Result<std::vector<FilterChain>> packet_filter();

  // Whether IP input would hand a UDP datagram from `source` to `group`, arriving on that
  // interface, to this host's sockets: false where nobody here has joined it there, where
  // IGMPv3 source filters of the interface leave the source out, and where the reverse
  // path filter drops it. It says nothing of firewalls and of the sockets' own filters.
  // ip_route_input_mc() in net/ipv4/route.c.
  //
  // The error code is EOPNOTSUPP for IPv6, which looks memberships up after it has routed;
  // ENODEV where there is no such interface. `source` is unicast.
  [[nodiscard]] Result<bool> accepts(const IpAddress& group, const IpAddress& source, int ifindex);

 private:
  explicit Host(std::optional<Socket> socket, std::string why_no_netlink = {})
      : socket_(std::move(socket)), why_no_netlink_(std::move(why_no_netlink)) {}

  [[nodiscard]] std::unexpected<Error> not_known(const std::string& what) const;

  std::optional<Socket> socket_;
  std::string why_no_netlink_;
};

}  // namespace mcast::netlink
