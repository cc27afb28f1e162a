// Hears of each join and leave on this host as the kernel makes it: the netlink
// groups RTNLGRP_IPV4_MCADDR and RTNLGRP_IPV6_MCADDR, Linux 6.14 and newer. One
// thread.
//
// The kernel says when an (interface, group) entry begins and when it ends; not when
// a second socket joins the same group, nor when a source is added to it.
#pragma once

#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/rtnetlink/socket.h"
#include "netlink/types.h"

namespace mcast::netlink {

struct MembershipEvent {
  bool joined = false;  // false: left
  int ifindex = 0;
  IpAddress group;

  friend bool operator==(const MembershipEvent&, const MembershipEvent&) = default;
};

// The events of one datagram, in its order; messages of other types are skipped. A
// datagram that is not whole is an error. Pure, any thread. Formats:
// inet_ifmcaddr_notify() in net/ipv4/igmp.c, inet6_ifmcaddr_notify() in
// net/ipv6/mcast.c.
[[nodiscard]] Result<std::vector<MembershipEvent>> decode_membership_events(Bytes datagram);

class MembershipMonitor {
 public:
  // The error code is EOPNOTSUPP on a kernel that has no such notifications.
  [[nodiscard]] static Result<MembershipMonitor> open();

  // Readable when something happened.
  [[nodiscard]] int fd() const { return socket_.fd(); }

  struct Changes {
    std::vector<MembershipEvent> events;
    // The kernel had to drop some: what is true now must be read again.
    bool lost = false;
  };
  // Takes all notifications that wait. Never blocks.
  [[nodiscard]] Result<Changes> drain();

 private:
  explicit MembershipMonitor(Socket socket) : socket_(std::move(socket)) {}
  Socket socket_;
};

}  // namespace mcast::netlink
