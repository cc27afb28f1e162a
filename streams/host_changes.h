// What a program of ours must not leave changed on the host, however it ends.
#pragma once

#include "base/log.h"
#include "netlink/forcing/forced_igmp_version.h"

namespace mcast {

// Where the programs of a host write down which IGMP versions they force.
inline constexpr const char* kStateDirectory = "/run/mcast-agent";

// Puts back the IGMP versions that dead programs had forced; says so in the log.
void put_back_igmp_versions(netlink::ForcedIgmpVersions& igmp_versions, Log& log);

// Puts back what this program forces if it crashes. A CrashHandler exists.
void restore_in_a_crash(netlink::ForcedIgmpVersions& igmp_versions);

}  // namespace mcast
