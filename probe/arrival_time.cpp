#include "probe/arrival_time.h"

namespace mcast {

Nanoseconds arrival_time(Nanoseconds realtime, Nanoseconds offset, Nanoseconds now,
                         const Clock& clock) {
  if (realtime == 0) return now;
  const Nanoseconds stamped = realtime - offset;
  if (stamped <= now) return stamped;
  const Nanoseconds present = clock.monotonic();
  return stamped - present > kClockStep ? present : stamped;
}

}  // namespace mcast
