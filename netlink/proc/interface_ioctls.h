// What ioctls say about the interfaces of this network namespace, for programs that may
// not use netlink. One thread at a time; a namespace is that of the thread that opened
// the socket. No privilege is needed. net/core/dev_ioctl.c, net/ipv4/devinet.c,
// net/bridge/br_ioctl.c.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

class InterfaceIoctls {
 public:
  [[nodiscard]] static Result<InterfaceIoctls> open();

  // nullopt: there is no such interface (any more). Without `master` and `kind`.
  // `carrier` is what the driver says (ETHTOOL_GLINK), else IFF_RUNNING.
  [[nodiscard]] Result<std::optional<Link>> link(const std::string& name) const;

  // IPv4 addresses of all interfaces, secondary ones too.
  [[nodiscard]] Result<std::vector<InterfaceAddress>> ipv4_addresses() const;

  // The index of the bridge that an interface is a port of, by the interface's index;
  // and the bridges themselves. Empty on a kernel that has none.
  struct BridgePorts {
    std::vector<int> bridges;
    std::map<int, int> bridge_of;
  };
  [[nodiscard]] Result<BridgePorts> bridge_ports() const;

  // Six bytes of an Ethernet address, as /sys/class/net/NAME/address prints them:
  // "02:00:00:00:00:01". nullopt: it has none or there is no such interface.
  [[nodiscard]] std::optional<std::string> hardware_address(const std::string& name) const;

 private:
  explicit InterfaceIoctls(FileDescriptor socket) : socket_(std::move(socket)) {}

  FileDescriptor socket_;
};

}  // namespace mcast::netlink
