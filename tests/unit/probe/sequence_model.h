// The meanings of docs/semantics.md for one sender ID, written down as naively as
// they read: every number ever seen or missed is kept by itself. Slow, without
// bounds, and nothing of it is shared with the tracker that it is held against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "probe/loss_record.h"
#include "probe/sequence_tracker.h"

namespace mcast::test {

class SequenceModel {
 public:
  SequenceModel(std::uint64_t sequence, std::uint64_t send_time, Nanoseconds loss_timeout,
                Nanoseconds stall_timeout);

  SequenceTracker::Verdict on_packet(std::uint64_t sequence, std::uint64_t send_time,
                                     Nanoseconds arrival);
  void advance(Nanoseconds now);

  // What is wrong with the tracker and its record, or "" when all agrees.
  [[nodiscard]] std::string difference(const SequenceTracker& tracker,
                                       const LossRecord& record) const;

  [[nodiscard]] std::uint64_t distinct_from_first() const;
  [[nodiscard]] std::uint64_t lost() const;
  [[nodiscard]] std::uint64_t late() const { return late_; }

 private:
  // A number that was skipped and did not come in time (yet).
  struct Missing {
    Nanoseconds seen_at = 0;
    bool lost = false;
  };
  // Consecutive missing numbers between two that came in time.
  struct Run {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool settled = true;
  };

  [[nodiscard]] std::vector<Run> runs() const;

  Nanoseconds loss_timeout_;
  Nanoseconds stall_timeout_;
  std::uint64_t first_;
  std::uint64_t highest_;
  std::map<std::uint64_t, std::uint64_t> send_times_;  // of every number received
  std::map<std::uint64_t, Missing> missing_;           // late ones stay
  std::uint64_t late_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t reordered_ = 0;
};

}  // namespace mcast::test
