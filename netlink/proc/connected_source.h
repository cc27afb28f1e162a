// Which source address the kernel would choose: asked by connecting a UDP socket, which
// sends nothing. Any thread.
#pragma once

#include <optional>

#include "base/address.h"
#include "base/result.h"

namespace mcast::netlink {

// For packets to `destination`; `from` is one of this host's addresses, or nullopt.
// `scope` is the interface of an IPv6 link-local address among them, else 0. Policy rules
// are followed. The error code is ENETUNREACH where there is no way,
// EADDRNOTAVAIL where `from` is not this host's.
[[nodiscard]] Result<IpAddress> connected_source(const IpAddress& destination,
                                                 const std::optional<IpAddress>& from, int scope);

}  // namespace mcast::netlink
