// Signals as something to poll: blocked for the whole process before any thread
// starts, read by the main loop.
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast {

class Signals {
 public:
  // Blocks these signals in the calling thread, and so in all that it starts.
  [[nodiscard]] static Result<Signals> block(std::initializer_list<int> signals);

  [[nodiscard]] int fd() const { return fd_.get(); }
  // The next signal that came, if any.
  [[nodiscard]] std::optional<int> take();

 private:
  explicit Signals(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

// Blocks a signal in the calling thread for as long as it lives: threads that are
// started meanwhile inherit the block, so the signal finds the others.
class ScopedSignalBlock {
 public:
  explicit ScopedSignalBlock(int signal);
  ScopedSignalBlock(const ScopedSignalBlock&) = delete;
  ScopedSignalBlock& operator=(const ScopedSignalBlock&) = delete;
  ~ScopedSignalBlock();

 private:
  sigset_t before_{};
};

}  // namespace mcast
