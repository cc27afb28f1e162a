// Stream events as JSON: what mcast-receive --events prints and the agent's event
// stream carries. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "probe/stream_event.h"

namespace mcast::api {

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
[[nodiscard]] nlohmann::ordered_json event_json(const StreamEvent& event, std::string_view stream,
                                                std::string_view group,
                                                Nanoseconds realtime_offset);

struct NamedEvent {
  StreamEvent event;  // its `stream` is 0: ids do not leave their process
  std::string stream;
};
// The way back, with the time made monotonic again. Nothing: an event of another kind, that
// is not about a stream's packets.
[[nodiscard]] Result<std::optional<NamedEvent>> parse_event(std::string_view text,
                                                            Nanoseconds realtime_offset);

// {"event", "time", "interface", "ifindex", "group"}; the event is "join" or "leave".
[[nodiscard]] nlohmann::ordered_json membership_event_json(bool joined, std::string_view interface,
                                                           int ifindex, const IpAddress& group,
                                                           Nanoseconds realtime);

}  // namespace mcast::api
