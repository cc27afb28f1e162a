// What changes the agent: POST and DELETE of ad hoc streams, and POST /-/reload. All of it
// runs on the main loop, which the HTTP threads wait for.
#pragma once

#include <atomic>

#include "agent/run/reload.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/command_queue.h"
#include "http/routes.h"

namespace mcast::agent {

class ApiWriting {
 public:
  // All outlive it and whatever add_to() has been called with. `main_loop` runs what
  // touches `streams` and `reload`.
  struct Parts {
    CommandQueue& main_loop;
    StreamSet& streams;
    Reload& reload;
    const Clock& clock;
  };
  explicit ApiWriting(const Parts& parts) : parts_(parts) {}

  // The handlers may be called on any thread, several at a time.
  void add_to(http::Routes& routes);

 private:
  [[nodiscard]] http::Response add(StreamKind kind, const http::Request& request);
  [[nodiscard]] http::Response renew(StreamKind kind, const http::Request& request);
  [[nodiscard]] http::Response remove(StreamKind kind, const http::Request& request);
  [[nodiscard]] http::Response reload();

  // One runs and one waits: whoever else asks is told to come again, so that reloads never
  // hold the threads that answer everybody else.
  static constexpr int kMostReloads = 2;

  const Parts parts_;
  std::atomic<int> reloads_{0};
};

}  // namespace mcast::agent
