// From the bytes of rtnetlink messages about bridges to values: pure functions, any
// thread. The bytes are what follows the netlink header. Every length is checked; an
// error names the message and what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "netlink/rtnetlink/attributes.h"
#include "netlink/types.h"

namespace mcast::netlink {

// RTM_NEWLINK: IFLA_BR_* inside of IFLA_LINKINFO, br_fill_info() in
// net/bridge/br_netlink.c. nullopt for a link that is no bridge.
//
// A bridge that is the querier itself names itself by the address that its queries are
// sent from, which is 0.0.0.0 unless it is told to use its own
// (br_multicast_dump_querier_state() in net/bridge/br_multicast.c).
[[nodiscard]] Result<std::optional<Bridge>> decode_bridge(Bytes message);

// A message of a dump of RTM_GETMDB: struct br_port_msg and MDBA_* attributes, with any
// number of entries of one bridge; br_mdb_fill_info() in net/bridge/br_mdb.c. In
// ascending order of (bridge, group, source, port), each once.
//
// What forwards is an entry here, and what is blocked: of a group that a port wants from
// some sources alone, the kernel's (*,G) entry only says that these exist, so it is left
// out and the sources are in. Entries for Ethernet addresses are left out.
[[nodiscard]] Result<std::vector<BridgeEntry>> decode_bridge_entries(Bytes message);

[[nodiscard]] std::vector<std::uint8_t> encode_bridge_entries_request();

// Puts entries in the order of decode_bridge_entries(), each once: a long database is
// sent in several messages.
void sort_bridge_entries(std::vector<BridgeEntry>& entries);

}  // namespace mcast::netlink
