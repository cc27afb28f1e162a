#include "http/socket_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace mcast::agent {

std::string UnixPeer::to_string() const {
  return "uid " + std::to_string(uid) + ", pid " + std::to_string(pid);
}

Result<UnixPeer> unix_peer(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return fail_errno("cannot tell who connected", errno);
  }
  UnixPeer peer{.uid = credentials.uid, .pid = credentials.pid, .groups = {}};
  // Says how many there are when they do not fit.
  std::vector<gid_t> groups(64);
  size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int asked = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  if (asked != 0 && errno == ERANGE) {
    groups.resize(size / sizeof(gid_t));
    asked = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  }
  if (asked == 0) {
    groups.resize(size / sizeof(gid_t));
    peer.groups = std::move(groups);
  }
  peer.groups.push_back(credentials.gid);
  return peer;
}

std::optional<std::string> refuse_peer(const UnixPeer& peer, uid_t own_user, gid_t socket_group) {
  if (peer.uid == 0 || peer.uid == own_user) return std::nullopt;
  if (std::ranges::find(peer.groups, socket_group) != peer.groups.end()) return std::nullopt;
  return "uid " + std::to_string(peer.uid) + " may not use this socket: it is for root, uid " +
         std::to_string(own_user) + " and members of group " + std::to_string(socket_group);
}

std::string tcp_peer(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "unknown";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    const std::string port = ":" + std::to_string(ntohs(v6->sin6_port));
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      (void)::inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text.data(), text.size());
      return text.data() + port;
    }
    (void)::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]" + port;
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
  (void)::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(v4->sin_port));
}

}  // namespace mcast::agent
