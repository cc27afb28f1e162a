#include "api/sender_json.h"

#include <nlohmann/json.hpp>

#include "api/histogram_json.h"
#include "api/json_reader.h"
#include "api/json_values.h"

namespace mcast::api {
namespace {

using Json = nlohmann::ordered_json;

SenderSnapshot read_sender(const JsonReader& json) {
  SenderSnapshot sender;
  SenderSpec& spec = sender.spec;
  spec.name = json.text("name");
  spec.origin = json.origin("origin");
  spec.group = json.address("group");
  spec.source = json.optional_address("source");
  sender.interface = json.text("interface");
  spec.interface = sender.interface;
  spec.port = static_cast<std::uint16_t>(json.integer("port", 0, 65'535));
  spec.packets_per_second = json.number("rate_pps");
  spec.size = static_cast<std::size_t>(
      json.integer("size", static_cast<int>(kMinDatagramSize), static_cast<int>(kMaxDatagramSize)));
  spec.ttl = static_cast<std::uint8_t>(json.integer("ttl", 0, 255));
  spec.dscp = static_cast<std::uint8_t>(json.integer("dscp", 0, 63));
  spec.loopback = json.boolean("loopback");
  spec.packet_limit = json.count("packet_limit");
  spec.duration = json.duration("duration_s");
  spec.labels = json.labels("labels");
  sender.state =
      json.one_of("state", {SenderState::kSending, SenderState::kFinished, SenderState::kFailed});
  sender.error = json.optional_text("error");
  sender.local_address = json.optional_address("local_address");
  sender.sender_id = json.sender_id("sender_id");
  sender.packets = json.count("packets");
  sender.bytes = json.count("bytes");
  sender.skipped = json.count("skipped");
  const JsonReader errors = json.object("errors");
  for (const auto& [name, times] : errors.json().items()) {
    sender.errors[name] = errors.count(name.c_str());
  }
  if (const auto lag = json.optional("schedule_lag")) read_histogram(*lag, sender.schedule_lag);
  return sender;
}

}  // namespace

Json sender_json(const SenderSnapshot& sender, Detail detail) {
  const SenderSpec& spec = sender.spec;
  Json json{
      {"name", valid_utf8(spec.name)},
      {"origin", to_string(spec.origin)},
      {"group", spec.group.to_string()},
      {"source", spec.source ? Json(spec.source->to_string()) : Json()},
      {"interface", valid_utf8(sender.interface)},
      {"port", spec.port},
      {"rate_pps", spec.packets_per_second},
      {"size", spec.size},
      {"ttl", spec.ttl},
      {"dscp", spec.dscp},
      {"loopback", spec.loopback},
      {"packet_limit", spec.packet_limit},
      {"duration_s", to_seconds(spec.duration)},
      {"labels", labels_json(spec.labels)},
      {"state", to_string(sender.state)},
      {"error", sender.error.empty() ? Json() : Json(valid_utf8(sender.error))},
      {"local_address", sender.local_address ? Json(sender.local_address->to_string()) : Json()},
      {"sender_id", sender_id_text(sender.sender_id)},
      {"packets", sender.packets},
      {"bytes", sender.bytes},
      {"skipped", sender.skipped},
      {"errors", Json(sender.errors)}};
  if (detail == Detail::kFull) json["schedule_lag"] = histogram_json(sender.schedule_lag);
  return json;
}

Json senders_json(const std::vector<SenderSnapshot>& senders, Nanoseconds realtime, Detail detail) {
  Json list = Json::array();
  for (const SenderSnapshot& sender : senders) list.push_back(sender_json(sender, detail));
  return {{"time", time_text(realtime)}, {"senders", std::move(list)}};
}

Result<std::vector<SenderSnapshot>> parse_senders(std::string_view text) {
  return read_json<std::vector<SenderSnapshot>>(text, [](const JsonReader& json) {
    std::vector<SenderSnapshot> senders;
    for (const JsonReader& sender : json.list("senders")) senders.push_back(read_sender(sender));
    return senders;
  });
}

}  // namespace mcast::api
