// Reads the configuration file and the one of the HTTP server again and applies what
// differs; if either is bad, nothing changes. One thread, the program's main loop; how
// the newest reload went is told to any thread.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "agent/events/event_feed.h"
#include "agent/run/network_watch.h"
#include "agent/run/stream_set.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/server.h"

namespace mcast::agent {

class Reload {
 public:
  // All outlive it.
  struct Parts {
    StreamSet& streams;
    NetworkWatch& network;
    EventFeed& feed;
    const Clock& clock;
    Log& log;
  };
  // The file has just been read well. `file` "": the demonstration, of which there is nothing
  // to read again.
  Reload(const Parts& parts, std::string file);

  // Its certificates and users are read again, too. It outlives this, or is taken back
  // with nullptr.
  void set_web_server(HttpServer* server) { web_server_ = server; }

  // The errors, each with its place; none: it is done.
  std::vector<std::string> run();

  struct State {
    bool successful = true;
    Nanoseconds success_time = 0;     // realtime, of the newest that went well
    std::vector<std::string> errors;  // FILE:LINE:COLUMN: what is wrong, of the newest
  };
  // Any thread.
  [[nodiscard]] State state() const;

 private:
  [[nodiscard]] std::vector<std::string> refuse(std::vector<std::string> errors);

  const Parts parts_;
  const std::string file_;
  HttpServer* web_server_ = nullptr;
  mutable std::mutex mutex_;
  State state_;  // guarded by mutex_
};

}  // namespace mcast::agent
