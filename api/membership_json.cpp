#include "api/membership_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "api/json_reader.h"
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

constexpr int kMaxInt = std::numeric_limits<int>::max();

std::vector<IpAddress> read_addresses(const JsonReader& json, const char* key) {
  std::vector<IpAddress> addresses;
  for (const std::string& text : json.texts(key)) {
    const auto address = IpAddress::parse(text);
    if (!address) throw JsonReader::Fault(std::string("'") + key + "' has what is no IP address");
    addresses.push_back(*address);
  }
  return addresses;
}

HeldMembership read_membership(const JsonReader& json) {
  HeldMembership membership;
  membership.group = json.address("group");
  membership.users = static_cast<std::uint32_t>(json.integer("users", 0, kMaxInt));
  membership.mode = json.one_of("filter_mode", {FilterMode::kInclude, FilterMode::kExclude});
  membership.sources = read_addresses(json, "sources");
  membership.joined_sources = read_addresses(json, "joined_sources");
  for (const JsonReader& holder : json.list("streams")) {
    membership.holders.push_back(
        {.program = holder.text("program"),
         .pid = holder.integer("pid", 0, kMaxInt),
         .stream = holder.text("stream"),
         .source = holder.optional_address("source"),
         .port = static_cast<std::uint16_t>(holder.integer("port", 0, 65'535))});
  }
  return membership;
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

Result<MembershipReport> parse_memberships(std::string_view text) {
  return read_json<MembershipReport>(text, [](const JsonReader& json) {
    MembershipReport report;
    for (const JsonReader& interface : json.list("interfaces")) {
      InterfaceMemberships& read = report.interfaces.emplace_back();
      read.ifindex = interface.integer("ifindex", 0, kMaxInt);
      read.name = interface.text("name");
      read.loopback = interface.boolean("loopback");
      read.igmp_version = interface.integer("igmp_version", 0, 3);
      read.forced_version = interface.integer("forced_version", 0, 3);
      for (const JsonReader& membership : interface.list("memberships")) {
        read.memberships.push_back(read_membership(membership));
      }
    }
    report.unreadable_programs = json.count("unreadable_programs");
    return report;
  });
}

}  // namespace mcast::api
