// GET /api/v1/...: what the agent knows, as JSON. docs/api.md describes each answer.
#pragma once

#include "agent/configuration/request_json.h"
#include "agent/run/agent_view.h"
#include "api/agent_status.h"
#include "http/routes.h"

namespace mcast::agent {

class ApiReading {
 public:
  // `identity` has what does not change while the agent runs; the rest is asked for.
  ApiReading(const AgentView& agent, api::AgentStatus identity);

  // Outlives the routes. The handlers may be called on any thread, several at a time.
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

  const AgentView agent_;
  const api::AgentStatus identity_;
};

// The `error` object as an answer.
[[nodiscard]] HttpResponse error_response(const RequestError& error);

}  // namespace mcast::agent
