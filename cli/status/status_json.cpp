#include "cli/status/status_json.h"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "api/membership_json.h"
#include "base/version.h"

namespace mcast::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json, JsonForm form) {
  return json.dump(form == JsonForm::kIndented ? 2 : -1, ' ', false,
                   Json::error_handler_t::replace) +
         "\n";
}

}  // namespace

std::string status_json(const MembershipReport& report, JsonForm form) {
  Json interfaces = Json::array();
  for (const InterfaceMemberships& interface : report.interfaces) {
    interfaces.push_back(api::interface_json(interface));
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
  api::add_membership(json, change.membership);
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
