#include "api/sender_json.h"

#include "api/histogram_json.h"
#include "api/json_reader.h"
#include "api/json_values.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

void write(JsonWriter& json, const SenderSnapshot& sender, Detail detail) {
  const SenderSpec& spec = sender.spec;
  json.begin_object();
  json.key("name");
  json.text(spec.name);
  json.key("origin");
  json.text(to_string(spec.origin));
  json.key("group");
  json.address(spec.group);
  json.key("source");
  spec.source ? json.address(*spec.source) : json.null();
  json.key("interface");
  json.text(sender.interface);
  json.key("port");
  json.number(spec.port);
  json.key("rate_pps");
  json.number(spec.packets_per_second);
  json.key("size");
  json.number(spec.size);
  json.key("ttl");
  json.number(spec.ttl);
  json.key("dscp");
  json.number(spec.dscp);
  json.key("loopback");
  json.boolean(spec.loopback);
  json.key("packet_limit");
  json.number(spec.packet_limit);
  json.key("duration_s");
  json.seconds(spec.duration);
  json.key("labels");
  json.labels(spec.labels);
  json.key("state");
  json.text(to_string(sender.state));
  json.key("state_since");
  json.time(sender.state_since_realtime);
  json.key("error");
  sender.error.empty() ? json.null() : json.text(sender.error);
  json.key("local_address");
  sender.local_address ? json.address(*sender.local_address) : json.null();
  json.key("sender_id");
  json.text(sender_id_text(sender.sender_id));
  json.key("packets");
  json.number(sender.packets);
  json.key("bytes");
  json.number(sender.bytes);
  json.key("skipped");
  json.number(sender.skipped);
  json.key("errors");
  json.begin_object();
  for (const auto& [name, times] : sender.errors) {
    json.key(name);
    json.number(times);
  }
  json.end_object();
  if (detail == Detail::kFull) {
    json.key("schedule_lag");
    write_histogram(json, sender.schedule_lag);
  }
  json.end_object();
}

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
  sender.state_since_realtime = json.time("state_since").value_or(0);
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

std::string sender_json(const SenderSnapshot& sender, Detail detail) {
  JsonWriter json;
  write(json, sender, detail);
  return json.take();
}

std::string senders_json(const std::vector<SenderSnapshot>& senders, Nanoseconds realtime,
                         Detail detail) {
  JsonWriter json;
  json.begin_object();
  json.key("time");
  json.time(realtime);
  json.key("senders");
  json.begin_array();
  for (const SenderSnapshot& sender : senders) write(json, sender, detail);
  json.end_array();
  json.end_object();
  return json.take();
}

Result<std::vector<SenderSnapshot>> parse_senders(std::string_view text) {
  return read_json<std::vector<SenderSnapshot>>(text, [](const JsonReader& json) {
    std::vector<SenderSnapshot> senders;
    for (const JsonReader& sender : json.list("senders")) senders.push_back(read_sender(sender));
    return senders;
  });
}

}  // namespace mcast::api
