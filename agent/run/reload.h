// Reads the configuration file and the one of the HTTP server again and applies what
// differs; if either is bad, nothing changes. One thread, the program's main loop.
#pragma once

#include <string>
#include <vector>

#include "agent/events/event_feed.h"
#include "agent/run/network_watch.h"
#include "agent/run/reload_status.h"
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
    ReloadStatus& status;
    EventFeed& feed;
    const Clock& clock;
    Log& log;
  };
  // `file` "": the demonstration, of which there is nothing to read again.
  Reload(const Parts& parts, std::string file) : parts_(parts), file_(std::move(file)) {}

  // Its certificates and users are read again from `file`, too; "": it has none. It outlives
  // this.
  void set_web_server(http::Server& server, std::string file) {
    web_server_ = &server;
    web_file_ = std::move(file);
  }

  // The errors, each with its place; none: it is done.
  std::vector<std::string> run();

 private:
  const Parts parts_;
  const std::string file_;
  http::Server* web_server_ = nullptr;
  std::string web_file_;
};

}  // namespace mcast::agent
