#include "probe/socket_options.h"

#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

namespace mcast {
namespace {

// linux/udp.h and linux/in.h clash with the C library's headers; the value is
// part of the kernel's interface (include/uapi/linux/udp.h).
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

constexpr int kReceiveBuffer = 32 << 20;
constexpr int kSendBuffer = 4 << 20;

Result<void> set_option(const FileDescriptor& socket, int level, int option, int value,
                        const char* name) {
  if (::setsockopt(socket.get(), level, option, &value, sizeof value) != 0) {
    return fail_errno(std::string("setsockopt ") + name, errno);
  }
  return {};
}

// With CAP_NET_ADMIN past net.core.rmem_max, without it as far as that goes.
void enlarge_buffer(const FileDescriptor& socket, int force_option, int option, int bytes) {
  if (::setsockopt(socket.get(), SOL_SOCKET, force_option, &bytes, sizeof bytes) != 0) {
    ::setsockopt(socket.get(), SOL_SOCKET, option, &bytes, sizeof bytes);
  }
}

sockaddr_storage to_sockaddr(const IpAddress& address, std::uint16_t port) {
  sockaddr_storage storage{};
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.v4_host_order());
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return storage;
}

// The socket functions take every address family behind one pointer type.
const sockaddr* as_sockaddr(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr*>(&storage);
}

Result<FileDescriptor> open_udp() {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot open a UDP socket", errno);
  return socket;
}

constexpr IpAddress kLoopbackAddress = IpAddress::v4(0x7F000001);

bool is_loopback(const FileDescriptor& socket, int ifindex) {
  ifreq request{};
  request.ifr_ifindex = ifindex;
  return ::ioctl(socket.get(), SIOCGIFNAME, &request) == 0 &&
         ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 &&
         (static_cast<unsigned>(request.ifr_flags) & IFF_LOOPBACK) != 0;
}

std::string join_name(const IpAddress& group, const std::optional<IpAddress>& source) {
  return source ? "(" + source->to_string() + ", " + group.to_string() + ")"
                : "(*, " + group.to_string() + ")";
}

Result<void> change_membership(const FileDescriptor& socket, const IpAddress& group,
                               const std::optional<IpAddress>& source, int ifindex, int any_option,
                               int source_option, const char* verb) {
  const int level = group.is_v4() ? IPPROTO_IP : IPPROTO_IPV6;
  int status = 0;
  if (source) {
    group_source_req request{};
    request.gsr_interface = static_cast<std::uint32_t>(ifindex);
    request.gsr_group = to_sockaddr(group, 0);
    request.gsr_source = to_sockaddr(*source, 0);
    status = ::setsockopt(socket.get(), level, source_option, &request, sizeof request);
  } else {
    group_req request{};
    request.gr_interface = static_cast<std::uint32_t>(ifindex);
    request.gr_group = to_sockaddr(group, 0);
    status = ::setsockopt(socket.get(), level, any_option, &request, sizeof request);
  }
  if (status != 0) {
    return fail_errno(std::string("cannot ") + verb + " " + join_name(group, source) +
                          " on interface index " + std::to_string(ifindex),
                      errno);
  }
  return {};
}

}  // namespace

