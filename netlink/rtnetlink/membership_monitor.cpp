#include "netlink/rtnetlink/membership_monitor.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "netlink/rtnetlink/decode.h"

namespace mcast::netlink {
namespace {

// Numbers of include/uapi/linux/rtnetlink.h that Debian 12's headers do not have:
// RTNLGRP_IPV4_MCADDR and RTNLGRP_IPV6_MCADDR.
constexpr unsigned kIpv4MulticastGroup = 37;
constexpr unsigned kIpv6MulticastGroup = 38;
// Room for some thousand joins at a time; the kernel grants what net.core.rmem_max
// allows.
constexpr int kReceiveBuffer = 4 << 20;

}  // namespace

Result<std::vector<MembershipEvent>> decode_membership_events(Bytes datagram) {
  std::vector<MembershipEvent> events;
  for (;;) {
    const auto message = take_message(datagram);
    if (!message) return std::unexpected(message.error());
    if (!*message) return events;
    const auto& [header, payload] = **message;
    const bool joined = header.nlmsg_type == kNewMulticast;
    if (!joined && header.nlmsg_type != kDeleteMulticast) continue;
    const auto membership = decode_membership(payload);
    if (!membership) return std::unexpected(membership.error());
    events.push_back(
        {.joined = joined, .ifindex = membership->ifindex, .group = membership->group});
  }
}

Result<MembershipMonitor> MembershipMonitor::open() {
  auto socket = Socket::open();
  if (!socket) return std::unexpected(socket.error());
  // Fewer bytes than asked for only mean a new reading sooner.
  (void)::setsockopt(socket->fd(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  for (const unsigned group : {kIpv4MulticastGroup, kIpv6MulticastGroup}) {
    // The number of a group does not fit the mask that bind() takes.
    if (::setsockopt(socket->fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) ==
        0) {
      continue;
    }
    auto failed = fail_errno("cannot subscribe to joins and leaves", errno);
    if (failed.error().code == EINVAL) failed.error().code = EOPNOTSUPP;
    return failed;
  }
  return MembershipMonitor(std::move(*socket));
}

Result<MembershipMonitor::Changes> MembershipMonitor::drain() {
  Changes changes;
  auto drained = socket_.drain([&](std::optional<Bytes> datagram) {
    const auto events = datagram ? decode_membership_events(*datagram) : fail("dropped");
    if (events) {
      changes.events.insert(changes.events.end(), events->begin(), events->end());
    } else {
      // Something happened that this program did not hear of, or does not understand.
      changes.lost = true;
    }
  });
  if (!drained) return std::unexpected(drained.error());
  return changes;
}

}  // namespace mcast::netlink
