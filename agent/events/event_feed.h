// Turns what happens in the agent into events for the API and lines in the log: stream
// events, joins and leaves, streams that come and go, reloads. All events are published, but a
// path that flaps with every packet must not fill a disk: of what happens again and again a few
// lines are logged in any ten seconds. Each function on one thread; the membership events have
// one of their own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/events/event_hub.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/log.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "probe/stream_event.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

// Some lines in a while, the others are counted. The caller locks.
class LineLimit {
 public:
  explicit LineLimit(std::uint64_t lines, Nanoseconds window = 10 * kSecond)
      : lines_(lines), window_(window) {}

  // Whether a line may be written now: if so, how many were held back before it.
  [[nodiscard]] std::optional<std::uint64_t> allow(Nanoseconds now) {
    if (is_over(now)) {
      began_ = now;
      written_ = 0;
    }
    if (written_ == lines_) {
      ++held_back_;
      return std::nullopt;
    }
    ++written_;
    return std::exchange(held_back_, 0);
  }
  // Nothing was written in the last window.
  [[nodiscard]] bool is_over(Nanoseconds now) const {
    return written_ == 0 || now - began_ >= window_;
  }

 private:
  std::uint64_t lines_;
  Nanoseconds window_;
  Nanoseconds began_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t held_back_ = 0;
};

class EventFeed {
 public:
  static constexpr std::uint64_t kLines = 5;  // of a stream and kind of event, of reloads
  static constexpr std::uint64_t kLinesOfMemberships = 20;

  // All outlive it.
  EventFeed(EventHub& hub, Log& log, const Clock& clock) : hub_(hub), log_(log), clock_(clock) {}

  // Main loop. `spec` is that of the event's stream.
  void on_stream_event(const StreamEvent& event, const ReceiverSpec& spec);
  void on_stream_change(const StreamChange& change);
  // Anybody may ask for reloads: those that change no stream and are no other `news` are
  // limited, their events too.
  void on_reload(const StreamSet::Difference& difference, const std::vector<std::string>& warnings,
                 bool news);
  void on_failed_reload(const std::vector<std::string>& errors);
  // That many stream events were lost because they came too fast.
  void on_dropped(std::uint64_t events);

  // The netlink thread.
  void on_membership(const netlink::MembershipEvent& event, const std::string& interface);

 private:
  void publish(std::string_view name, const std::string& stream, const auto& fields);
  void publish_reload(const std::vector<std::string>& errors);
  void log(const StreamEvent& event, const std::string& stream);
  // Whether a line may be written; says how many were not before it.
  [[nodiscard]] bool may_log(LineLimit& limit, Nanoseconds now, std::string_view others,
                             const std::string& stream = {});

  EventHub& hub_;
  Log& log_;
  const Clock& clock_;
  std::map<std::pair<StreamId, StreamEventType>, LineLimit> stream_lines_;
  LineLimit membership_lines_{kLinesOfMemberships};
  LineLimit reload_lines_{kLines};
};

}  // namespace mcast::agent
