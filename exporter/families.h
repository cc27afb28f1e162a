// All metric families, each group made of one part of the input. Internal to this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "exporter/metrics_text.h"

namespace mcast::exporter {

// stream, group, source (SSM only), interface: what every receiver metric carries.
[[nodiscard]] LabelSet receiver_labels(const ReceiverSnapshot& receiver);

// Receivers: those of the stream as a whole, whoever sends to it.
void add_receiver_families(const std::vector<ReceiverSnapshot>& receivers, Families& families);
// What receivers got from each sender's address: packets, loss, order, TTL, DSCP, jitter.
void add_per_sender_families(const std::vector<ReceiverSnapshot>& receivers, Families& families);
// This host's own senders.
void add_sender_families(const std::vector<SenderSnapshot>& senders, Families& families);

// This host: receive sockets, multicast memberships, addresses.
void add_socket_families(const std::vector<SocketSnapshot>& sockets, Families& families);
void add_membership_families(const netlink::HostSnapshot& host, Families& families);
void add_address_families(const netlink::HostSnapshot& host, Families& families);

// IGMP versions in operation and forced, from /proc.
void add_igmp_families(const netlink::HostSnapshot& host, Families& families);
// Queriers, queries and this host's reports.
void add_igmp_activity_families(const std::vector<netlink::IgmpInterfaceActivity>& igmp,
                                const netlink::HostSnapshot& host, Families& families);
void add_route_families(const netlink::HostSnapshot& host, Families& families);

// Why streams receive nothing.
void add_finding_families(const std::vector<findings::StreamFindings>& streams, Families& families);

// The agent itself: build, reloads, collectors, process.
void add_agent_families(const AgentFacts& agent, Families& families);
void add_collector_families(const std::vector<CollectorResult>& collectors, Families& families);
void add_undecodable_family(const std::vector<UndecodableCount>& counts, Families& families);
void add_process_families(const ProcessFacts& process, Families& families);

}  // namespace mcast::exporter
