// The agent's main loop: signals, what HTTP handlers want done, interfaces that come and
// go, ad hoc streams that nobody renews, stream events on their way to the log and to
// listeners. The thread that main() began on.
#pragma once

#include <cstdint>

#include "agent/events/event_feed.h"
#include "agent/events/event_hub.h"
#include "agent/run/decode_errors.h"
#include "agent/run/network_watch.h"
#include "agent/run/reload.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/command_queue.h"
#include "base/log.h"
#include "base/signals.h"
#include "base/wake_up.h"
#include "netlink/rtnetlink/link_monitor.h"
#include "probe/event_queue.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "streams/stream_supervisor.h"

namespace mcast::agent {

// The parts of the running agent. All outlive the main loop and every HTTP handler, and are for
// any thread, save where it says otherwise.
struct AgentParts {
  ReceiveEngine& receivers;
  SendEngine& senders;
  NetworkWatch& network;
  DecodeErrors& decode_errors;
  const EventHub& event_hub;
  const Clock& clock;
  Log& log;
  CommandQueue& main_loop;  // runs what touches what follows
  StreamSet& streams;       // all of these only there, but for the state() of a reload
  StreamSupervisor& supervisor;
  EventFeed& feed;
  Reload& reload;
  Signals& signals;
  netlink::LinkMonitor* link_monitor;  // nullptr: interfaces are read every second
  EventQueue& events;
  const WakeUp& events_wake;  // of `events`
};

class MainLoop {
 public:
  explicit MainLoop(const AgentParts& parts) : parts_(parts) {}

  // Until SIGTERM or SIGINT.
  void run();

 private:
  void wait() const;
  // False: the end.
  [[nodiscard]] bool take_signals();
  void follow_network();
  void publish_events();

  const AgentParts parts_;
  Nanoseconds next_retry_ = 0;
  bool network_changed_ = false;
  Nanoseconds reconciled_ = 0;
  std::uint64_t events_dropped_ = 0;
};

}  // namespace mcast::agent
