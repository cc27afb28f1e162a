// The checks, each a pure function of what was seen. Any thread.
//
// A check says kFound only of what it has seen; where another check has the cause (no
// interface, no join, a filter), it leaves it to that one.
#pragma once

#include <vector>

#include "findings/evidence.h"
#include "findings/finding.h"

namespace mcast::findings {

// In findings/check_host.cpp: what this host does to receive.
[[nodiscard]] Finding check_interface(const Evidence& evidence, const HostEvidence& host);
[[nodiscard]] Finding check_join(const Evidence& evidence, const HostEvidence& host);
[[nodiscard]] Finding check_igmp_version(const Evidence& evidence, const HostEvidence& host);

// In findings/check_path.cpp: the way in.
[[nodiscard]] Finding check_reverse_path_filter(const Evidence& evidence, const HostEvidence& host);
[[nodiscard]] Finding check_route_to_source(const Evidence& evidence, const HostEvidence& host);

// In findings/check_bridge.cpp
[[nodiscard]] Finding check_querier(const Evidence& evidence, const HostEvidence& host);
[[nodiscard]] Finding check_bridge_entry(const Evidence& evidence, const HostEvidence& host);

// In findings/check_router.cpp: where this host is a router for the group.
[[nodiscard]] Finding check_ttl(const Evidence& evidence, const HostEvidence& host);
[[nodiscard]] Finding check_multicast_route(const Evidence& evidence, const HostEvidence& host);

// In findings/check_delivery.cpp: from the wire to the socket.
[[nodiscard]] Finding check_delivery(const Evidence& evidence, const HostEvidence& host);
[[nodiscard]] Finding check_expected_traffic(const Evidence& evidence, const HostEvidence& host);
[[nodiscard]] Finding check_socket_buffer(const Evidence& evidence, const HostEvidence& host);
// `others`: what the other checks said.
[[nodiscard]] Finding check_traffic(const Evidence& evidence, const HostEvidence& host,
                                    const std::vector<Finding>& others);

// All of them, in the order of kAllChecks.
[[nodiscard]] std::vector<Finding> examine(const Evidence& evidence, const HostEvidence& host);

}  // namespace mcast::findings
