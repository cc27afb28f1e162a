#include "cli/status_json.h"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/version.h"

namespace mcast::cli {
namespace {

using Json = nlohmann::ordered_json;

Json list_of(const std::vector<IpAddress>& addresses) {
  Json list = Json::array();
  for (const IpAddress& address : addresses) list.push_back(address.to_string());
  return list;
}

Json json_of(const Holder& holder) {
  return {{"program", holder.program},
          {"pid", holder.pid},
          {"stream", holder.stream},
          {"source", holder.source ? Json(holder.source->to_string()) : Json()},
          {"port", holder.port}};
}

void add_membership(Json& json, const StatusMembership& membership) {
  json["group"] = membership.group.to_string();
  json["family"] = to_string(membership.group.family());
  json["class"] = multicast_class(membership.group);
  json["users"] = membership.users;
  json["filter_mode"] = to_string(membership.mode);
  json["sources"] = list_of(membership.sources);
  json["joined_sources"] = list_of(membership.joined_sources);
  Json streams = Json::array();
  for (const Holder& holder : membership.holders) streams.push_back(json_of(holder));
  json["streams"] = std::move(streams);
}

std::string text_of(const Json& json, JsonForm form) {
  return json.dump(form == JsonForm::kIndented ? 2 : -1, ' ', false,
                   Json::error_handler_t::replace) +
         "\n";
}

}  // namespace

std::string status_json(const StatusReport& report, JsonForm form) {
  Json interfaces = Json::array();
  for (const StatusInterface& interface : report.interfaces) {
    Json memberships = Json::array();
    for (const StatusMembership& membership : interface.memberships) {
      add_membership(memberships.emplace_back(Json::object()), membership);
    }
    interfaces.push_back({{"name", interface.name},
                          {"ifindex", interface.ifindex},
                          {"igmp_version", interface.igmp_version},
                          {"forced_version", interface.forced_version},
                          {"memberships", std::move(memberships)}});
  }
  return text_of({{"tool", "mcast-status"},
                  {"version", version()},
                  {"interfaces", std::move(interfaces)},
                  {"unreadable_programs", report.unreadable_programs}},
                 form);
}

std::string change_json(const MembershipChange& change) {
  Json json{{"time", utc_time(change.realtime)},
            {"event", to_string(change.kind)},
            {"interface", change.interface},
            {"ifindex", change.ifindex}};
  add_membership(json, change.membership);
  return text_of(json, JsonForm::kOneLine);
}

std::string utc_time(Nanoseconds realtime) {
  const std::time_t seconds = realtime / kSecond;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  (void)std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const std::string thousandths = std::to_string(1000 + realtime % kSecond / kMillisecond);
  return std::string(date.data()) + "." + thousandths.substr(1) + "Z";
}

}  // namespace mcast::cli
