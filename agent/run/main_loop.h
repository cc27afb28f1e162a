// The agent's main loop: signals, what HTTP handlers want done, interfaces that come and
// go, ad hoc streams that nobody renews, stream events on their way to the log and to
// listeners. The thread that main() began on.
#pragma once

#include <cstdint>

#include "agent/events/event_feed.h"
#include "agent/run/reload.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/command_queue.h"
#include "base/log.h"
#include "base/signals.h"
#include "base/wake_up.h"
#include "netlink/rtnetlink/link_monitor.h"
#include "probe/event_queue.h"
#include "streams/stream_supervisor.h"

namespace mcast::agent {

class MainLoop {
 public:
  // All outlive it.
  struct Parts {
    Signals& signals;
    CommandQueue& commands;
    netlink::LinkMonitor* link_monitor;  // nullptr: interfaces are read every second
    EventQueue& events;
    const WakeUp& events_wake;  // of `events`
    StreamSupervisor& supervisor;
    StreamSet& streams;
    Reload& reload;
    EventFeed& feed;
    const Clock& clock;
    Log& log;
  };
  explicit MainLoop(const Parts& parts) : parts_(parts) {}

  // Until SIGTERM or SIGINT.
  void run();

 private:
  void wait() const;
  // False: the end.
  [[nodiscard]] bool take_signals();
  void follow_network();
  void publish_events();

  const Parts parts_;
  Nanoseconds next_retry_ = 0;
  bool network_changed_ = false;
  Nanoseconds reconciled_ = 0;
  std::uint64_t events_dropped_ = 0;
};

}  // namespace mcast::agent