Result<FileDescriptor> open_receive_socket(std::uint16_t port) {
  auto socket = open_udp();
  if (!socket) return socket;
  struct Option {
    int level;
    int option;
    const char* name;
  };
  constexpr std::array kRequired{
      Option{SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR"},
      Option{SOL_SOCKET, SO_TIMESTAMPNS, "SO_TIMESTAMPNS"},
      Option{IPPROTO_IP, IP_PKTINFO, "IP_PKTINFO"},
      Option{IPPROTO_IP, IP_RECVTTL, "IP_RECVTTL"},
      Option{IPPROTO_IP, IP_RECVTOS, "IP_RECVTOS"},
      Option{IPPROTO_IP, IP_MULTICAST_ALL, "IP_MULTICAST_ALL"},
  };
  for (const Option& option : kRequired) {
    if (auto set = set_option(*socket, option.level, option.option, 1, option.name); !set) {
      return std::unexpected(set.error());
    }
  }
  // Without it (before Linux 5.0) coalesced datagrams arrive one by one.
  (void)set_option(*socket, IPPROTO_UDP, UDP_GRO, 1, "UDP_GRO");
  enlarge_buffer(*socket, SO_RCVBUFFORCE, SO_RCVBUF, kReceiveBuffer);
  const sockaddr_storage any = to_sockaddr(IpAddress(), port);
  if (::bind(socket->get(), as_sockaddr(any), sizeof(sockaddr_in)) != 0) {
    const int code = errno;
    return fail_errno("cannot bind UDP port " + std::to_string(port) +
                          (code == EACCES ? " (ports below 1024 need root)" : ""),
                      code);
  }
  return socket;
}

Result<FileDescriptor> open_membership_socket() {
  return open_udp();
}

Result<void> join_group(const FileDescriptor& socket, const IpAddress& group,
                        const std::optional<IpAddress>& source, int ifindex) {
  return change_membership(socket, group, source, ifindex, MCAST_JOIN_GROUP,
                           MCAST_JOIN_SOURCE_GROUP, "join");
}

Result<void> leave_group(const FileDescriptor& socket, const IpAddress& group,
                         const std::optional<IpAddress>& source, int ifindex) {
  return change_membership(socket, group, source, ifindex, MCAST_LEAVE_GROUP,
                           MCAST_LEAVE_SOURCE_GROUP, "leave");
}

Result<SendSocket> open_send_socket(const SenderSpec& spec, int ifindex) {
  auto socket = open_udp();
  if (!socket) return std::unexpected(socket.error());
  ip_mreqn egress{};
  egress.imr_ifindex = ifindex;
  if (::setsockopt(socket->get(), IPPROTO_IP, IP_MULTICAST_IF, &egress, sizeof egress) != 0) {
    return fail_errno("cannot send out of interface index " + std::to_string(ifindex), errno);
  }
  for (const auto& set :
       {set_option(*socket, IPPROTO_IP, IP_MULTICAST_TTL, spec.ttl, "IP_MULTICAST_TTL"),
        set_option(*socket, IPPROTO_IP, IP_MULTICAST_LOOP, spec.loopback ? 1 : 0,
                   "IP_MULTICAST_LOOP"),
        set_option(*socket, IPPROTO_IP, IP_TOS, spec.dscp << 2, "IP_TOS")}) {
    if (!set) return std::unexpected(set.error());
  }
  enlarge_buffer(*socket, SO_SNDBUFFORCE, SO_SNDBUF, kSendBuffer);
  if (spec.source) {
    const sockaddr_storage local = to_sockaddr(*spec.source, 0);
    if (::bind(socket->get(), as_sockaddr(local), sizeof(sockaddr_in)) != 0) {
      return fail_errno("cannot send from source address " + spec.source->to_string(), errno);
    }
  }
  const sockaddr_storage group = to_sockaddr(spec.group, spec.port);
  if (::connect(socket->get(), as_sockaddr(group), sizeof(sockaddr_in)) != 0) {
    return fail_errno("cannot send to " + spec.group.to_string(), errno);
  }
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  // The kernel's way to fill in a sockaddr of any family.
  if (::getsockname(socket->get(), reinterpret_cast<sockaddr*>(&local), &length) != 0) {
    return fail_errno("getsockname", errno);
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &local, sizeof v4);
  const IpAddress local_address = IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  if (local_address.is_unspecified() && is_loopback(*socket, ifindex)) {
    // The kernel never chooses 127.0.0.1 for a group by itself (its scope is the
    // host, inet_select_addr() in net/ipv4/devinet.c), and this host may have
    // nothing else.
    SenderSpec from_loopback = spec;
    from_loopback.source = kLoopbackAddress;
    return open_send_socket(from_loopback, ifindex);
  }
  if (local_address.is_unspecified()) {
    return fail("cannot send to " + spec.group.to_string() +
                ": the interface has no IPv4 address to send from");
  }
  int mtu = 0;
  length = sizeof mtu;
  if (::getsockopt(socket->get(), IPPROTO_IP, IP_MTU, &mtu, &length) != 0 || mtu < 0) mtu = 0;
  return SendSocket{.socket = std::move(*socket),
                    .local_address = local_address,
                    .mtu = static_cast<std::size_t>(mtu)};
}

Result<std::uint32_t> socket_drops(const FileDescriptor& socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> values{};
  socklen_t length = sizeof values;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_MEMINFO, values.data(), &length) != 0) {
    return fail_errno("getsockopt SO_MEMINFO", errno);
  }
  return values[SK_MEMINFO_DROPS];
}

Result<std::size_t> receive_buffer_size(const FileDescriptor& socket) {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &length) != 0) {
    return fail_errno("getsockopt SO_RCVBUF", errno);
  }
  return static_cast<std::size_t>(bytes);
}

}  // namespace mcast
