// Wakes a thread that polls: an eventfd. Any thread wakes, the owner's thread polls
// fd() and clears it.
#pragma once

#include <utility>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast {

class WakeUp {
 public:
  // Fails where the process has no descriptor left.
  [[nodiscard]] static Result<WakeUp> create();

  // Readable from wake() until clear().
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Any thread, never waits.
  void wake() const;
  void clear() const;

 private:
  explicit WakeUp(FileDescriptor fd) : fd_(std::move(fd)) {}

  FileDescriptor fd_;
};

}  // namespace mcast
