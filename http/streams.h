// Event streams: connections whose answer goes on, each on a thread of its own, so
// that one that is slow keeps nothing else waiting.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"
#include "http/transport.h"

namespace mcast::agent {

class HttpStreams {
 public:
  // At a time, of each way in.
  static constexpr std::size_t kMost = 64;
  enum class Way : std::uint8_t { kTcp, kUnix };
  using More = std::function<std::optional<std::string>()>;

  // `stop_fd` becomes readable, and stays so, when all are to end; it outlives this.
  explicit HttpStreams(int stop_fd) : stop_fd_(stop_fd) {}
  HttpStreams(const HttpStreams&) = delete;
  HttpStreams& operator=(const HttpStreams&) = delete;
  ~HttpStreams() { stop(); }

  // By one thread.
  [[nodiscard]] bool has_room(Way way);
  // Sends `first`, then what `more` gives. False, and nothing is taken: no thread.
  [[nodiscard]] bool start(Way way, HttpTransport& transport, std::string& first, More& more);
  // Ends all; waits for calls of `more` that are running. stop_fd is readable by then.
  void stop();

 private:
  struct Stream {
    Way way = Way::kTcp;
    bool ended = false;  // guarded by mutex_
    std::thread thread;
  };
  void reap();

  const int stop_fd_;
  std::mutex mutex_;
  std::list<Stream> streams_;  // the list itself is of the calling thread
};

}  // namespace mcast::agent
