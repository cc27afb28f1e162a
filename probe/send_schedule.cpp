#include "probe/send_schedule.h"

#include <algorithm>

namespace mcast {

SendSchedule::SendSchedule(double packets_per_second, Nanoseconds start, Nanoseconds duration)
    : interval_(static_cast<double>(kSecond) / packets_per_second), start_(start) {
  if (duration > 0) slots_ = due_count(start + duration - 1, kNoLimit);
}

Nanoseconds SendSchedule::due(std::uint64_t slot) const {
  // Exact to a nanosecond for the first 2^53 ns (104 days) and to far below a
  // microsecond for decades.
  return start_ + static_cast<Nanoseconds>(static_cast<double>(slot) * interval_);
}

std::uint64_t SendSchedule::due_count(Nanoseconds now, std::uint64_t limit) const {
  const Nanoseconds late = now - next();
  if (late < 0) return 0;
  auto count = 1 + static_cast<std::uint64_t>(static_cast<double>(late) / interval_);
  // Rounding may be off by one slot either way.
  while (count > 1 && due(slot_ + count - 1) > now) --count;
  while (due(slot_ + count) <= now) ++count;
  return std::min(count, limit);
}

std::uint64_t SendSchedule::skip_overdue(Nanoseconds now) {
  const Nanoseconds late = now - next();
  if (late <= kCatchUp || static_cast<double>(late) <= interval_) return 0;
  // The newest slot that is due stays, and is sent late.
  const auto skipped = static_cast<std::uint64_t>(static_cast<double>(late) / interval_);
  const std::uint64_t count = std::min(skipped, left() - 1);
  slot_ += count;
  return count;
}

}  // namespace mcast
