// Questions to the kernel about this host's network, answered now. One thread at
// a time.
//
// There are two ways to ask, behind the same functions: rtnetlink, and /proc with a few
// ioctls where netlink is forbidden or not wanted. The second knows less; each function
// says what. The first speaks of the network namespace of the thread that opened it. The
// second mixes sockets of that thread with /proc/net, which is the namespace of the
// process's first thread: a thread that changed its own gives "/proc/thread-self" as
// `proc_root`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/host_backend.h"
#include "netlink/types.h"

namespace mcast::netlink {

class Host {
 public:
  enum class Way : std::uint8_t { kNetlink, kProc };

  // By rtnetlink.
  [[nodiscard]] static Result<Host> open();
  // By /proc and ioctls alone: no netlink socket is made, not by libc either.
  // `proc_root` is "/proc" outside of tests.
  [[nodiscard]] static Result<Host> without_netlink(std::filesystem::path proc_root = "/proc");

  [[nodiscard]] Way way() const { return way_; }

  // In ascending order of the index. Without netlink: `kind` is "bridge" or nothing, and
  // `master` is known of the ports of bridges, not of bonds.
  [[nodiscard]] Result<std::vector<Link>> links() { return backend_->links(); }

  // IPv4 and IPv6. Without netlink: on a point-to-point link the same, the host's own.
  [[nodiscard]] Result<std::vector<InterfaceAddress>> addresses() { return backend_->addresses(); }

  // The way to an address; for a group, where packets to it go out. `from`: for
  // packets with this source address, one of this host's. The error code is ENETUNREACH
  // where there is none.
  //
  // Without netlink: whether there is a way and its preferred source are the kernel's
  // word. Interface and gateway are what the main routing table says, or the interface
  // that has the source address where the main table has no such route; a policy rule
  // that leads elsewhere with an address of this interface goes unseen.
  [[nodiscard]] Result<Route> route_to(const IpAddress& destination,
                                       const std::optional<IpAddress>& from) {
    return backend_->route_to(destination, from);
  }

  // In ascending order. By RTM_GETMULTICAST, `users` not filled in; the error code is
  // EOPNOTSUPP where the kernel does not answer that question. Without netlink: with
  // their users, from /proc/net/igmp and igmp6; without IPv6, none of IPv6.
  [[nodiscard]] Result<std::vector<Membership>> memberships(Family family) {
    return backend_->memberships(family);
  }

  // The multicast forwarding cache of both families, in ascending order of (group,
  // source, incoming), each of these once; empty on a kernel without multicast routing.
  // By netlink: of all tables, of which an interface is usually in one (a daemon with
  // VRFs has a table for each); where two have the same three, their counters are added.
  // Without netlink: of the default table of each family.
  [[nodiscard]] Result<std::vector<MulticastRoute>> multicast_routes() {
    return backend_->multicast_routes();
  }

  // In ascending order of the index. Without netlink: as /sys/class/net says where that
  // can be shown to be of this network namespace, else the error code is EOPNOTSUPP;
  // no bridge, no error.
  [[nodiscard]] Result<std::vector<Bridge>> bridges() { return backend_->bridges(); }

  // What bridges have learnt, in ascending order of (bridge, group, source, port); none
  // of a bridge whose snooping is off. Without netlink: the error code is EOPNOTSUPP.
  [[nodiscard]] Result<std::vector<BridgeEntry>> bridge_entries() {
    return backend_->bridge_entries();
  }

  // Whether IP input would hand a UDP datagram from `source` to `group`, arriving on that
  // interface, to this host's sockets: false where nobody here has joined it there, where
  // IGMPv3 source filters of the interface leave the source out, and where the reverse
  // path filter drops it. It says nothing of firewalls and of the sockets' own filters.
  // ip_route_input_mc() in net/ipv4/route.c.
  //
  // The error code is EOPNOTSUPP without netlink, and for IPv6, which looks memberships up
  // after it has routed; ENODEV where there is no such interface. `source` is unicast.
  [[nodiscard]] Result<bool> accepts(const IpAddress& group, const IpAddress& source, int ifindex) {
    return backend_->accepts(group, source, ifindex);
  }

 private:
  Host(Way way, std::unique_ptr<HostBackend> backend) : way_(way), backend_(std::move(backend)) {}

  Way way_;
  std::unique_ptr<HostBackend> backend_;
};

}  // namespace mcast::netlink
