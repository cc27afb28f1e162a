// One sender's packets fed to a sequence tracker, for tests: the sender sends
// number n at n intervals on both clocks unless the test says otherwise.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "probe/loss_record.h"
#include "probe/sequence_tracker.h"

namespace mcast::test {

using Verdict = SequenceTracker::Verdict;

class SequenceFeed {
 public:
  static constexpr Nanoseconds kLossTimeout = kSecond;
  static constexpr Nanoseconds kStallTimeout = 3 * kSecond;
  // The sender's clock and ours have nothing in common.
  static constexpr std::uint64_t kSendBase = 500'000'000'000;

  // The first packet seen is number `first`.
  explicit SequenceFeed(std::uint64_t first = 0, Nanoseconds interval = kMillisecond)
      : first_(first),
        interval_(interval),
        tracker(first, kSendBase, {.stall = kStallTimeout, .loss = kLossTimeout}) {}

  [[nodiscard]] Nanoseconds due(std::uint64_t sequence) const {
    return static_cast<Nanoseconds>(sequence - first_) * interval_;
  }
  [[nodiscard]] std::uint64_t send_time(std::uint64_t sequence) const {
    return kSendBase + static_cast<std::uint64_t>(due(sequence));
  }

  Verdict raw(std::uint64_t sequence, std::uint64_t send_time_ns, Nanoseconds arrival) {
    return tracker.on_packet(sequence, send_time_ns, arrival, record);
  }
  // Arrives at `arrival`, whenever it was sent.
  Verdict arrives(std::uint64_t sequence, Nanoseconds arrival) {
    return raw(sequence, send_time(sequence), arrival);
  }
  // Arrives the moment it was sent.
  Verdict arrives(std::uint64_t sequence) { return arrives(sequence, due(sequence)); }
  // Numbers `from` to `to`, both included.
  void arrive(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n <= to; ++n) arrives(n);
  }
  void advance(Nanoseconds now) { tracker.advance(now, record); }
  void settle() { advance(due(tracker.highest()) + 100 * kSecond); }

  [[nodiscard]] const ReceptionCounters& counters() const { return record.counters; }

 private:
  std::uint64_t first_;
  Nanoseconds interval_;

 public:
  LossRecord record;
  SequenceTracker tracker;
};

}  // namespace mcast::test
