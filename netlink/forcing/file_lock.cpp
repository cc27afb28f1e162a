#include "netlink/forcing/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace mcast::netlink {
namespace {

constexpr int kTryMilliseconds = 2;

struct flock request(short type, FileRange range) noexcept {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = range.offset;
  lock.l_len = range.length;
  return lock;
}

}  // namespace

bool try_lock(int fd, FileRange range) noexcept {
  auto lock = request(F_WRLCK, range);
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool lock_within(int fd, FileRange range, int tries) noexcept {
  while (!try_lock(fd, range)) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) return false;
    if (--tries <= 0) {
      errno = EAGAIN;
      return false;
    }
    // Sleeps: not nanosleep(), which is not on the list of what a handler may call.
    (void)::poll(nullptr, 0, kTryMilliseconds);
  }
  return true;
}

void unlock(int fd, FileRange range) noexcept {
  auto lock = request(F_UNLCK, range);
  (void)::fcntl(fd, F_OFD_SETLK, &lock);
}

LockOwner other_lock(int fd, FileRange range) noexcept {
  auto lock = request(F_WRLCK, range);
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) return {};
  if (lock.l_type == F_UNLCK) return {.state = LockState::kFree};
  return {.state = LockState::kHeld, .offset = lock.l_start};
}

}  // namespace mcast::netlink
