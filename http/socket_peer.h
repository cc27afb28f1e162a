// Who is on the other side of a connection.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace mcast::agent {

// Of a Unix socket: as it was when the peer connected.
struct UnixPeer {
  uid_t uid = 0;
  pid_t pid = 0;
  std::vector<gid_t> groups;  // the primary one and the supplementary ones

  [[nodiscard]] std::string to_string() const;  // "uid 1000, pid 4242"
};

[[nodiscard]] Result<UnixPeer> unix_peer(int socket);

// Who may use the API's socket: root, the agent's own user, members of the socket's
// group. Pure. nullopt: may; else why not.
[[nodiscard]] std::optional<std::string> refuse_peer(const UnixPeer& peer, uid_t own_user,
                                                     gid_t socket_group);

// "192.0.2.1:40000", "[2001:db8::1]:40000"; IPv4 on an IPv6 socket looks like IPv4.
[[nodiscard]] std::string tcp_peer(int socket);

}  // namespace mcast::agent
