// What a killed program of ours has left on the host, mended at the start of every
// other one.
#pragma once

#include "base/log.h"
#include "netlink/forced_igmp_version.h"

namespace mcast {

// Where the programs of a host write down which IGMP versions they force.
inline constexpr const char* kStateDirectory = "/run/mcast-agent";

// Puts back the IGMP versions that dead programs had forced; says so in the log.
void put_back_igmp_versions(netlink::ForcedIgmpVersions& igmp_versions, Log& log);

}  // namespace mcast
