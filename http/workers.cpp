#include "http/workers.h"

#include <system_error>
#include <utility>

namespace mcast::agent {

Result<void> HttpWorkers::start() {
  const std::scoped_lock lock(mutex_);
  try {
    threads_.reserve(kMost);
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    return fail(std::string("cannot start an HTTP thread: ") + error.what());
  }
  return {};
}

void HttpWorkers::submit(std::function<void()> work, bool urgent) {
  const std::scoped_lock lock(mutex_);
  if (ending_) return;
  (urgent ? urgent_ : waiting_).push_back(std::move(work));
  if (idle_ < urgent_.size() + waiting_.size() && threads_.size() < kMost) {
    try {
      threads_.emplace_back([this] { this->work(); });
    } catch (const std::system_error&) {
      // Out of threads: those that there are will come to it.
      return wake_.notify_one();
    }
  }
  wake_.notify_one();
}

std::size_t HttpWorkers::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

void HttpWorkers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [&] { return ending_ || !urgent_.empty() || !waiting_.empty(); });
    --idle_;
    if (ending_) return;
    auto& queue = urgent_.empty() ? waiting_ : urgent_;
    std::function<void()> next = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    next();
    // What it holds goes while no lock is held.
    next = nullptr;
    lock.lock();
  }
}

void HttpWorkers::stop() {
  std::vector<std::thread> threads;
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    threads.swap(threads_);
    wake_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  const std::scoped_lock lock(mutex_);
  urgent_.clear();
  waiting_.clear();
}

}  // namespace mcast::agent
