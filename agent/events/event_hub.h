// The events of the agent, for everybody who listens: the newest of them in one ring, and
// each listener with a place of its own in it. A listener that is too slow loses the oldest
// and learns how many. Thread-safe; publishing never waits for a listener.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"

namespace mcast::agent {

struct PublishedEvent {
  std::uint64_t id = 0;
  std::string name;    // "stall"
  std::string stream;  // "" where it is about no stream
  std::string data;    // a JSON object on one line
};

class EventHub {
 public:
  static constexpr std::size_t kRemembered = 4096;

  // Ids count from `before_first` + 1 on. With the time at which the agent started, in
  // microseconds, an id never belongs to two runs of it.
  explicit EventHub(std::uint64_t before_first = 0)
      : before_first_(before_first), newest_(before_first) {}

  void publish(std::string name, std::string stream, std::string data);
  // Wakes all listeners, for good: wait() no longer waits.
  void close();

  // The id of the newest event, that before the first one while there is none.
  [[nodiscard]] std::uint64_t newest() const;

  struct Batch {
    std::vector<PublishedEvent> events;
    std::uint64_t dropped = 0;  // in this run, between `after` and the first of them
    bool foreign = false;       // `after` is from another run: nobody knows what lies between
    bool closed = false;
  };
  // At most `most` events with an id above `after`; waits up to `patience` for the first.
  [[nodiscard]] Batch wait(std::uint64_t after, std::size_t most, Nanoseconds patience) const;

 private:
  [[nodiscard]] std::size_t place_of(std::uint64_t id) const {
    return (id - before_first_ - 1) % kRemembered;
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable published_;
  std::vector<PublishedEvent> ring_;  // has kRemembered places once it is full
  const std::uint64_t before_first_;
  std::uint64_t newest_;
  bool closed_ = false;
};

}  // namespace mcast::agent
