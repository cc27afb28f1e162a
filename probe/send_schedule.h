// When the packets of a sender are due: slot n at start + n * interval, on an
// absolute scale, so errors of single packets never add up. A pure value; time
// comes in as an argument.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "probe/stream_spec.h"

namespace mcast {

class SendSchedule {
 public:
  // `packets_per_second` is above 0. The first slot is due at `start`, the last one before
  // start + `duration` (0: there is no last).
  SendSchedule(double packets_per_second, Nanoseconds start, Nanoseconds duration = 0);

  // When the next slot is due.
  [[nodiscard]] Nanoseconds next() const { return due(slot_); }
  // How many slots are left, next() included; kNoLimit without an end.
  [[nodiscard]] std::uint64_t left() const {
    return slots_ == kNoLimit ? kNoLimit : slots_ - slot_;
  }
  // How many slots are due at `now`, next() included, at most `limit`.
  [[nodiscard]] std::uint64_t due_count(Nanoseconds now, std::uint64_t limit) const;
  // When slot next + i is due.
  [[nodiscard]] Nanoseconds due_after(std::uint64_t i) const { return due(slot_ + i); }
  void advance(std::uint64_t count) { slot_ += count; }

  // After a pause (the process was stopped, the machine asleep) what is overdue
  // is given up, so that no burst follows; the slots keep their phase. Returns
  // how many were skipped: 0 while next() is not later than kCatchUp or one
  // interval, whichever is longer. The last slot is never skipped: it tells the end.
  [[nodiscard]] std::uint64_t skip_overdue(Nanoseconds now);

  [[nodiscard]] double interval() const { return interval_; }

  // Lateness that is made good by sending sooner: what a busy machine's scheduler
  // takes without anybody having paused.
  static constexpr Nanoseconds kCatchUp = 5 * kMillisecond;

 private:
  [[nodiscard]] Nanoseconds due(std::uint64_t slot) const;

  double interval_;  // ns
  Nanoseconds start_;
  std::uint64_t slot_ = 0;
  std::uint64_t slots_ = kNoLimit;
};

}  // namespace mcast
