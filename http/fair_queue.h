// Threads for work that takes long, which clients ask for: handlers, handshakes, passwords.
// Addresses have their turns one after the other, so that one that asks for much waits for
// itself, and when the queue is full the address that fills it gives way.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "http/client.h"

namespace mcast::http {

// Blocks SIGPIPE on the calling thread, for good: OpenSSL writes without MSG_NOSIGNAL.
inline void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  (void)::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

// Thread-safe, but for stop(), which its owner's thread calls.
class FairQueue {
 public:
  struct Limits {
    std::size_t threads = 1;
    std::size_t waiting = 0;
    // bcrypt cannot be interrupted: stop() leaves its thread behind.
    bool may_be_abandoned = false;
  };
  // An exception ends it without a result. The token says that nobody waits for the result any
  // more; where work may be abandoned, it owns all that it touches.
  using Work = std::function<void(const std::stop_token&)>;

  // Threads start when there is work for them.
  FairQueue(std::string name, const Limits& limits)
      : name_(std::move(name)), state_(std::make_shared<State>(limits)) {}
  FairQueue(const FairQueue&) = delete;
  FairQueue& operator=(const FairQueue&) = delete;
  ~FairQueue() { stop(); }

  // False, and nothing is taken: there is no room, or no thread can be had. Else the client is
  // told when the work is done, or dropped for that of an address that asks for less. Never after
  // stop().
  [[nodiscard]] bool submit(Client& client, Work work) {
    State& state = *state_;
    std::list<Entry> added;
    added.push_back({.client = &client, .work = std::move(work)});
    std::list<Entry> dropped;
    {
      const std::scoped_lock lock(state.mutex);
      if (state.ending.stop_requested()) return false;
      const auto own = [&](const std::list<Entry>& entries) {
        return static_cast<std::size_t>(std::ranges::count_if(entries, [&](const Entry& entry) {
          return entry.client->address() == client.address();
        }));
      };
      const std::size_t turn = state.turn + own(state.waiting) + own(state.running);
      const bool full = state.waiting.size() >= state.limits.waiting;
      if (full && (state.waiting.empty() || state.waiting.back().turn <= turn)) return false;
      if (state.idle <= state.waiting.size() && state.threads.size() < state.limits.threads) {
        state.threads.reserve(state.limits.threads);
        if (auto started = start_thread(name_, [shared = state_] { shared->run(); })) {
          state.threads.push_back(std::move(*started));
        } else if (state.threads.empty()) {
          return false;
        }
      }
      if (full) dropped.splice(dropped.end(), state.waiting, std::prev(state.waiting.end()));
      added.front().turn = turn;
      state.waiting.splice(std::ranges::upper_bound(state.waiting, turn, {}, &Entry::turn), added);
    }
    state.wake.notify_one();
    for (const Entry& gone : dropped) gone.client->tell_done(false);
    return true;
  }

  // Drops what waits; waits for what runs, unless that may be abandoned.
  void stop() {
    std::list<Entry> dropped;
    std::vector<std::thread> threads;
    {
      const std::scoped_lock lock(state_->mutex);
      state_->ending.request_stop();
      dropped.swap(state_->waiting);
      threads.swap(state_->threads);
    }
    state_->wake.notify_all();
    for (std::thread& thread : threads) {
      state_->limits.may_be_abandoned ? thread.detach() : thread.join();
    }
  }

 private:
  struct Entry {
    Client* client = nullptr;
    Work work = {};
    // As many turns behind the one that was begun last as its address had work before it. So
    // they are begun in a fair order, and the last one that waits is of the address that has most.
    std::size_t turn = 0;
  };

  // Shared with threads that are left behind.
  struct State {
    explicit State(const Limits& given) : limits(given) {}

    void run() {
      block_sigpipe();
      std::unique_lock lock(mutex);
      for (;;) {
        ++idle;
        wake.wait(lock, [&] { return ending.stop_requested() || !waiting.empty(); });
        --idle;
        if (ending.stop_requested()) return;
        const auto entry = waiting.begin();
        running.splice(running.end(), waiting, entry);
        turn = entry->turn;
        lock.unlock();
        try {
          entry->work(ending.get_token());
          // NOLINTNEXTLINE(bugprone-empty-catch): the client is told below, as always.
        } catch (...) {
          // Out of memory, or a handler's: what waits for it finds no result.
        }
        // What it holds goes while no lock is held.
        entry->work = nullptr;
        lock.lock();
        // With the lock, so that nobody is told once stop() has left this thread behind.
        if (!limits.may_be_abandoned || !ending.stop_requested()) entry->client->tell_done(true);
        running.erase(entry);
      }
    }

    const Limits limits;
    std::mutex mutex;
    std::condition_variable wake;
    // Lists, since the threads only move their nodes: they need no memory that could be short.
    std::list<Entry> waiting;  // by their turns
    std::list<Entry> running;
    std::size_t turn = 0;  // the one that was begun last
    std::size_t idle = 0;
    std::vector<std::thread> threads;
    std::stop_source ending;
  };

  const std::string name_;
  const std::shared_ptr<State> state_;
};

}  // namespace mcast::http
