// Decides for one sender ID what is lost, late, reordered, duplicate, stale or
// implausible. A pure function of packets and times: the same input gives the
// same result, and no clock is read. One thread.
//
// Invariant, held by property tests, for the numbers from the first seen one on:
//   distinct received + lost - late + pending == highest - first + 1
//
// Definitions: docs/semantics.md (RFC 4737 reordered, RFC 5560 duplicate, RFC 3357
// loss bursts).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "probe/loss_record.h"
#include "probe/stream_spec.h"
#include "probe/wire.h"

namespace mcast {

// A missing number is given up when the highest is so far ahead of it.
inline constexpr std::uint64_t kReorderWindow = 1024;
// How far back duplicates and late packets are known.
inline constexpr std::uint64_t kDuplicateWindow = 4096;
// Nobody sends faster than this; see SequenceTracker::Verdict::kImplausible.
inline constexpr std::uint64_t kMaxPacketsPerSecond = 20'000'000;

class SequenceTracker {
 public:
  enum class Verdict : std::uint8_t {
    kInOrder,      // above everything seen so far
    kReordered,    // fills a hole in time, or lies before the first one seen
    kLate,         // fills a hole that was already counted lost; also reordered
    kDuplicate,    // seen before
    kStale,        // older than the duplicate window: nothing can be said
    kImplausible,  // a jump forward that the send time does not allow
  };

  // `sequence` and `send_time` are of the sender's first packet seen here, which
  // counts as received.
  SequenceTracker(std::uint64_t sequence, std::uint64_t send_time, Timeouts timeouts);

  // Every further packet of this sender. `arrival` is on our monotonic clock.
  // Counts lost, late, reordered, duplicates, bursts, interruptions and errored
  // seconds in `record`; packets and bytes are the caller's.
  Verdict on_packet(std::uint64_t sequence, std::uint64_t send_time, Nanoseconds arrival,
                    LossRecord& record);

  // The packet handed in last, whose number is heard(), says that its sender will send `left`
  // more; nullopt where it does not know. Its newest word is believed, and no other.
  void announce(std::optional<std::uint32_t> left, Nanoseconds arrival);
  [[nodiscard]] bool has_announced() const { return announced_; }
  // When the last of what was announced had come or was counted lost, or kNever.
  [[nodiscard]] Nanoseconds ended_at() const { return ended_at_; }
  [[nodiscard]] bool ended() const { return ended_at_ != kNever; }

  // Gives up what is overdue at `now`, announced packets behind the highest among it. Calling
  // it often, seldom or never before the next packet makes no difference to the result then.
  void advance(Nanoseconds now, LossRecord& record);
  // Gives up all that is missing: nobody waits for it any longer.
  void settle(LossRecord& record);

  // For what is pending now, too.
  void set_timeouts(Timeouts timeouts) { timeouts_ = timeouts; }

  // When advance() next has something to do, or kNever.
  [[nodiscard]] Nanoseconds next_deadline() const {
    if (gap_count_ != 0) return gap(0).seen_at + timeouts_.loss;
    return left_ != 0 ? tail_deadline() : kNever;
  }

  [[nodiscard]] std::uint64_t first() const { return first_; }
  [[nodiscard]] std::uint64_t highest() const { return highest_; }
  // The highest number that came; below highest() where announced packets were counted lost.
  [[nodiscard]] std::uint64_t heard() const { return heard_; }
  // Missing numbers that may still arrive in time.
  [[nodiscard]] std::uint64_t pending() const;
  // The sender's own packet interval, averaged from the first packet seen to the
  // highest; 0 while there is only one.
  [[nodiscard]] Nanoseconds mean_interval() const;
  // Packets that by this pace were due in a silence of `silence` ns; never more than were
  // announced. An estimate.
  [[nodiscard]] std::uint64_t due_in(Nanoseconds silence) const;

 private:
  // A run of consecutive missing numbers, `first` to `last`. Those below
  // `pending` are already counted lost.
  struct MissingRun {
    std::uint64_t first = 0;
    std::uint64_t pending = 0;
    std::uint64_t last = 0;
    std::uint64_t send_before = 0;  // send time of number first - 1
    std::uint64_t send_after = 0;   // send time of number last + 1
    Nanoseconds seen_at = 0;        // arrival of the packet that opened it
  };

  // Runs in ascending order, in a ring that grows when losses need it: a sender
  // without loss holds no memory for them. At most kReorderWindow / 2 fit.
  [[nodiscard]] MissingRun& gap(std::size_t i) { return gaps_[(gap_head_ + i) & gap_mask()]; }
  [[nodiscard]] const MissingRun& gap(std::size_t i) const {
    return gaps_[(gap_head_ + i) & gap_mask()];
  }
  [[nodiscard]] std::size_t gap_mask() const { return gaps_.size() - 1; }
  void insert_gap(std::size_t position, const MissingRun& run);
  void erase_gap(std::size_t position);

  [[nodiscard]] bool was_seen(std::uint64_t sequence) const;
  void mark_seen(std::uint64_t sequence);
  void mark_unseen(std::uint64_t from, std::uint64_t count);

  Verdict jump_ahead(std::uint64_t sequence, std::uint64_t send_time, Nanoseconds arrival,
                     LossRecord& record);
  Verdict look_back(std::uint64_t sequence, std::uint64_t send_time, LossRecord& record);
  void give_up_by_distance(LossRecord& record);
  void give_up_oldest(LossRecord& record);
  void count_lost(const MissingRun& run, std::uint64_t count, LossRecord& record) const;
  void lose_tail(LossRecord& record);
  void note_end(Nanoseconds at);
  [[nodiscard]] Nanoseconds tail_deadline() const;
  void close(const MissingRun& run, LossRecord& record);
  void count_errored_seconds(const MissingRun& run, Nanoseconds interval, LossRecord& record);

  static constexpr std::uint64_t kWordBits = 64;

  std::uint64_t first_;
  std::uint64_t first_send_time_;
  std::uint64_t highest_;
  std::uint64_t heard_;
  std::uint64_t highest_send_time_;
  Timeouts timeouts_;
  std::uint64_t next_errored_second_ = 0;
  std::vector<MissingRun> gaps_;
  std::size_t gap_head_ = 0;
  std::size_t gap_count_ = 0;
  // What the sender said of its end: so many packets behind `heard_`, and when the last of them
  // was due by its pace (kNever while the pace is not known).
  std::uint32_t left_ = 0;
  bool announced_ = false;
  Nanoseconds tail_due_ = kNever;
  Nanoseconds ended_at_ = kNever;
  std::array<std::uint64_t, kDuplicateWindow / kWordBits> seen_{};
};

}  // namespace mcast
