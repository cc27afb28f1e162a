// Reads the configuration file and the one of the HTTP server again and applies what
// differs; if either is bad, nothing changes. Anybody may ask for it over TCP (`/-/reload`), so
// what is no news is logged and published a few times in ten seconds only, with the number of
// those left out (EventFeed); the same errors once. One thread, the program's main loop; how
// the newest reload went is told to any thread.
#pragma once

#include <memory>
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
  // The file has just been read well, with these `defaults`. `file` "": the demonstration, of
  // which there is nothing to read again.
  Reload(const Parts& parts, std::string file, StreamEntry defaults = {});

  // Its certificates and users are read again from `file`, too; "": it has none. It outlives
  // this.
  void set_web_server(http::Server& server, std::string file) {
    web_server_ = &server;
    web_file_ = std::move(file);
  }

  // The errors, each with its place; none: it is done.
  std::vector<std::string> run();

  struct State {
    bool successful = true;
    Nanoseconds success_time = 0;     // realtime, of the newest that went well
    std::vector<std::string> errors;  // FILE:LINE:COLUMN: what is wrong, of the newest
  };
  // Any thread.
  [[nodiscard]] State state() const;
  // Of the configuration that is in force, for ad hoc streams. Any thread; never null.
  [[nodiscard]] std::shared_ptr<const StreamEntry> defaults() const;

 private:
  const Parts parts_;
  const std::string file_;
  http::Server* web_server_ = nullptr;
  std::string web_file_;
  mutable std::mutex mutex_;
  State state_;                                  // guarded by mutex_
  std::shared_ptr<const StreamEntry> defaults_;  // guarded by mutex_
};

}  // namespace mcast::agent
