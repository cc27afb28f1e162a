#include "base/clock.h"

#include <ctime>

namespace mcast {
namespace {

Nanoseconds read(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace

Nanoseconds SystemClock::monotonic() const {
  return read(CLOCK_MONOTONIC);
}
Nanoseconds SystemClock::realtime() const {
  return read(CLOCK_REALTIME);
}

}  // namespace mcast
