#include "base/clock.h"

#include <sys/timex.h>

#include <algorithm>
#include <ctime>

namespace mcast {
namespace {

constexpr Nanoseconds kSampleTime = 5 * kMicrosecond;

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

std::uint32_t SystemClock::realtime_error() const {
  timex state{};  // modes 0: only asks
  const int result = ::adjtimex(&state);
  if (result < 0 || result == TIME_ERROR || state.maxerror < 0) return kClockUnsynchronised;
  return static_cast<std::uint32_t>(
      std::min(state.maxerror, static_cast<long>(kClockUnsynchronised - 1)));
}

void RealtimeOffset::sample(const Clock& clock) {
  const Nanoseconds before = clock.monotonic();
  const Nanoseconds realtime = clock.realtime();
  if (clock.monotonic() - before > kSampleTime) return;
  const Nanoseconds offset = realtime - before;
  const Nanoseconds change = offset - offset_;
  if (change > kClockStep || change < -kClockStep) offset_ = offset;
}

}  // namespace mcast
