#include "api/agent_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/json.h"

namespace mcast::api {
namespace {

using Type = StreamEventType;

constexpr std::array<std::pair<Type, std::string_view>, 9> kNames{
    {{Type::kFirstPacket, "first-packet"},
     {Type::kStall, "stall"},
     {Type::kRecovery, "recovery"},
     {Type::kRestart, "restart"},
     {Type::kRemark, "remark"},
     {Type::kTtlChange, "ttl-change"},
     {Type::kBurst, "burst"},
     {Type::kEnded, "ended"},
     {Type::kComplete, "complete"}}};

// `event.time` is realtime here.
void event_fields(auto& io, Like<StreamEvent> auto& event, auto& stream, std::string_view group) {
  io.written("event", event_name(event.type));
  io("time", event.time, kTime);
  io("stream", stream);
  io.written("group", group);
  if (event.type != Type::kStall && event.type != Type::kComplete) io("sender", event.source);
  // A value that is two bytes: both as keys of their own.
  const auto two_bytes = [&](const char* low_key, const char* high_key, int high_limit) {
    auto low = event.value & 0xFFU;
    auto high = event.value >> 8U & 0xFFU;
    io(low_key, low, within(0, 255));
    io(high_key, high, within(0, high_limit));
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(event)>>) {
      event.value = high << 8U | low;
    }
  };
  switch (event.type) {
    case Type::kRecovery:
      io("stalled_s", event.duration, kSeconds);
      break;
    case Type::kRestart:
      io("sender_id", event.value, kSenderId);
      break;
    case Type::kRemark:
      two_bytes("sent_dscp", "dscp", 63);
      break;
    case Type::kTtlChange:
      two_bytes("from", "to", 255);
      break;
    case Type::kBurst:
      io("packets_lost", event.value);
      io("interruption_s", event.duration, kSeconds);
      break;
    case Type::kFirstPacket:
    case Type::kStall:
    case Type::kEnded:
    case Type::kComplete:
      break;
  }
}

}  // namespace

void fields(auto& io, Like<AgentStatus> auto& status) {
  io("version", status.version);
  io.written("revision", status.revision);
  io.written("compiler", status.compiler);
  io("host", status.host);
  io.written("pid", status.pid);
  io("started", status.started, kTime);
  io("time", status.time, kTime);
  io("config", [&](auto& config) {
    config("file", status.config_file, kTextOrNull);
    config("last_reload_successful", status.reload_successful);
    config.written("last_reload_success_time", status.reload_success_time, kTime);
    config("errors", status.config_errors);
  });
  io("streams", [&](auto& streams) {
    streams("receivers", status.receivers);
    streams("senders", status.senders);
  });
}

std::string agent_status_json(const AgentStatus& status) {
  return text_of(status);
}

Result<AgentStatus> parse_agent_status(std::string_view text) {
  return read_json<AgentStatus>(text);
}

std::string_view event_name(StreamEventType type) {
  const auto* const found = std::ranges::find(kNames, type, &decltype(kNames)::value_type::first);
  return found == kNames.end() ? "unknown" : found->second;
}

std::string event_json(const StreamEvent& event, std::string_view stream, std::string_view group,
                       Nanoseconds realtime_offset) {
  StreamEvent shown = event;
  shown.time += realtime_offset;
  return text_of([&](auto& io) { event_fields(io, std::as_const(shown), stream, group); });
}

Result<std::optional<NamedEvent>> parse_event(std::string_view text, Nanoseconds realtime_offset) {
  using Event = std::optional<NamedEvent>;
  return read_json<Event>(text, [&](const JsonReader& json, Event& into) {
    std::string name;
    json("event", name);
    const auto* const found =
        std::ranges::find(kNames, name, &decltype(kNames)::value_type::second);
    if (found == kNames.end()) return;
    NamedEvent& read = into.emplace();
    read.event.type = found->first;
    event_fields(json, read.event, read.stream, {});
    read.event.time -= realtime_offset;
  });
}

std::string_view error_code(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 10> kCodes{
      {{400, "bad_request"},
       {401, "unauthorized"},
       {403, "forbidden"},
       {404, "not_found"},
       {405, "method_not_allowed"},
       {408, "timeout"},
       {413, "too_large"},
       {429, "too_many"},
       {431, "too_large"},
       {503, "stopping"}}};
  for (const auto& [known, code] : kCodes) {
    if (known == status) return code;
  }
  return "internal";
}

std::string error_json(std::string_view code, std::string_view message, std::string_view field,
                       const std::vector<std::string>& errors) {
  const std::string text = text_of([&](auto& io) {
    io("error", [&](auto& error) {
      error("code", code);
      error("message", message);
      error("field", std::string(field), kTextOrNull);
      if (!errors.empty()) error("errors", errors);
    });
  });
  return errors.empty() ? text + "\n" : to_text(nlohmann::ordered_json::parse(text), false);
}

}  // namespace mcast::api
