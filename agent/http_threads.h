// The threads that serve HTTP connections, one a connection, made when needed. A
// client may hold its connection open without a word, so the server's end must
// not wait for it: shutdown() gives the threads a moment and then leaves those
// that still wait for a client to end by themselves. Each keeps alive what it
// needs for that.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace mcast::agent {

class HttpThreads {
 public:
  // At most so many connections are served at a time; more wait.
  static constexpr std::size_t kMost = 256;

  // `keep_alive` lives until the last thread has ended.
  explicit HttpThreads(std::shared_ptr<void> keep_alive);
  HttpThreads(const HttpThreads&) = delete;
  HttpThreads& operator=(const HttpThreads&) = delete;
  ~HttpThreads();

  void enqueue(std::function<void()> work);
  void shutdown();

 private:
  struct State;
  static void serve(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace mcast::agent
