#include "probe/socket_options.h"

#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>
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

// The scope is an interface's index: a link-local address of IPv6 needs it, others do not mind.
sockaddr_storage to_sockaddr(const IpAddress& address, std::uint16_t port, int scope) {
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
    v6.sin6_scope_id = static_cast<std::uint32_t>(scope);
    std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return storage;
}

IpAddress from_sockaddr(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage, sizeof v6);
  return IpAddress::v6(std::bit_cast<std::array<std::uint8_t, 16>>(v6.sin6_addr));
}

// The socket functions take every address family behind one pointer type.
const sockaddr* as_sockaddr(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr*>(&storage);
}

// What the two families call the same things.
struct FamilyOptions {
  int domain = 0;
  int level = 0;
  socklen_t address_size = 0;
  int header_bytes = 0;  // IP and UDP
  int multicast_hops = 0;
  int multicast_loop = 0;
  int traffic_class = 0;
  int mtu = 0;
};

const FamilyOptions& options_of(Family family) {
  static constexpr FamilyOptions kIpv4{.domain = AF_INET,
                                       .level = IPPROTO_IP,
                                       .address_size = sizeof(sockaddr_in),
                                       .header_bytes = 20 + 8,
                                       .multicast_hops = IP_MULTICAST_TTL,
                                       .multicast_loop = IP_MULTICAST_LOOP,
                                       .traffic_class = IP_TOS,
                                       .mtu = IP_MTU};
  static constexpr FamilyOptions kIpv6{.domain = AF_INET6,
                                       .level = IPPROTO_IPV6,
                                       .address_size = sizeof(sockaddr_in6),
                                       .header_bytes = 40 + 8,
                                       .multicast_hops = IPV6_MULTICAST_HOPS,
                                       .multicast_loop = IPV6_MULTICAST_LOOP,
                                       .traffic_class = IPV6_TCLASS,
                                       .mtu = IPV6_MTU};
  return family == Family::kIpv4 ? kIpv4 : kIpv6;
}

Result<FileDescriptor> open_udp(Family family) {
  FileDescriptor socket(
      ::socket(options_of(family).domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    const int code = errno;
    const bool is_switched_off = family == Family::kIpv6 && code == EAFNOSUPPORT;
    return fail_errno(is_switched_off ? "this host has no IPv6" : "cannot open a UDP socket", code);
  }
  return socket;
}

// Where a socket's multicast goes out.
Result<void> set_egress(const FileDescriptor& socket, Family family, int ifindex) {
  ip_mreqn egress{};
  egress.imr_ifindex = ifindex;
  const bool is_v4 = family == Family::kIpv4;
  const int status =
      is_v4 ? ::setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &egress, sizeof egress)
            : ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof ifindex);
  if (status == 0) return {};
  return fail_errno("cannot send out of interface index " + std::to_string(ifindex), errno);
}

