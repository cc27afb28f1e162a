// GET /api/v1/...: what the agent knows, as JSON. docs/api.md describes each answer.
#pragma once

#include "agent/configuration/stream_request.h"
#include "agent/run/agent_view.h"
#include "api/agent_status.h"
#include "http/routes.h"

namespace mcast::agent {

class ApiReading {
 public:
  // `identity` has what does not change while the agent runs; the rest is asked for.
  ApiReading(const AgentView& agent, api::AgentStatus identity);

  // Outlives the routes. The handlers may be called on any thread, several at a time.
  void add_to(http::Routes& routes);

 private:
  [[nodiscard]] http::Response status();
  [[nodiscard]] http::Response receivers(const http::Request& request);
  [[nodiscard]] http::Response receiver(const http::Request& request);
  [[nodiscard]] http::Response senders(const http::Request& request);
  [[nodiscard]] http::Response sender(const http::Request& request);
  [[nodiscard]] http::Response memberships();
  [[nodiscard]] http::Response findings(const http::Request& request);
  [[nodiscard]] http::Response events(const http::Request& request);

  const AgentView agent_;
  const api::AgentStatus identity_;
};

// The `error` object as an answer.
[[nodiscard]] http::Response error_response(const RequestError& error);

}  // namespace mcast::agent
