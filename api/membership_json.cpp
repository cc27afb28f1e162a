#include "api/membership_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json_values.h"

namespace mcast::api {
namespace {

using Json = nlohmann::ordered_json;

Json list_of(const std::vector<IpAddress>& addresses) {
  Json list = Json::array();
  for (const IpAddress& address : addresses) list.push_back(address.to_string());
  return list;
}

Json holder_json(const Holder& holder) {
  return {{"program", valid_utf8(holder.program)},
          {"pid", holder.pid},
          {"stream", valid_utf8(holder.stream)},
          {"source", holder.source ? Json(holder.source->to_string()) : Json()},
          {"port", holder.port}};
}

Json querier_json(const std::optional<netlink::IgmpQuerier>& querier) {
  if (!querier) return {};
  return {{"address", querier->address.to_string()},
          {"version", querier->version},
          {"last_query", time_or_null(querier->last_query.realtime)}};
}

}  // namespace

void add_membership(Json& json, const HeldMembership& membership) {
  json["group"] = membership.group.to_string();
  json["family"] = to_string(membership.group.family());
  json["class"] = multicast_class(membership.group);
  json["users"] = membership.users;
  json["filter_mode"] = to_string(membership.mode);
  json["sources"] = list_of(membership.sources);
  json["joined_sources"] = list_of(membership.joined_sources);
  Json streams = Json::array();
  for (const Holder& holder : membership.holders) streams.push_back(holder_json(holder));
  json["streams"] = std::move(streams);
}

Json interface_json(const InterfaceMemberships& interface) {
  Json memberships = Json::array();
  for (const HeldMembership& membership : interface.memberships) {
    add_membership(memberships.emplace_back(Json::object()), membership);
  }
  return {{"name", valid_utf8(interface.name)},
          {"ifindex", interface.ifindex},
          {"igmp_version", interface.igmp_version},
          {"forced_version", interface.forced_version},
          {"memberships", std::move(memberships)}};
}

Json memberships_json(const MembershipReport& report,
                      const std::vector<netlink::IgmpInterfaceActivity>& igmp) {
  Json interfaces = Json::array();
  for (const InterfaceMemberships& interface : report.interfaces) {
    const auto activity =
        std::ranges::find(igmp, interface.ifindex, &netlink::IgmpInterfaceActivity::ifindex);
    Json json = interface_json(interface);
    json["loopback"] = interface.loopback;
    json["querier"] = activity == igmp.end() ? Json() : querier_json(activity->querier);
    interfaces.push_back(std::move(json));
  }
  return {{"interfaces", std::move(interfaces)},
          {"unreadable_programs", report.unreadable_programs}};
}

}  // namespace mcast::api
