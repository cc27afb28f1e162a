// One client's view of the events, as text/event-stream: what it has not had yet, of the
// streams that it wants to hear of. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/api/stream_query.h"
#include "agent/events/event_hub.h"
#include "base/clock.h"

namespace mcast::agent {

class EventSource {
 public:
  // A comment line goes out this often, so that each end notices when the other is gone.
  static constexpr Nanoseconds kHeartbeat = 10 * kSecond;

  // `hub` and `clock` outlive it. `after`: the id of the last event that the client has
  // seen; nothing: only what happens from now on.
  EventSource(const EventHub& hub, const Clock& clock, NamePatterns names,
              std::optional<std::uint64_t> after);

  // What an answer begins with.
  [[nodiscard]] std::string greeting() const;
  // The next events, at most some hundred, after up to half a second of waiting for them;
  // "" when there are none, nullopt at the end.
  [[nodiscard]] std::optional<std::string> next();

 private:
  const EventHub* hub_;
  const Clock* clock_;
  NamePatterns names_;
  std::uint64_t after_;
  Nanoseconds last_sent_;
};

}  // namespace mcast::agent
