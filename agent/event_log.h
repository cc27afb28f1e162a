// Writes stream events to the log, with names in place of numbers, and no more
// than a few lines a stream in any ten seconds: a path that flaps with every
// packet must not fill a disk. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "probe/stream_event.h"

namespace mcast::agent {

class EventLog {
 public:
  // Gives the configured name of a receiver stream, "" for one that is gone.
  using NameOf = std::function<std::string(StreamId)>;

  // `log` outlives this.
  EventLog(Log& log, NameOf name_of) : log_(log), name_of_(std::move(name_of)) {}

  void write(const StreamEvent& event);

 private:
  // Of one kind of event in one stream.
  struct Window {
    Nanoseconds began = 0;
    std::uint64_t written = 0;
    std::uint64_t held_back = 0;
  };

  Log& log_;
  NameOf name_of_;
  std::map<std::pair<StreamId, StreamEventType>, Window> windows_;
};

}  // namespace mcast::agent
