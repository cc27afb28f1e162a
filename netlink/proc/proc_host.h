// The questions of host.h by /proc and ioctls. One thread at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "netlink/host_backend.h"
#include "netlink/proc/interface_ioctls.h"

namespace mcast::netlink {

class ProcHost final : public HostBackend {
 public:
  ProcHost(std::filesystem::path proc_root, InterfaceIoctls interfaces)
      : proc_root_(std::move(proc_root)), interfaces_(std::move(interfaces)) {}

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
  std::filesystem::path proc_root_;
  InterfaceIoctls interfaces_;
};

}  // namespace mcast::netlink
