#include "netlink/rtnetlink/membership_monitor.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "netlink/rtnetlink/constants.h"

namespace mcast::netlink {
namespace {

// A notification is a page at most.
constexpr std::size_t kBufferSize = 16'384;
// Room for some thousand joins at a time; the kernel grants what net.core.rmem_max
// allows.
constexpr int kReceiveBuffer = 4 << 20;

Result<void> set_option(const Socket& socket, int level, int option, unsigned value,
                        const char* what) {
  if (::setsockopt(socket.fd(), level, option, &value, sizeof value) != 0) {
    return fail_errno(what, errno);
  }
  return {};
}

}  // namespace

Result<std::vector<MembershipEvent>> decode_membership_events(Bytes datagram) {
  std::vector<MembershipEvent> events;
  while (datagram.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) {
      return fail("netlink: a message claims " + std::to_string(header.nlmsg_len) + " bytes, " +
                  std::to_string(datagram.size()) + " are there");
    }
    const Bytes payload = datagram.subspan(sizeof header, header.nlmsg_len - sizeof header);
    datagram =
        datagram.subspan(std::min<std::size_t>(datagram.size(), NLMSG_ALIGN(header.nlmsg_len)));
    if (header.nlmsg_type != kNewMulticast && header.nlmsg_type != kDeleteMulticast) continue;
    const auto membership = decode_membership(payload);
    if (!membership) return std::unexpected(membership.error());
    events.push_back({.joined = header.nlmsg_type == kNewMulticast,
                      .ifindex = membership->ifindex,
                      .group = membership->group});
  }
  if (!datagram.empty()) {
    return fail("netlink: " + std::to_string(datagram.size()) + " bytes behind the last message");
  }
  return events;
}

MembershipMonitor::MembershipMonitor(Socket socket)
    : socket_(std::move(socket)), buffer_(kBufferSize) {}

Result<MembershipMonitor> MembershipMonitor::open() {
  auto socket = Socket::open();
  if (!socket) return std::unexpected(socket.error());
  // Fewer bytes than asked for only mean a new reading sooner.
  (void)set_option(*socket, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer, "SO_RCVBUF");
  for (const unsigned group : {kIpv4MulticastGroup, kIpv6MulticastGroup}) {
    // The number of a group does not fit the mask that bind() takes.
    const auto added = set_option(*socket, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group,
                                  "cannot subscribe to joins and leaves");
    if (added) continue;
    const bool unknown = added.error().code == EINVAL;
    return std::unexpected(
        Error{.message = added.error().message, .code = unknown ? EOPNOTSUPP : added.error().code});
  }
  return MembershipMonitor(std::move(*socket));
}

Result<MembershipMonitor::Changes> MembershipMonitor::drain() {
  Changes changes;
  for (;;) {
    sockaddr_nl sender{};
    socklen_t sender_length = sizeof sender;
    const ssize_t length =
        ::recvfrom(fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT | MSG_TRUNC,
                   reinterpret_cast<sockaddr*>(&sender), &sender_length);
    if (length < 0 && errno == EAGAIN) return changes;
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno != ENOBUFS) return fail_errno("cannot read from netlink", errno);
    const auto size = static_cast<std::size_t>(length);
    if (length < 0 || size > buffer_.size()) {
      changes.lost = true;
      continue;
    }
    if (sender.nl_pid != 0) continue;  // not the kernel
    auto events = decode_membership_events(Bytes(buffer_).first(size));
    // Something happened that this program does not understand.
    if (!events) {
      changes.lost = true;
      continue;
    }
    changes.events.insert(changes.events.end(), events->begin(), events->end());
  }
}

}  // namespace mcast::netlink
