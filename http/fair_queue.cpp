#include "http/fair_queue.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <utility>

#include "base/thread.h"
#include "http/transport.h"

namespace mcast::http {

struct FairQueue::State {
  struct Address {
    std::string name;
    std::list<Task> waiting = {};
    std::size_t running = 0;
  };

  explicit State(const Limits& given) : limits(given) {}

  // Of the address that has most of them waiting.
  std::list<Task>& longest() {
    const auto how_many = [](const Address& address) { return address.waiting.size(); };
    return std::ranges::max_element(addresses, {}, how_many)->waiting;
  }
  bool has_room(std::string_view name) {
    const auto found = std::ranges::find(addresses, name, &Address::name);
    const std::size_t own = found == addresses.end() ? 0 : found->waiting.size();
    const std::size_t at_work = found == addresses.end() ? 0 : found->running;
    if (own + at_work >= limits.of_one_address) return false;
    return waiting < limits.waiting || (!addresses.empty() && longest().size() > own + 1);
  }

  const Limits limits;
  std::mutex mutex;
  std::condition_variable wake;
  // Lists, since the threads only move their nodes: they need no memory that could be short.
  std::list<Address> addresses;  // that have tasks, in the order of their turns
  std::list<Task> running;
  std::size_t waiting = 0;
  std::size_t idle = 0;
  std::vector<std::thread> threads;
  std::stop_source ending;
};

FairQueue::FairQueue(std::string name, const Limits& limits)
    : name_(std::move(name)), state_(std::make_shared<State>(limits)) {}

bool FairQueue::has_room(std::string_view address) const {
  const std::scoped_lock lock(state_->mutex);
  return state_->has_room(address);
}

bool FairQueue::submit(std::string_view address, Task task) {
  State& state = *state_;
  std::list<Task> dropped;
  {
    const std::scoped_lock lock(state.mutex);
    if (state.ending.stop_requested() || !state.has_room(address)) return false;
    if (state.idle <= state.waiting && state.threads.size() < state.limits.threads) {
      state.threads.reserve(state.limits.threads);
      if (auto started = start_thread(name_, [shared = state_] { work(shared); })) {
        state.threads.push_back(std::move(*started));
      } else if (state.threads.empty()) {
        return false;
      }
    }
    auto entry = std::ranges::find(state.addresses, address, &State::Address::name);
    if (entry == state.addresses.end()) {
      entry = state.addresses.insert(entry, {.name = std::string(address)});
    }
    std::list<Task> added;
    added.push_back(std::move(task));
    if (state.waiting >= state.limits.waiting) {
      dropped.splice(dropped.end(), state.longest(), std::prev(state.longest().end()));
      --state.waiting;
    }
    entry->waiting.splice(entry->waiting.end(), added);
    ++state.waiting;
  }
  state.wake.notify_one();
  for (const Task& gone : dropped) gone.finished(false);
  return true;
}

void FairQueue::work(const std::shared_ptr<State>& state) {
  block_sigpipe();
  std::unique_lock lock(state->mutex);
  for (;;) {
    ++state->idle;
    state->wake.wait(lock, [&] { return state->ending.stop_requested() || state->waiting > 0; });
    --state->idle;
    if (state->ending.stop_requested()) return;
    const auto address = std::ranges::find_if(
        state->addresses, [](const State::Address& one) { return !one.waiting.empty(); });
    // Its next turn is behind all others.
    state->addresses.splice(state->addresses.end(), state->addresses, address);
    const auto task = address->waiting.begin();
    state->running.splice(state->running.end(), address->waiting, task);
    --state->waiting;
    ++address->running;
    lock.unlock();
    try {
      task->work(state->ending.get_token());
    } catch (const std::exception&) {
      // Out of memory: what waits for it finds no result.
    }
    // What it holds goes while no lock is held.
    task->work = nullptr;
    lock.lock();
    // With the lock, so that none is called once stop() has taken it away.
    if (task->finished) task->finished(true);
    state->running.erase(task);
    if (--address->running == 0 && address->waiting.empty()) state->addresses.erase(address);
  }
}

void FairQueue::stop() {
  std::list<Task> dropped;
  std::list<std::function<void(bool)>> unheard;
  std::vector<std::thread> threads;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->ending.request_stop();
    for (State::Address& address : state_->addresses) {
      dropped.splice(dropped.end(), address.waiting);
    }
    state_->waiting = 0;
    if (state_->limits.may_be_abandoned) {
      for (Task& task : state_->running) {
        unheard.push_back(std::exchange(task.finished, nullptr));
      }
    }
    threads.swap(state_->threads);
  }
  state_->wake.notify_all();
  for (std::thread& thread : threads) {
    if (state_->limits.may_be_abandoned) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

}  // namespace mcast::http
