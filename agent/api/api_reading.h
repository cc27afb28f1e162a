// GET /api/v1/...: what the agent knows, as JSON. docs/api.md describes each answer.
#pragma once

#include <string>

#include "agent/configuration/stream_request.h"
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
  const AgentIdentity identity_;
};

// The `error` object as an answer.
[[nodiscard]] HttpResponse error_response(const RequestError& error);

}  // namespace mcast::agent
