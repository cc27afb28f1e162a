#include "api/event_json.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "api/json_reader.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

constexpr std::array kTypes{StreamEventType::kFirstPacket, StreamEventType::kStall,
                            StreamEventType::kRecovery,    StreamEventType::kRestart,
                            StreamEventType::kRemark,      StreamEventType::kTtlChange,
                            StreamEventType::kBurst,       StreamEventType::kComplete};

// `event.time` is realtime here.
void event_fields(auto& io, Like<StreamEvent> auto& event, auto& stream, std::string_view group) {
  io.written("event", event_name(event.type));
  io("time", time(event.time));
  io("stream", stream);
  io.written("group", group);
  if (event.type != StreamEventType::kStall && event.type != StreamEventType::kComplete) {
    io("sender", event.source);
  }
  // A value that is two bytes: both as keys of their own.
  const auto two_bytes = [&](const char* low_key, const char* high_key, int high_limit) {
    auto low = static_cast<int>(event.value & 0xFFU);
    auto high = static_cast<int>(event.value >> 8U & 0xFFU);
    io(low_key, within(low, 0, 255));
    io(high_key, within(high, 0, high_limit));
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(event)>>) {
      event.value = static_cast<std::uint64_t>(high) << 8U | static_cast<std::uint64_t>(low);
    }
  };
  switch (event.type) {
    case StreamEventType::kRecovery:
      io("stalled_s", seconds(event.duration));
      break;
    case StreamEventType::kRestart:
      io("sender_id", sender_id(event.value));
      break;
    case StreamEventType::kRemark:
      two_bytes("sent_dscp", "dscp", 63);
      break;
    case StreamEventType::kTtlChange:
      two_bytes("from", "to", 255);
      break;
    case StreamEventType::kBurst:
      io("packets_lost", event.value);
      io("interruption_s", seconds(event.duration));
      break;
    case StreamEventType::kFirstPacket:
    case StreamEventType::kStall:
    case StreamEventType::kComplete:
      break;
  }
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
  StreamEvent shown = event;
  shown.time += realtime_offset;
  return tree_of(object([&](auto& io) { event_fields(io, std::as_const(shown), stream, group); }));
}

Result<std::optional<NamedEvent>> parse_event(std::string_view text, Nanoseconds realtime_offset) {
  using Event = std::optional<NamedEvent>;
  return read_json<Event>(text, [&](const JsonReader& json, Event& into) {
    std::string name;
    json("event", name);
    const auto* const type = std::ranges::find(kTypes, name, event_name);
    if (type == kTypes.end()) return;
    NamedEvent& read = into.emplace();
    read.event.type = *type;
    event_fields(json, read.event, read.stream, {});
    read.event.time -= realtime_offset;
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
