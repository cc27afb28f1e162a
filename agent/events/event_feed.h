// Turns what happens in the agent into events for the API and lines in the log: stream
// events, joins and leaves, streams that come and go, reloads. Each function on one
// thread; the membership events have one of their own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/events/event_hub.h"
#include "agent/events/event_log.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/log.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "probe/stream_event.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

class EventFeed {
 public:
  // All outlive it.
  EventFeed(EventHub& hub, Log& log, const Clock& clock) : hub_(hub), log_(log), clock_(clock) {}

  // Main loop. `spec` is that of the event's stream.
  void on_stream_event(const StreamEvent& event, const ReceiverSpec& spec);
  void on_stream_change(const StreamChange& change);
  // `errors` empty: it went well.
  void on_reload(const std::vector<std::string>& errors);

  // That many stream events were lost because they came too fast.
  void on_dropped(std::uint64_t events);

  // The netlink thread. All are published; at most this many in ten seconds are logged.
  static constexpr std::uint64_t kMembershipLines = 20;
  void on_membership(const netlink::MembershipEvent& event, const std::string& interface);

 private:
  EventHub& hub_;
  Log& log_;
  const Clock& clock_;
  EventLog event_log_{log_};
  // The lines about memberships in the log:
  Nanoseconds window_began_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t held_back_ = 0;
};

}  // namespace mcast::agent
