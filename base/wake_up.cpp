#include "base/wake_up.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace mcast {

Result<WakeUp> WakeUp::create() {
  FileDescriptor fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!fd) return fail_errno("eventfd", errno);
  return WakeUp(std::move(fd));
}

void WakeUp::wake() const {
  const std::uint64_t one = 1;
  // Fails only when the counter is full: then it is readable as it is.
  (void)!::write(fd_.get(), &one, sizeof one);
}

void WakeUp::clear() const {
  std::uint64_t times = 0;
  (void)!::read(fd_.get(), &times, sizeof times);
}

}  // namespace mcast
