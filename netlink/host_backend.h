// What class Host (host.h) asks: a way to put its questions to the kernel. There are
// two, rtnetlink_host.h and proc_host.h. One thread at a time.
#pragma once

#include <cerrno>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// The functions are those of Host, which says what they mean.
class HostBackend {
 public:
  HostBackend() = default;
  HostBackend(const HostBackend&) = delete;
  HostBackend& operator=(const HostBackend&) = delete;
  virtual ~HostBackend() = default;

  [[nodiscard]] virtual Result<std::vector<Link>> links() = 0;
  [[nodiscard]] virtual Result<std::vector<InterfaceAddress>> addresses() = 0;
  [[nodiscard]] virtual Result<Route> route_to(const IpAddress& destination,
                                               const std::optional<IpAddress>& from) = 0;
  [[nodiscard]] virtual Result<std::vector<Membership>> memberships(Family family) = 0;
  [[nodiscard]] virtual Result<std::vector<MulticastRoute>> multicast_routes() = 0;
  [[nodiscard]] virtual Result<std::vector<Bridge>> bridges() = 0;
  [[nodiscard]] virtual Result<std::vector<BridgeEntry>> bridge_entries() = 0;
  [[nodiscard]] virtual Result<bool> accepts(const IpAddress& group, const IpAddress& source,
                                             int ifindex) = 0;
};

// What route_to() says where there is no way.
[[nodiscard]] inline Error no_route_to(const IpAddress& destination) {
  return Error{.message = "no route to " + destination.to_string() +
                          "; name an interface, or add a route to it",
               .code = ENETUNREACH};
}

}  // namespace mcast::netlink
