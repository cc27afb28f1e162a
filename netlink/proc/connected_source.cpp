#include "netlink/proc/connected_source.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/file_descriptor.h"
#include "netlink/host_backend.h"

namespace mcast::netlink {
namespace {

constexpr std::uint16_t kDiscardPort = 9;  // any but 0; nothing is sent there

// Calls use(address, length).
template <typename Use>
int with_address(const IpAddress& address, std::uint16_t port, int scope, Use use) {
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
    return use(reinterpret_cast<const sockaddr*>(&v4), static_cast<socklen_t>(sizeof v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_scope_id = static_cast<std::uint32_t>(scope);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
  return use(reinterpret_cast<const sockaddr*>(&v6), static_cast<socklen_t>(sizeof v6));
}

}  // namespace

Result<IpAddress> connected_source(const IpAddress& destination,
                                   const std::optional<IpAddress>& from, int scope) {
  const std::string what = "the route to " + destination.to_string();
  const FileDescriptor socket(
      ::socket(destination.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno(what, errno);
  if (from) {
    const int bound = with_address(*from, 0, scope, [&](const sockaddr* address, socklen_t size) {
      return ::bind(socket.get(), address, size);
    });
    if (bound != 0) return fail_errno(what + " from " + from->to_string(), errno);
  }
  const int connected =
      with_address(destination, kDiscardPort, scope, [&](const sockaddr* address, socklen_t size) {
        return ::connect(socket.get(), address, size);
      });
  if (connected != 0 && (errno == ENETUNREACH || errno == EHOSTUNREACH)) {
    return std::unexpected(no_route_to(destination));
  }
  if (connected != 0) return fail_errno(what, errno);
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    return fail_errno(what, errno);
  }
  if (own.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &own, sizeof v4);
    return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &own, sizeof v6);
  return IpAddress::from_bytes(std::span<const std::uint8_t>(v6.sin6_addr.s6_addr));
}

}  // namespace mcast::netlink
