// What a source's losses add up to: the counters, the longest interruptions and
// the gap log. Written by the trackers of all its sender IDs, on one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast {

class LossRecord {
  // Ahead of the counters: who looks at one packet finds both in a cache line or two.
  std::uint64_t bursts_ = 0;
  Nanoseconds longest_ = 0;

 public:
  ReceptionCounters counters;

  // One loss burst has ended: `lost_packets` consecutive numbers, covering
  // `length` ns on the sender's clock; the packet behind it arrived at `seen_at`
  // (our monotonic clock).
  void add_burst(std::uint64_t lost_packets, Nanoseconds length, Nanoseconds seen_at);

  [[nodiscard]] Nanoseconds longest_interruption() const { return longest_; }
  [[nodiscard]] std::uint64_t bursts() const { return bursts_; }
  // The newest gaps, oldest first; `realtime_offset` is added to seen_at. The longest ones,
  // longest first.
  [[nodiscard]] std::vector<Gap> gaps(Nanoseconds realtime_offset) const;
  [[nodiscard]] std::vector<Gap> longest_gaps(Nanoseconds realtime_offset) const;
  // Valid while bursts() > 0; its time is monotonic.
  [[nodiscard]] const Gap& newest_gap() const;

  static constexpr std::size_t kGapLogSize = 8;

 private:
  std::array<Gap, kGapLogSize> log_{};
  std::array<Gap, kGapLogSize> longest_log_{};  // longest first; of equal ones the oldest
};

}  // namespace mcast
