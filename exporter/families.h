// What metrics_text() is made of: each function adds its families, in the order in which they
// are printed. Pure functions. Internal to this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "exporter/metrics_text.h"
#include "exporter/process_facts.h"
#include "findings/evidence.h"
#include "netlink/types.h"
#include "netlink/wire/protocol_activity.h"
#include "probe/snapshot.h"

namespace mcast::exporter {

// What the receivers count, and why silent ones get nothing.
void add_receiver_families(const std::vector<ReceiverSnapshot>& receivers, Families& families);
void add_finding_families(const std::vector<findings::StreamFindings>& streams, Families& families);
// Each sender that a receiver has heard: the labels of the receiver, and `sender`.
void add_per_sender_families(const std::vector<ReceiverSnapshot>& receivers, Families& families);

void add_sender_families(const std::vector<SenderSnapshot>& senders, Families& families);

// This host: receive sockets, memberships, addresses.
void add_socket_families(const std::vector<SocketSnapshot>& sockets, Families& families);
void add_membership_families(const netlink::HostSnapshot& host, Families& families);
void add_address_families(const netlink::HostSnapshot& host, Families& families);

// IGMP and MLD: versions in operation and forced, and what is on the wire; multicast routes.
void add_protocol_families(const netlink::HostSnapshot& host,
                           const std::vector<netlink::InterfaceActivity>& activities,
                           Families& families);
void add_route_families(const netlink::HostSnapshot& host, Families& families);

// The agent itself.
void add_agent_families(const AgentFacts& agent, Families& families);
void add_collector_families(const std::vector<CollectorResult>& collectors, Families& families);
void add_undecodable_family(const std::vector<UndecodableCount>& counts, Families& families);
void add_process_families(const ProcessFacts& process, Families& families);

}  // namespace mcast::exporter
