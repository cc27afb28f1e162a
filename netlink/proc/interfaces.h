// What streams need to know of interfaces where netlink is forbidden: asked of
// /proc/net/dev and by ioctl, in the network namespace of this thread. Any thread.
#pragma once

#include <optional>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// In ascending order of the index, without `kind` and `master`.
[[nodiscard]] Result<std::vector<Link>> links_by_ioctl();

// Those of IPv4; on a point-to-point link the host's own.
[[nodiscard]] Result<std::vector<InterfaceAddress>> ipv4_addresses_by_ioctl();

// Where packets to that IPv4 group go out: the interface of the source address that the kernel
// gives to them, asked by connecting a UDP socket, which sends nothing. `from` is an address
// of this host. The error code is ENETUNREACH or EHOSTUNREACH where there is no route.
[[nodiscard]] Result<std::optional<Route>> route_by_socket(const IpAddress& group,
                                                           const std::optional<IpAddress>& from);

}  // namespace mcast::netlink
