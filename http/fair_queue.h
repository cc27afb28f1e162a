// Threads for work that takes long, which clients ask for: handlers, handshakes, passwords.
// Addresses have their turns one after the other, so that one that asks for much waits for
// itself, and when the queue is full the address that fills it gives way.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace mcast::http {

// Thread-safe, but for stop(), which its owner's thread calls.
class FairQueue {
 public:
  struct Limits {
    std::size_t threads = 1;
    std::size_t waiting = 0;
    std::size_t of_one_address = 0;  // waiting or at work
    // bcrypt cannot be interrupted: stop() leaves its thread behind.
    bool may_be_abandoned = false;
  };
  struct Task {
    // An exception ends it without a result. The token says that nobody waits for the result any
    // more; where tasks may be abandoned, it owns all that it touches.
    std::function<void(const std::stop_token&)> work = {};
    // False: it was dropped for the task of an address that asks for less. Any thread, and
    // never after stop().
    std::function<void(bool ran)> finished = {};
  };

  // Threads start when there is work for them.
  FairQueue(std::string name, const Limits& limits);
  FairQueue(const FairQueue&) = delete;
  FairQueue& operator=(const FairQueue&) = delete;
  ~FairQueue() { stop(); }

  // Whether submit() would take a task of this address now.
  [[nodiscard]] bool has_room(std::string_view address) const;
  // False, and nothing is taken: there is no room, or no thread can be had.
  [[nodiscard]] bool submit(std::string_view address, Task task);
  // Drops what waits; waits for what runs, unless that may be abandoned.
  void stop();

 private:
  struct State;
  static void work(const std::shared_ptr<State>& state);

  const std::string name_;
  const std::shared_ptr<State> state_;  // shared with threads that are left behind
};

}  // namespace mcast::http
