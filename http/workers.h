// The threads that run handlers. They compute and never wait for a client, so a few
// are enough.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace mcast::agent {

// Thread-safe, but for start() and stop(): those are of the thread that owns it.
class HttpWorkers {
 public:
  static constexpr std::size_t kMost = 8;

  HttpWorkers() = default;
  HttpWorkers(const HttpWorkers&) = delete;
  HttpWorkers& operator=(const HttpWorkers&) = delete;
  ~HttpWorkers() { stop(); }

  // The first thread; the others come when there is work for them.
  [[nodiscard]] Result<void> start();
  // Urgent work goes before all that is not. Work must not throw.
  void submit(std::function<void()> work, bool urgent);
  // Waiting for a worker, urgent ones left out.
  [[nodiscard]] std::size_t waiting() const;
  // Drops what waits and ends when what runs has ended.
  void stop();

 private:
  void work();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> urgent_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace mcast::agent
