// The questions of host.h by rtnetlink. One thread at a time.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "netlink/host_backend.h"
#include "netlink/rtnetlink/socket.h"

namespace mcast::netlink {

class RtnetlinkHost final : public HostBackend {
 public:
  explicit RtnetlinkHost(Socket socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Result<std::vector<Link>> links() override;
  [[nodiscard]] Result<std::vector<InterfaceAddress>> addresses() override;
  [[nodiscard]] Result<Route> route_to(const IpAddress& destination,
                                       const std::optional<IpAddress>& from) override;
  [[nodiscard]] Result<std::vector<Membership>> memberships(Family family) override;
  [[nodiscard]] Result<std::vector<MulticastRoute>> multicast_routes() override;
  [[nodiscard]] Result<std::vector<Bridge>> bridges() override;
  [[nodiscard]] Result<std::vector<BridgeEntry>> bridge_entries() override;
  [[nodiscard]] Result<bool> accepts(const IpAddress& group, const IpAddress& source,
                                     int ifindex) override;

 private:
  Socket socket_;
};

}  // namespace mcast::netlink
