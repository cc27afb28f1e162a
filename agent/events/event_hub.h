// The events of the agent, for everybody who listens: the newest of them in one ring, and
// each listener with a place of its own in it. A listener that is too slow loses the oldest
// and learns how many. Thread-safe; publishing never waits for a listener.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
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
  // Wakes all listeners, for good.
  void close();

  // The id of the newest event, or the one before the first while nothing has happened.
  [[nodiscard]] std::uint64_t newest() const;

  struct Batch {
    std::vector<PublishedEvent> events;
    std::uint64_t dropped = 0;  // in this run, between `after` and the first of them
    bool foreign = false;       // `after` is from another run: nobody knows what lies between
    bool closed = false;
  };
  // Events with an id above `after`, at most `max`.
  [[nodiscard]] Batch take(std::uint64_t after, std::size_t max) const;

  // Calls `wake` on the publishing thread when there is an event, and at the end, until what
  // it returns is destroyed: no call goes on after that. It must not wait, nor use the hub.
  [[nodiscard]] std::shared_ptr<void> subscribe(std::function<void()> wake) const;

 private:
  [[nodiscard]] std::size_t place_of(std::uint64_t id) const {
    return (id - before_first_ - 1) % kRemembered;
  }

  using Listeners = std::list<std::function<void()>>;
  void wake_all() const;

  mutable std::mutex listeners_mutex_;
  mutable Listeners listeners_;
  mutable std::mutex mutex_;
  std::vector<PublishedEvent> ring_;  // has kRemembered places once it is full
  const std::uint64_t before_first_;
  std::uint64_t newest_;
  bool closed_ = false;
};

// One client's view of the events, as text/event-stream: what it has not had yet, of the
// streams that it wants to hear of. One thread.
class EventSource {
 public:
  // A comment line goes out this often, so that each end notices when the other is gone.
  static constexpr Nanoseconds kHeartbeat = 10 * kSecond;

  // By the name of an event's stream, "" where it is about none.
  using Wanted = std::function<bool(std::string_view stream)>;

  // `hub` and `clock` outlive it. `after`: the id of the last event that the client has
  // seen; nothing: only what happens from now on.
  EventSource(const EventHub& hub, const Clock& clock, Wanted wanted,
              std::optional<std::uint64_t> after);

  // What an answer begins with.
  [[nodiscard]] std::string greeting() const;
  // The next events, at most some hundred; "" when there are none, nullopt at the end.
  [[nodiscard]] std::optional<std::string> next();

 private:
  const EventHub* hub_;
  const Clock* clock_;
  Wanted wanted_;
  std::uint64_t after_;
  Nanoseconds last_sent_;
};

}  // namespace mcast::agent
