#include "api/event_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/json_reader.h"
#include "api/json_values.h"

namespace mcast::api {
namespace {

constexpr std::array kTypes{StreamEventType::kFirstPacket, StreamEventType::kStall,
                            StreamEventType::kRecovery,    StreamEventType::kRestart,
                            StreamEventType::kRemark,      StreamEventType::kTtlChange,
                            StreamEventType::kBurst,       StreamEventType::kComplete};

std::uint64_t two_bytes(int high, int low) {
  return static_cast<std::uint64_t>(high) << 8U | static_cast<std::uint64_t>(low);
}

StreamEvent read_event(const JsonReader& json, StreamEventType type, Nanoseconds offset) {
  StreamEvent event{.type = type,
                    .stream = 0,
                    .source = {},
                    .time = json.time("time").value_or(0) - offset,
                    .value = 0,
                    .duration = 0};
  if (type != StreamEventType::kStall && type != StreamEventType::kComplete) {
    event.source = json.address("sender");
  }
  switch (type) {
    case StreamEventType::kRecovery:
      event.duration = json.duration("stalled_s");
      break;
    case StreamEventType::kRestart:
      event.value = json.sender_id("sender_id");
      break;
    case StreamEventType::kRemark:
      event.value = two_bytes(json.integer("dscp", 0, 63), json.integer("sent_dscp", 0, 255));
      break;
    case StreamEventType::kTtlChange:
      event.value = two_bytes(json.integer("to", 0, 255), json.integer("from", 0, 255));
      break;
    case StreamEventType::kBurst:
      event.value = json.count("packets_lost");
      event.duration = json.duration("interruption_s");
      break;
    case StreamEventType::kFirstPacket:
    case StreamEventType::kStall:
    case StreamEventType::kComplete:
      break;
  }
  return event;
}

}  // namespace

std::string_view event_name(StreamEventType type) {
  switch (type) {
    case StreamEventType::kFirstPacket:
      return "first-packet";
    case StreamEventType::kStall:
      return "stall";
    case StreamEventType::kRecovery:
      return "recovery";
    case StreamEventType::kRestart:
      return "restart";
    case StreamEventType::kRemark:
      return "remark";
    case StreamEventType::kTtlChange:
      return "ttl-change";
    case StreamEventType::kBurst:
      return "burst";
    case StreamEventType::kComplete:
      return "complete";
  }
  return "unknown";
}

nlohmann::ordered_json event_json(const StreamEvent& event, std::string_view stream,
                                  std::string_view group, Nanoseconds realtime_offset) {
  nlohmann::ordered_json json;
  json["event"] = event_name(event.type);
  json["time"] = time_text(event.time + realtime_offset);
  json["stream"] = valid_utf8(stream);
  json["group"] = group;
  const auto high = static_cast<int>(event.value >> 8U & 0xFFU);
  const auto low = static_cast<int>(event.value & 0xFFU);
  const auto sender = [&] { json["sender"] = event.source.to_string(); };
  switch (event.type) {
    case StreamEventType::kFirstPacket:
      sender();
      break;
    case StreamEventType::kRecovery:
      sender();
      json["stalled_s"] = to_seconds(event.duration);
      break;
    case StreamEventType::kRestart:
      sender();
      json["sender_id"] = sender_id_text(static_cast<std::uint32_t>(event.value));
      break;
    case StreamEventType::kRemark:
      sender();
      json["sent_dscp"] = low;
      json["dscp"] = high;
      break;
    case StreamEventType::kTtlChange:
      sender();
      json["from"] = low;
      json["to"] = high;
      break;
    case StreamEventType::kBurst:
      sender();
      json["packets_lost"] = event.value;
      json["interruption_s"] = to_seconds(event.duration);
      break;
    case StreamEventType::kStall:
    case StreamEventType::kComplete:
      break;
  }
  return json;
}

Result<std::optional<NamedEvent>> parse_event(std::string_view text, Nanoseconds realtime_offset) {
  return read_json<std::optional<NamedEvent>>(
      text, [&](const JsonReader& json) -> std::optional<NamedEvent> {
        const auto* const type = std::ranges::find(kTypes, json.text("event"), event_name);
        if (type == kTypes.end()) return std::nullopt;
        return NamedEvent{.event = read_event(json, *type, realtime_offset),
                          .stream = json.text("stream")};
      });
}

nlohmann::ordered_json membership_event_json(bool joined, std::string_view interface, int ifindex,
                                             const IpAddress& group, Nanoseconds realtime) {
  return {{"event", joined ? "join" : "leave"},
          {"time", time_text(realtime)},
          {"interface", valid_utf8(interface)},
          {"ifindex", ifindex},
          {"group", group.to_string()}};
}

}  // namespace mcast::api
