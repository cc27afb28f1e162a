// Locks of an open file description (F_OFD_SETLK), which the kernel lets go when
// the last descriptor of it is closed, by whatever death. Two open()s of one file
// exclude each other, in one process too. A child made by fork() without exec()
// shares the lock of its parent.
//
// Every function here is async-signal-safe: system calls that POSIX lists as such,
// and nothing else.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace mcast::netlink {

// Part of a file, whether it is that long or not; length 0: up to the end.
struct FileRange {
  off_t offset = 0;
  off_t length = 0;
};

// Takes the range for writing. False: somebody else has it, or errno says why not.
[[nodiscard]] bool try_lock(int fd, FileRange range) noexcept;
// Tries again every 2 ms, `tries` times.
[[nodiscard]] bool lock_within(int fd, FileRange range, int tries) noexcept;
void unlock(int fd, FileRange range) noexcept;

enum class LockState : std::uint8_t { kFree, kHeld, kUnknown };
struct LockOwner {
  LockState state = LockState::kUnknown;
  off_t offset = 0;  // where a lock begins that is held
};
// Whether any other open file description has a lock in the range.
[[nodiscard]] LockOwner other_lock(int fd, FileRange range) noexcept;

}  // namespace mcast::netlink
