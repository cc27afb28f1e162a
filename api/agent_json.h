// What an agent says of itself as JSON, each on one line: its status, what happens, and why it
// refuses a request. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "probe/stream_event.h"

namespace mcast::api {

struct AgentStatus {
  std::string version = {};
  std::string revision = {};
  std::string compiler = {};
  std::string host = {};
  int pid = 0;
  Nanoseconds started = 0;  // since 1970, as `time`
  Nanoseconds time = 0;
  std::string config_file = {};  // "": the demonstration
  bool reload_successful = true;
  Nanoseconds reload_success_time = 0;          // of the last one that went well
  std::vector<std::string> config_errors = {};  // of the last reload
  std::uint64_t receivers = 0;
  std::uint64_t senders = 0;
};

[[nodiscard]] std::string agent_status_json(const AgentStatus& status);
[[nodiscard]] Result<AgentStatus> parse_agent_status(std::string_view text);

// "first-packet", "stall", "recovery", "restart", "remark", "ttl-change", "burst",
// "complete".
[[nodiscard]] std::string_view event_name(StreamEventType type);

// {"event", "time", "stream", "group"} and, by kind:
//   first-packet  sender
//   stall         -
//   recovery      sender, stalled_s
//   restart       sender, sender_id
//   remark        sender, sent_dscp, dscp
//   ttl-change    sender, from, to
//   burst         sender, packets_lost, interruption_s
//   complete      -
// `realtime_offset` is realtime - monotonic.
[[nodiscard]] std::string event_json(const StreamEvent& event, std::string_view stream,
                                     std::string_view group, Nanoseconds realtime_offset);

struct NamedEvent {
  StreamEvent event;  // its `stream` is 0: ids do not leave their process
  std::string stream;
};
// The way back, with the time made monotonic again. Nothing: an event of another kind, that
// is not about a stream's packets.
[[nodiscard]] Result<std::optional<NamedEvent>> parse_event(std::string_view text,
                                                            Nanoseconds realtime_offset);

// The code that belongs to a status where nobody has a better one: "not_found" for
// 404; "internal" for what is not in the table.
[[nodiscard]] std::string_view error_code(int status);

// Its description for programs, OpenAPI 3.1: api/openapi.json, as a part of the program.
[[nodiscard]] std::string_view openapi_json();

// `field` empty: null. Texts may be any bytes. `errors`: a list of their
// own, and then each is on a line.
[[nodiscard]] std::string error_json(std::string_view code, std::string_view message,
                                     std::string_view field = {},
                                     const std::vector<std::string>& errors = {});

}  // namespace mcast::api
