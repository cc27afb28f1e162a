// Runs functions on an engine's thread for other threads: the way in which
// streams come and go and snapshots are taken while the engine alone owns its
// data.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast {

class CommandQueue {
 public:
  [[nodiscard]] static Result<std::unique_ptr<CommandQueue>> create();
  // `wake` is a non-blocking eventfd.
  explicit CommandQueue(FileDescriptor wake) : wake_(std::move(wake)) {}

  // Any thread but the engine's: runs `command` there and returns when it has
  // run; at once and here while no engine runs (not yet, or no more).
  void execute(const std::function<void()>& command);

  // Readable while commands wait: for the engine's poll.
  [[nodiscard]] int fd() const { return wake_.get(); }
  // The engine's thread: runs all that wait.
  void run_pending();
  // The engine's thread calls these when it begins and as its last act.
  void open();
  void close();

 private:
  struct Waiting {
    const std::function<void()>* command;
    std::promise<void>* done;
  };

  FileDescriptor wake_;  // eventfd
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  bool open_ = false;
};

}  // namespace mcast
