// When a packet arrived, on the monotonic clock that trackers count in. Pure, apart
// from the clock that it is given; any thread.
#pragma once

#include "base/clock.h"

namespace mcast {

// `realtime` is the kernel's stamp, 0 if it made none; `offset` is realtime -
// monotonic; `now` was read before the packet was.
//
// The result is the stamp's own time, also where the packet came after `now` was
// read: jitter is never taken from the time at which this program got to run. Only
// a stamp that lies in the future even now, because a clock was set meanwhile, is
// replaced by the present.
[[nodiscard]] Nanoseconds arrival_time(Nanoseconds realtime, Nanoseconds offset, Nanoseconds now,
                                       const Clock& clock);

}  // namespace mcast
