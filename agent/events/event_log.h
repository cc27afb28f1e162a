// Writes stream events to the log, with names in place of numbers, and no more
// than a few lines per stream in any ten seconds: a path that flaps with every
// packet must not fill a disk. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "probe/stream_event.h"

namespace mcast::agent {

class EventLog {
 public:
  // `log` outlives this.
  explicit EventLog(Log& log) : log_(log) {}

  void write(const StreamEvent& event, const std::string& stream);

 private:
  // For one kind of event in one stream.
  struct Window {
    Nanoseconds began = 0;
    std::uint64_t written = 0;
    std::uint64_t held_back = 0;
  };

  void forget_the_old(Nanoseconds now);

  Log& log_;
  std::map<std::pair<StreamId, StreamEventType>, Window> windows_;
};

}  // namespace mcast::agent
