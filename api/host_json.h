// What an agent knows of its host as JSON, memberships and findings: the same in its API and in
// what the commands print. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "findings/evidence.h"
#include "findings/finding.h"
#include "netlink/types.h"
#include "netlink/wire/protocol_activity.h"
#include "streams/membership_report.h"

namespace mcast::api {

// Adds "group", "family", "class", "users", "filter_mode", "sources", "joined_sources",
// "streams" to an object.
void add_membership(nlohmann::ordered_json& json, const HeldMembership& membership);

// {"name", "ifindex", "igmp_version", "forced_version", "mld_version", "forced_mld_version",
// "memberships"}
[[nodiscard]] nlohmann::ordered_json interface_json(const InterfaceMemberships& interface);

// {"interfaces", "unreadable_programs"}: the above with "loopback", "querier" (of IGMP) and
// "mld_querier", null where none is heard.
[[nodiscard]] std::string memberships_json(const MembershipReport& report,
                                           const std::vector<netlink::InterfaceActivity>& activity);

// The way back, without the queriers.
[[nodiscard]] Result<MembershipReport> parse_memberships(std::string_view text);

// {"routes": [{"group", "family", "source", "incoming", "outgoing", "packets", "bytes",
// "wrong_interface_packets"}]}: the multicast routes of a router. `source` null: (*,G);
// `incoming` null: waits for the routing daemon's answer.
[[nodiscard]] std::string routes_json(const netlink::HostSnapshot& host);

// {"findings": [{"kind", "stream", "group", "source", "interface", "port", "examined", "checks"}]}
[[nodiscard]] std::string findings_json(const std::vector<findings::StreamFindings>& streams);

// The way back. A check that this version does not know is left out.
[[nodiscard]] Result<std::vector<findings::StreamFindings>> parse_findings(std::string_view text);

// {"check", "verdict", "seen"}, and of what was found "meaning" and "remedy".
[[nodiscard]] nlohmann::ordered_json finding_json(const findings::Finding& finding);

// One line of what mcast-receive --events prints: {"event": "finding", "time", "stream",
// "group", "check", "seen", "meaning", "remedy"}. `time`: since 1970.
[[nodiscard]] std::string finding_event_json(const findings::Subject& subject,
                                             const findings::Finding& finding, Nanoseconds time);

}  // namespace mcast::api
