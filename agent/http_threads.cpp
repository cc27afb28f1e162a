#include "agent/http_threads.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace mcast::agent {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(200);
// A thread without work ends after this.
constexpr auto kIdle = std::chrono::seconds(10);

}  // namespace

struct HttpThreads::State {
  std::shared_ptr<void> keep_alive;
  std::mutex mutex;
  std::condition_variable work_or_end;
  std::condition_variable thread_ended;
  std::deque<std::function<void()>> waiting;
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool ending = false;
};

HttpThreads::HttpThreads(std::shared_ptr<void> keep_alive) : state_(std::make_shared<State>()) {
  state_->keep_alive = std::move(keep_alive);
}

HttpThreads::~HttpThreads() {
  shutdown();
}

void HttpThreads::enqueue(std::function<void()> work) {
  const std::scoped_lock lock(state_->mutex);
  state_->waiting.push_back(std::move(work));
  if (state_->idle < state_->waiting.size() && state_->threads < kMost) {
    ++state_->threads;
    try {
      std::thread(serve, state_).detach();
    } catch (const std::system_error&) {
      // Out of threads: those that there are will come to it, and if there are
      // none, the next connection tries again.
      --state_->threads;
    }
  }
  state_->work_or_end.notify_one();
}

void HttpThreads::serve(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  for (;;) {
    ++state->idle;
    state->work_or_end.wait_for(lock, kIdle,
                                [&] { return state->ending || !state->waiting.empty(); });
    --state->idle;
    // Connections that were accepted are served, even at the end.
    if (state->waiting.empty()) break;
    const std::function<void()> work = std::move(state->waiting.front());
    state->waiting.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
  --state->threads;
  state->thread_ended.notify_all();
}

void HttpThreads::shutdown() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->work_or_end.notify_all();
  state_->thread_ended.wait_for(lock, kPatience, [&] { return state_->threads == 0; });
}

}  // namespace mcast::agent
