// GET /api/v1/...: what the agent knows, as JSON. docs/api.md describes each answer.
#pragma once

#include "agent/configuration/request_json.h"
#include "agent/events/event_hub.h"
#include "agent/run/host_collector.h"
#include "agent/run/network_watch.h"
#include "agent/run/reload_status.h"
#include "api/agent_status.h"
#include "base/clock.h"
#include "http/routes.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"

namespace mcast::agent {

class ApiReading {
 public:
  // All outlive it and whatever add_to() has been called with.
  struct Parts {
    ReceiveEngine& receivers;
    SendEngine& senders;
    HostCollector& host;
    const NetworkWatch& network;
    const ReloadStatus& reload;
    const EventHub& events;
    const Clock& clock;
  };
  // `identity` has what does not change while the agent runs; the rest is asked for.
  ApiReading(const Parts& parts, api::AgentStatus identity);

  // The handlers may be called on any thread, several at a time.
  void add_to(Routes& routes);

 private:
  [[nodiscard]] HttpResponse status();
  [[nodiscard]] HttpResponse receivers(const HttpRequest& request);
  [[nodiscard]] HttpResponse receiver(const HttpRequest& request);
  [[nodiscard]] HttpResponse senders(const HttpRequest& request);
  [[nodiscard]] HttpResponse sender(const HttpRequest& request);
  [[nodiscard]] HttpResponse memberships();
  [[nodiscard]] HttpResponse findings(const HttpRequest& request);
  [[nodiscard]] HttpResponse events(const HttpRequest& request);

  const Parts parts_;
  const api::AgentStatus identity_;
};

// The `error` object as an answer.
[[nodiscard]] HttpResponse error_response(const RequestError& error);

}  // namespace mcast::agent
