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

// Of IPv4; on a point-to-point link the host's own.
[[nodiscard]] Result<std::vector<InterfaceAddress>> ipv4_addresses_by_ioctl();

// Which source address the kernel gives to packets to that IPv4 group, asked by connecting
// a UDP socket, which sends nothing; nullopt: no route. `from` is an address of this host.
[[nodiscard]] Result<std::optional<IpAddress>> source_towards(const IpAddress& group,
                                                              const std::optional<IpAddress>& from);

}  // namespace mcast::netlink
