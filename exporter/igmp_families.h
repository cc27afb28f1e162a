// IGMP as it is spoken on the wire, and the multicast routes of this host, as
// metrics. Internal to this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "netlink/types.h"
#include "netlink/wire/igmp_activity.h"

namespace mcast::exporter {

// Versions in operation and forced, from /proc.
void add_igmp_families(const netlink::HostSnapshot& host, Families& families);
// Queriers, queries and this host's reports.
void add_igmp_activity_families(const std::vector<netlink::IgmpInterfaceActivity>& igmp,
                                const netlink::HostSnapshot& host, Families& families);
void add_route_families(const netlink::HostSnapshot& host, Families& families);

}  // namespace mcast::exporter
