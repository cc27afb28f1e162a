// The running agent as its HTTP handlers see it: for /metrics, for the API, for whatever
// shows it next. main.cpp fills it in.
#pragma once

#include "agent/events/event_hub.h"
#include "agent/run/decode_errors.h"
#include "agent/run/network_watch.h"
#include "agent/run/reload.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/command_queue.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"

namespace mcast::agent {

// All outlive every handler. Any thread, save where it says otherwise.
struct AgentView {
  ReceiveEngine& receivers;
  SendEngine& senders;
  NetworkWatch& network;
  DecodeErrors& decode_errors;
  const EventHub& events;
  CommandQueue& main_loop;  // runs what touches the next two
  StreamSet& streams;       // only there
  Reload& reload;           // only there, but its state()
  const Clock& clock;
};

}  // namespace mcast::agent