Result<IpAddress> local_address_of(const FileDescriptor& socket) {
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  // The kernel's way to fill in a sockaddr of any family.
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&local), &length) != 0) {
    return fail_errno("getsockname", errno);
  }
  return from_sockaddr(local);
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
  const int level = options_of(group.family()).level;
  int status = 0;
  if (source) {
    group_source_req request{};
    request.gsr_interface = static_cast<std::uint32_t>(ifindex);
    request.gsr_group = to_sockaddr(group, 0, ifindex);
    request.gsr_source = to_sockaddr(*source, 0, ifindex);
    status = ::setsockopt(socket.get(), level, source_option, &request, sizeof request);
  } else {
    group_req request{};
    request.gr_interface = static_cast<std::uint32_t>(ifindex);
    request.gr_group = to_sockaddr(group, 0, ifindex);
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

Result<FileDescriptor> open_receive_socket(Family family, std::uint16_t port) {
  auto socket = open_udp(family);
  if (!socket) return socket;
  struct Option {
    int level;
    int option;
    const char* name;
  };
  constexpr std::array kOfBoth{Option{SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR"},
                               Option{SOL_SOCKET, SO_TIMESTAMPNS, "SO_TIMESTAMPNS"}};
  constexpr std::array kOfIpv4{Option{IPPROTO_IP, IP_PKTINFO, "IP_PKTINFO"},
                               Option{IPPROTO_IP, IP_RECVTTL, "IP_RECVTTL"},
                               Option{IPPROTO_IP, IP_RECVTOS, "IP_RECVTOS"},
                               Option{IPPROTO_IP, IP_MULTICAST_ALL, "IP_MULTICAST_ALL"}};
  // IPV6_MULTICAST_ALL is 1 from the start, and before Linux 4.20 nothing else.
  constexpr std::array kOfIpv6{Option{IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY"},
                               Option{IPPROTO_IPV6, IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO"},
                               Option{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, "IPV6_RECVHOPLIMIT"},
                               Option{IPPROTO_IPV6, IPV6_RECVTCLASS, "IPV6_RECVTCLASS"}};
  const std::span<const Option> of_family = family == Family::kIpv4 ? kOfIpv4 : kOfIpv6;
  for (const std::span<const Option> options : {std::span<const Option>(kOfBoth), of_family}) {
    for (const Option& option : options) {
      if (auto set = set_option(*socket, option.level, option.option, 1, option.name); !set) {
        return std::unexpected(set.error());
      }
    }
  }
  // Without it (before Linux 5.0) coalesced datagrams arrive one by one.
  (void)set_option(*socket, IPPROTO_UDP, UDP_GRO, 1, "UDP_GRO");
  enlarge_buffer(*socket, SO_RCVBUFFORCE, SO_RCVBUF, kReceiveBuffer);
  const IpAddress wildcard = family == Family::kIpv4 ? IpAddress() : IpAddress::v6({});
  const sockaddr_storage any = to_sockaddr(wildcard, port, 0);
  if (::bind(socket->get(), as_sockaddr(any), options_of(family).address_size) != 0) {
    const int code = errno;
    return fail_errno("cannot bind UDP port " + std::to_string(port) +
                          (code == EACCES ? " (ports below 1024 need root)" : ""),
                      code);
  }
  return socket;
}

Result<FileDescriptor> open_membership_socket(Family family) {
  return open_udp(family);
}

bool is_full(const Error& error) {
  return error.code == ENOBUFS || error.code == ENOMEM;
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
  const Family family = spec.group.family();
  const FamilyOptions& options = options_of(family);
  auto socket = open_udp(family);
  if (!socket) return std::unexpected(socket.error());
  if (auto set = set_egress(*socket, family, ifindex); !set) return std::unexpected(set.error());
  for (const auto& set :
       {set_option(*socket, options.level, options.multicast_hops, spec.ttl, "multicast hops"),
        set_option(*socket, options.level, options.multicast_loop, spec.loopback ? 1 : 0,
                   "multicast loop"),
        set_option(*socket, options.level, options.traffic_class, spec.dscp << 2,
                   "traffic class")}) {
    if (!set) return std::unexpected(set.error());
  }
  enlarge_buffer(*socket, SO_SNDBUFFORCE, SO_SNDBUF, kSendBuffer);
  // The kernel does not say more than EADDRNOTAVAIL of an address that is not on this host, and
  // of one that may not be used yet.
  const auto refused = [&](const std::string& what) {
    const int code = errno;
    const bool may_be_new = family == Family::kIpv6 && code == EADDRNOTAVAIL;
    return fail_errno(what + (may_be_new ? " (an IPv6 address cannot be used before duplicate "
                                           "address detection is over, about 2 s after link up)"
                                         : ""),
                      code);
  };
  if (spec.source) {
    const sockaddr_storage local = to_sockaddr(*spec.source, 0, ifindex);
    if (::bind(socket->get(), as_sockaddr(local), options.address_size) != 0) {
      return refused("cannot send from source address " + spec.source->to_string());
    }
  }
  const sockaddr_storage group = to_sockaddr(spec.group, spec.port, ifindex);
  if (::connect(socket->get(), as_sockaddr(group), options.address_size) != 0) {
    return refused("cannot send to " + spec.group.to_string());
  }
  const auto local_address = local_address_of(*socket);
  if (!local_address) return std::unexpected(local_address.error());
  if (local_address->is_unspecified() && family == Family::kIpv4 && is_loopback(*socket, ifindex)) {
    // The kernel never chooses 127.0.0.1 for a group by itself (its scope is the
    // host, inet_select_addr() in net/ipv4/devinet.c), and this host may have
    // nothing else.
    SenderSpec from_loopback = spec;
    from_loopback.source = kLoopbackAddress;
    return open_send_socket(from_loopback, ifindex);
  }
  if (local_address->is_unspecified()) {
    return fail("cannot send to " + spec.group.to_string() + ": the interface has no " +
                (family == Family::kIpv4 ? "IPv4" : "IPv6") + " address to send from");
  }
  int mtu = 0;
  socklen_t length = sizeof mtu;
  if (::getsockopt(socket->get(), options.level, options.mtu, &mtu, &length) != 0 || mtu < 0) {
    mtu = 0;
  }
  return SendSocket{
      .socket = std::move(*socket),
      .local_address = *local_address,
      .max_payload = static_cast<std::size_t>(std::max(0, mtu - options.header_bytes))};
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
