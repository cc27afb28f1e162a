#include "findings/arrivals.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace mcast::findings {
namespace {

constexpr int kMaxAtOnce = 4096;

}  // namespace

Result<Arrivals> Arrivals::open(const IpAddress& group, std::uint16_t port) {
  const std::string what = "UDP port " + std::to_string(port);
  if (!group.is_v4()) return fail(what + " of an IPv6 group cannot be looked at yet");
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno(what, errno);
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::setsockopt(socket.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0) {
    return fail_errno(what, errno);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(group.v4_host_order());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE) {
      return std::unexpected(Error{.message = what + " is held by a socket that does not share it",
                                   .code = EADDRINUSE});
    }
    return fail_errno(what, errno);
  }
  struct stat status{};
  if (::fstat(socket.get(), &status) != 0) return fail_errno(what, errno);
  return Arrivals(group, port, std::move(socket), status.st_ino);
}

void Arrivals::drain() {
  for (int i = 0; i < kMaxAtOnce; ++i) {
    sockaddr_in source{};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_name = &source;
    message.msg_namelen = sizeof source;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    // Nothing of the datagram itself is wanted.
    if (::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_TRUNC) < 0) {
      if (errno == EINTR || errno == ECONNREFUSED) continue;
      return;
    }
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != IPPROTO_IP || header->cmsg_type != IP_PKTINFO) continue;
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      count(info.ipi_ifindex, IpAddress::v4(ntohl(source.sin_addr.s_addr)));
    }
  }
}

void Arrivals::count(int ifindex, const IpAddress& source) {
  for (Count& known : counts_) {
    if (known.ifindex == ifindex && known.source == source) {
      ++known.datagrams;
      return;
    }
  }
  if (counts_.size() < kMaxCounts) counts_.push_back({ifindex, source, 1});
}

}  // namespace mcast::findings
