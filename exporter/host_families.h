// Metrics of this host: receive sockets, multicast memberships, addresses. Internal to this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "netlink/types.h"
#include "probe/snapshot.h"

namespace mcast::exporter {

void add_socket_families(const std::vector<SocketSnapshot>& sockets, Families& families);
void add_membership_families(const netlink::HostSnapshot& host, Families& families);
void add_address_families(const netlink::HostSnapshot& host, Families& families);

}  // namespace mcast::exporter
