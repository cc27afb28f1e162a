// Questions to the kernel about this host's network, answered now. One thread at
// a time.
#pragma once

#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/socket.h"
#include "netlink/types.h"

namespace mcast::netlink {

class Host {
 public:
  [[nodiscard]] static Result<Host> open();

  [[nodiscard]] Result<std::vector<Link>> links();
  // IPv4 and IPv6.
  [[nodiscard]] Result<std::vector<InterfaceAddress>> addresses();
  // The way to an address; for a group, where packets to it go out. `from`: for
  // packets with this source address, one of this host's.
  [[nodiscard]] Result<Route> route_to(const IpAddress& destination,
                                       const std::optional<IpAddress>& from);
  // By RTM_GETMULTICAST, `users` not filled in, in ascending order. The error code
  // is EOPNOTSUPP where the kernel does not answer that question.
  [[nodiscard]] Result<std::vector<Membership>> memberships(Family family);

 private:
  explicit Host(Socket socket) : socket_(std::move(socket)) {}
  Socket socket_;
};

}  // namespace mcast::netlink
