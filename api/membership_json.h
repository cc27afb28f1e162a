// Memberships as JSON: the same in the agent's API and in mcast-status --json. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "netlink/wire/igmp_activity.h"
#include "streams/membership_report.h"

namespace mcast::api {

// Adds "group", "family", "class", "users", "filter_mode", "sources", "joined_sources",
// "streams" to an object.
void add_membership(nlohmann::ordered_json& json, const HeldMembership& membership);

// {"name", "ifindex", "igmp_version", "forced_version", "memberships"}
[[nodiscard]] nlohmann::ordered_json interface_json(const InterfaceMemberships& interface);

// {"interfaces", "unreadable_programs"}: the above with "loopback" and "querier", null where
// none is heard.
[[nodiscard]] nlohmann::ordered_json memberships_json(
    const MembershipReport& report, const std::vector<netlink::IgmpInterfaceActivity>& igmp);

// The way back, without the queriers.
[[nodiscard]] Result<MembershipReport> parse_memberships(std::string_view text);

}  // namespace mcast::api
