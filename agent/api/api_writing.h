// What changes the agent: POST and DELETE of ad hoc streams, and POST /-/reload. All of it
// runs on the main loop, which the HTTP threads wait for.
#pragma once

#include <atomic>

#include "agent/run/agent_view.h"
#include "http/routes.h"

namespace mcast::agent {

class ApiWriting {
 public:
  explicit ApiWriting(const AgentView& agent) : agent_(agent) {}

  // Outlives the routes. The handlers may be called on any thread, several at a time.
  void add_to(Routes& routes);

 private:
  [[nodiscard]] HttpResponse add(StreamKind kind, const HttpRequest& request);
  [[nodiscard]] HttpResponse renew(StreamKind kind, const HttpRequest& request);
  [[nodiscard]] HttpResponse remove(StreamKind kind, const HttpRequest& request);
  [[nodiscard]] HttpResponse reload();

  // One runs and one waits. Whoever else asks is told to come again, so that reloads never
  // hold the threads that answer everybody else.
  static constexpr int kMaxReloads = 2;

  const AgentView agent_;
  std::atomic<int> reloads_{0};
};

}  // namespace mcast::agent
