#include "netlink/proc/source_filter_anchor.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mcast::netlink {
namespace {

// LOOPBACK_IFINDEX in include/net/flow.h: the same in every network namespace.
constexpr int kLoopbackIndex = 1;
// From the ends of the ranges that hosts allocate by themselves (RFC 4607): 232/8, and
// ff31::/96, which does not leave the interface.
constexpr IpAddress kGroup4 = IpAddress::v4(0xE8FFFFFF);
constexpr IpAddress kGroup6 = IpAddress::v6(
    std::array<std::uint8_t, 16>{0xFF, 0x31, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF});

sockaddr_storage socket_address(const IpAddress& address) {
  sockaddr_storage storage{};
  storage.ss_family = address.is_v4() ? AF_INET : AF_INET6;
  const std::size_t at =
      address.is_v4() ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr);
  std::memcpy(reinterpret_cast<char*>(&storage) + at, address.bytes().data(),
              address.bytes().size());
  return storage;
}

FileDescriptor joined(const IpAddress& group, const IpAddress& source) {
  FileDescriptor socket(::socket(group.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  group_source_req request{};
  request.gsr_interface = kLoopbackIndex;
  request.gsr_group = socket_address(group);
  request.gsr_source = socket_address(source);
  (void)::setsockopt(socket.get(), group.is_v4() ? IPPROTO_IP : IPPROTO_IPV6,
                     MCAST_JOIN_SOURCE_GROUP, &request, sizeof request);
  return socket;
}

}  // namespace

SourceFilterAnchor::SourceFilterAnchor()
    : v4_(joined(kGroup4, IpAddress::v4(INADDR_LOOPBACK))),
      v6_(joined(kGroup6, IpAddress::v6(std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                                     0, 0, 0, 0, 0, 1}))) {}

bool is_source_filter_anchor(int ifindex, const IpAddress& group) {
  return ifindex == kLoopbackIndex && (group == kGroup4 || group == kGroup6);
}

}  // namespace mcast::netlink
