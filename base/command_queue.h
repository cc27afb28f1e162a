// Runs functions on an engine's thread for other threads: the way in which
// streams come and go and snapshots are taken while only the engine owns its
// data.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/wake_up.h"

namespace mcast {

class CommandQueue {
 public:
  [[nodiscard]] static Result<std::unique_ptr<CommandQueue>> create();
  explicit CommandQueue(WakeUp wake) : wake_(std::move(wake)) {}

  // Any thread but the engine's: runs `command` there and returns when it has
  // run; at once and here while no engine runs (not yet, or no more).
  void execute(const std::function<void()>& command);

  // As execute(); but while no engine runs it runs nothing and is false.
  [[nodiscard]] bool execute_if_open(const std::function<void()>& command);

  // Readable while commands wait: for the engine's poll.
  [[nodiscard]] int fd() const { return wake_.fd(); }
  // The engine's thread: runs all that wait.
  void run_pending();
  // The engine's thread calls these when it begins and as its last act.
  void open();
  void close();
  // Instead of close(): what still waits is not run, and execute_if_open() says so.
  void abandon();

 private:
  struct Waiting {
    const std::function<void()>* command;
    std::promise<bool> done;  // whether it has run
  };

  // Something to wait for, or `if_closed` has run (with the lock held) instead.
  [[nodiscard]] std::optional<std::future<bool>> submit(const std::function<void()>& command,
                                                        const std::function<void()>& if_closed);

  WakeUp wake_;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  bool open_ = false;
};

}  // namespace mcast
