// GET /api/v1/...: what the agent knows, as JSON. docs/api.md describes each answer.
#pragma once

#include <string>

#include "agent/configuration/request_json.h"
#include "agent/run/agent_view.h"
#include "base/clock.h"
#include "http/routes.h"

namespace mcast::agent {

// What does not change while the agent runs.
struct AgentIdentity {
  std::string version;
  std::string revision;
  std::string compiler;
  std::string host;
  std::string config_file;  // "": the demonstration
  int pid = 0;
  Nanoseconds started = 0;  // realtime
};

class ApiReading {
 public:
  ApiReading(const AgentView& agent, AgentIdentity identity);

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
  const AgentIdentity identity_;
};

// The `error` object as an answer.
[[nodiscard]] http::Response error_response(const RequestError& error);

}  // namespace mcast::agent
