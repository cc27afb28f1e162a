// Programs of classic BPF for packet sockets that start at the IP header: what the
// kernel shall keep. Pure functions, any thread.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"

namespace mcast::netlink {

using PacketFilter = std::vector<sock_filter>;

// IGMP over IPv4: queries in either direction, and outgoing reports and leaves. Not
// what belongs to a VLAN on the interface, whose queries are the VLAN interface's; nor
// frames to other hosts that somebody's promiscuous mode lets in. Keeps up to
// `snap_length` bytes.
[[nodiscard]] PacketFilter igmp_filter(std::uint32_t snap_length);

// UDP over IPv4, fragments too, to one of the groups.
[[nodiscard]] PacketFilter group_filter(std::span<const IpAddress> groups,
                                        std::uint32_t snap_length);

}  // namespace mcast::netlink
