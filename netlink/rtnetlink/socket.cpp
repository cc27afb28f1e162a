#include "netlink/rtnetlink/socket.h"

#include <libmnl/libmnl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
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

Result<std::optional<Message>> take_message(Bytes& datagram) {
  if (datagram.empty()) return std::optional<Message>();
  Message message;
  if (datagram.size() < sizeof message.header) {
    return fail("netlink: " + std::to_string(datagram.size()) + " bytes behind the last message");
  }
  std::memcpy(&message.header, datagram.data(), sizeof message.header);
  // Not by mnl_nlmsg_ok(), which takes a length beyond 2 GiB for a negative one.
  const std::size_t length = message.header.nlmsg_len;
  if (length < sizeof message.header || length > datagram.size()) {
    return fail("netlink: a message claims " + std::to_string(length) + " bytes, " +
                std::to_string(datagram.size()) + " are there");
  }
  message.payload = datagram.first(length).subspan(sizeof message.header);
  datagram = datagram.subspan(std::min<std::size_t>(datagram.size(), NLMSG_ALIGN(length)));
  return message;
}

void Socket::Close::operator()(mnl_socket* socket) const {
  ::mnl_socket_close(socket);
}

Socket::Socket(mnl_socket* socket) : socket_(socket), buffer_(kBufferSize) {}

Result<Socket> Socket::open(std::uint32_t groups, int protocol) {
  Socket result(::mnl_socket_open2(protocol, SOCK_CLOEXEC));
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

Result<void> Socket::send(std::vector<std::uint8_t>& request, unsigned flags) {
  auto& header = *reinterpret_cast<nlmsghdr*>(request.data());
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  header.nlmsg_seq = ++sequence_;
  if (::mnl_socket_sendto(socket_.get(), request.data(), request.size()) < 0) {
    return fail_errno("cannot send to netlink", errno);
  }
  return {};
}

Result<void> Socket::dump(std::vector<std::uint8_t> request, const std::function<void()>& on_start,
                          const OnMessage& on_message) {
  for (int i = 0; i < kDumpTries; ++i) {
    on_start();
    if (auto sent = send(request, NLM_F_DUMP); !sent) return sent;
    const auto complete = receive(true, on_message);
    if (!complete) return std::unexpected(complete.error());
    if (*complete) return {};
  }
  return fail("netlink: the answer changed while it was read, " + std::to_string(kDumpTries) +
              " times in a row");
}

Result<void> Socket::ask(std::vector<std::uint8_t> request, const OnMessage& on_message) {
  if (auto sent = send(request, 0); !sent) return sent;
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
    Bytes rest = Bytes(buffer_).first(static_cast<std::size_t>(length));
    for (;;) {
      const auto message = take_message(rest);
      if (!message) return std::unexpected(message.error());
      if (!*message) break;
      const auto& [header, payload] = **message;
      // An answer to an earlier question that somebody gave up on.
      if (header.nlmsg_seq != sequence_) continue;
      if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
      const bool is_error = header.nlmsg_type == NLMSG_ERROR;
      // A dump that failed midway says so at its end.
      if (is_error || header.nlmsg_type == NLMSG_DONE) {
        int code = 0;
        if (payload.size() >= sizeof code) {
          std::memcpy(&code, payload.data(), sizeof code);
        } else if (is_error) {
          return fail("netlink: an error without a code");
        }
        if (code < 0 && code > -4096) return fail_errno("netlink", -code);
        if (is_error && code != 0) return fail_errno("netlink", EIO);
        return is_error || !interrupted;
      }
      if (header.nlmsg_type == NLMSG_NOOP || header.nlmsg_type == NLMSG_OVERRUN) continue;
      if (auto taken = on_message(header.nlmsg_type, payload); !taken) {
        return std::unexpected(taken.error());
      }
      if (!is_dump) return true;
    }
  }
}

Result<void> Socket::drain(const std::function<void(std::optional<Bytes>)>& on_datagram) {
  for (;;) {
    sockaddr_nl sender{};
    socklen_t sender_length = sizeof sender;
    const ssize_t length =
        ::recvfrom(fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT | MSG_TRUNC,
                   reinterpret_cast<sockaddr*>(&sender), &sender_length);
    if (length < 0 && errno == EAGAIN) return {};
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno != ENOBUFS) return fail_errno("cannot read from netlink", errno);
    const auto size = static_cast<std::size_t>(length);
    if (length < 0 || size > buffer_.size()) {
      on_datagram(std::nullopt);
    } else if (sender.nl_pid == 0) {  // the kernel
      on_datagram(Bytes(buffer_).first(size));
    }
  }
}

}  // namespace mcast::netlink
