#include "netlink/rtnetlink/socket.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace mcast::netlink {
namespace {

constexpr std::size_t kBufferSize =
    std::size_t{256} * 1024;  // the kernel fills at most 32 KiB at a time
constexpr int kDumpTries = 5;
constexpr timeval kAnswerTimeout{.tv_sec = 2, .tv_usec = 0};

}  // namespace

void Socket::Close::operator()(mnl_socket* socket) const {
  ::mnl_socket_close(socket);
}

Socket::Socket(mnl_socket* socket) : socket_(socket), buffer_(kBufferSize) {}

Result<Socket> Socket::open(std::uint32_t groups) {
  Socket result(::mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (!result.socket_) return fail_errno("cannot open a netlink socket", errno);
  if (::mnl_socket_bind(result.socket_.get(), groups, MNL_SOCKET_AUTOPID) != 0) {
    return fail_errno("cannot bind a netlink socket", errno);
  }
  if (::setsockopt(result.fd(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerTimeout, sizeof kAnswerTimeout) !=
      0) {
    return fail_errno("setsockopt SO_RCVTIMEO on netlink", errno);
  }
  return result;
}

int Socket::fd() const {
  return ::mnl_socket_get_fd(socket_.get());
}

Result<void> Socket::send(std::uint16_t type, std::uint16_t flags,
                          std::span<const std::uint8_t> request) {
  std::array<std::uint8_t, 1024> message{};
  if (request.size() > message.size() - sizeof(nlmsghdr)) return fail("netlink request too long");
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + request.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  header.nlmsg_seq = ++sequence_;
  std::memcpy(message.data(), &header, sizeof header);
  std::ranges::copy(request, message.begin() + sizeof header);
  if (::mnl_socket_sendto(socket_.get(), message.data(), header.nlmsg_len) < 0) {
    return fail_errno("cannot send to netlink", errno);
  }
  return {};
}

Result<void> Socket::dump(std::uint16_t type, std::span<const std::uint8_t> request,
                          const std::function<void()>& on_start, const OnMessage& on_message) {
  for (int i = 0; i < kDumpTries; ++i) {
    on_start();
    if (auto sent = send(type, NLM_F_DUMP, request); !sent) return sent;
    const auto complete = receive(true, on_message);
    if (!complete) return std::unexpected(complete.error());
    if (*complete) return {};
  }
  return fail("netlink: the answer changed while it was read, " + std::to_string(kDumpTries) +
              " times in a row");
}

Result<void> Socket::ask(std::uint16_t type, std::span<const std::uint8_t> request,
                         const OnMessage& on_message) {
  if (auto sent = send(type, 0, request); !sent) return sent;
  const auto complete = receive(false, on_message);
  if (!complete) return std::unexpected(complete.error());
  return {};
}

Result<bool> Socket::receive(bool is_dump, const OnMessage& on_message) {
  bool interrupted = false;
  for (;;) {
    const ssize_t length = ::mnl_socket_recvfrom(socket_.get(), buffer_.data(), buffer_.size());
    if (length < 0) {
      return fail_errno(errno == EAGAIN ? "no answer from netlink" : "cannot read from netlink",
                        errno);
    }
    std::span<const std::uint8_t> rest(buffer_.data(), static_cast<std::size_t>(length));
    while (rest.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header{};
      std::memcpy(&header, rest.data(), sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size()) {
        return fail("netlink: a message claims " + std::to_string(header.nlmsg_len) + " bytes, " +
                    std::to_string(rest.size()) + " are there");
      }
      const auto payload = rest.subspan(sizeof header, header.nlmsg_len - sizeof header);
      rest = rest.subspan(std::min<std::size_t>(rest.size(), NLMSG_ALIGN(header.nlmsg_len)));
      // An answer to an earlier question that somebody gave up on.
      if (header.nlmsg_seq != sequence_) continue;
      if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
      if (header.nlmsg_type == NLMSG_DONE) {
        // A dump that failed midway says so here.
        int code = 0;
        if (payload.size() >= sizeof code) std::memcpy(&code, payload.data(), sizeof code);
        if (code < 0 && code > -4096) return fail_errno("netlink", -code);
        return !interrupted;
      }
      if (header.nlmsg_type == NLMSG_ERROR) {
        int code = 0;
        if (payload.size() < sizeof code) return fail("netlink: an error without a code");
        std::memcpy(&code, payload.data(), sizeof code);
        if (code == 0) return true;
        return fail_errno("netlink", code < 0 && code > -4096 ? -code : EIO);
      }
      if (header.nlmsg_type == NLMSG_NOOP || header.nlmsg_type == NLMSG_OVERRUN) continue;
      if (auto taken = on_message(header.nlmsg_type, payload); !taken) {
        return std::unexpected(taken.error());
      }
      if (!is_dump) return true;
    }
  }
}

Result<bool> Socket::discard_one() {
  const ssize_t length = ::recv(fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (length >= 0) return true;
  if (errno == EAGAIN || errno == EINTR) return false;
  return fail_errno("cannot read from netlink", errno);
}

}  // namespace mcast::netlink
