#include "probe/sequence_tracker.h"

#include <algorithm>
#include <limits>

namespace mcast {
namespace {

// Send times are whatever a stranger's packet says: differences are taken modulo
// 2^64 and clamped, so that no value of theirs overflows anything of ours.
Nanoseconds elapsed(std::uint64_t from, std::uint64_t to) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<Nanoseconds>::max());
  const std::uint64_t difference = to - from;
  return difference > kMax ? 0 : static_cast<Nanoseconds>(difference);
}

// The time that `lost` consecutive packets cover: from one neighbour to the other, less one
// packet interval.
Nanoseconds interruption(std::uint64_t send_before, std::uint64_t send_after, std::uint64_t lost) {
  const Nanoseconds between = elapsed(send_before, send_after);
  // `lost` + 1 packet intervals lie between the two neighbours. Signed division by a number
  // above 2^63 would go wrong; such a run takes no time anyway.
  const auto steps = static_cast<Nanoseconds>(
      std::min<std::uint64_t>(lost + 1, static_cast<std::uint64_t>(kNever)));
  return between - between / steps;
}

// A sender may stamp a whole batch with one time; jumps within the reorder
// window are therefore never implausible.
bool plausible_jump(std::uint64_t distance, Nanoseconds send_time_passed) {
  if (distance <= kReorderWindow) return true;
  constexpr std::uint64_t kNanosecondsPerPacket = 1'000'000'000 / kMaxPacketsPerSecond;
  return distance <= static_cast<std::uint64_t>(send_time_passed) / kNanosecondsPerPacket;
}

}  // namespace

SequenceTracker::SequenceTracker(std::uint64_t sequence, std::uint64_t send_time, Timeouts timeouts)
    : first_(sequence),
      first_send_time_(send_time),
      highest_(sequence),
      heard_(sequence),
      highest_send_time_(send_time),
      timeouts_(timeouts) {
  mark_seen(sequence);
}

SequenceTracker::Verdict SequenceTracker::on_packet(std::uint64_t sequence, std::uint64_t send_time,
                                                    Nanoseconds arrival, LossRecord& record) {
  if (gap_count_ != 0 || left_ != 0) advance(arrival, record);
  if (sequence > highest_) return jump_ahead(sequence, send_time, arrival, record);
  const Verdict verdict = look_back(sequence, send_time, record);
  // What was given up when the sender fell silent, and it only had paused.
  if (verdict == Verdict::kLate) heard_ = std::max(heard_, sequence);
  note_end(arrival);
  return verdict;
}

void SequenceTracker::announce(std::optional<std::uint32_t> left, Nanoseconds arrival) {
  announced_ = left.has_value();
  // Sequence numbers end at 2^64 - 1, whatever a sender says.
  left_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      left.value_or(0), std::numeric_limits<std::uint64_t>::max() - heard_));
  tail_due_ = kNever;
  ended_at_ = kNever;
  if (left_ != 0) {
    const Nanoseconds interval = mean_interval();
    constexpr Nanoseconds kLongest = kNever / (kMaxAnnounced + 1) / 4;
    if (interval != 0 && interval < kLongest) tail_due_ = arrival + interval * left_;
  }
  note_end(arrival);
}

void SequenceTracker::note_end(Nanoseconds at) {
  if (announced_ && left_ == 0 && gap_count_ == 0 && ended_at_ == kNever) ended_at_ = at;
}

Nanoseconds SequenceTracker::tail_deadline() const {
  return tail_due_ == kNever ? kNever : tail_due_ + timeouts_.loss;
}

SequenceTracker::Verdict SequenceTracker::jump_ahead(std::uint64_t sequence,
                                                     std::uint64_t send_time, Nanoseconds arrival,
                                                     LossRecord& record) {
  const std::uint64_t distance = sequence - highest_;
  if (distance > 1) {
    if (!plausible_jump(distance, elapsed(highest_send_time_, send_time))) {
      return Verdict::kImplausible;
    }
    mark_unseen(highest_ + 1, distance - 1);
    insert_gap(gap_count_, MissingRun{.first = highest_ + 1,
                                      .pending = highest_ + 1,
                                      .last = sequence - 1,
                                      .send_before = highest_send_time_,
                                      .send_after = send_time,
                                      .seen_at = arrival});
  }
  mark_seen(sequence);
  highest_ = heard_ = sequence;
  highest_send_time_ = send_time;
  if (gap_count_ != 0) give_up_by_distance(record);
  return Verdict::kInOrder;
}

SequenceTracker::Verdict SequenceTracker::look_back(std::uint64_t sequence, std::uint64_t send_time,
                                                    LossRecord& record) {
  if (highest_ - sequence >= kDuplicateWindow) return Verdict::kStale;
  if (was_seen(sequence)) {
    ++record.counters.duplicates;
    return Verdict::kDuplicate;
  }
  mark_seen(sequence);
  ++record.counters.reordered;
  if (sequence < first_) return Verdict::kReordered;

  // The first run that ends at or behind this number.
  std::size_t low = 0;
  std::size_t high = gap_count_;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (gap(middle).last < sequence) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == gap_count_ || sequence < gap(low).pending) {
    ++record.counters.late;
    return Verdict::kLate;
  }

  // It splits the run in two; either half may be empty.
  MissingRun before = gap(low);
  MissingRun after = before;
  before.last = sequence - 1;
  before.send_after = send_time;
  after.first = after.pending = sequence + 1;
  after.send_before = send_time;
  const bool before_is_empty = sequence == before.first;
  const bool before_is_settled = sequence == before.pending;
  const bool after_is_empty = sequence == after.last;
  if (before_is_settled) {
    if (!before_is_empty) close(before, record);
    if (after_is_empty) {
      erase_gap(low);
    } else {
      gap(low) = after;
    }
  } else {
    gap(low) = before;
    if (!after_is_empty) insert_gap(low + 1, after);
  }
  return Verdict::kReordered;
}

void SequenceTracker::advance(Nanoseconds now, LossRecord& record) {
  while (gap_count_ != 0 && now - gap(0).seen_at >= timeouts_.loss) {
    const Nanoseconds deadline = gap(0).seen_at + timeouts_.loss;
    give_up_oldest(record);
    note_end(deadline);
  }
  if (left_ != 0 && now >= tail_deadline()) lose_tail(record);
}

void SequenceTracker::settle(LossRecord& record) {
  while (gap_count_ != 0) give_up_oldest(record);
}

void SequenceTracker::give_up_oldest(LossRecord& record) {
  const MissingRun& run = gap(0);
  count_lost(run, run.last - run.pending + 1, record);
  close(run, record);
  erase_gap(0);
}

void SequenceTracker::count_lost(const MissingRun& run, std::uint64_t count,
                                 LossRecord& record) const {
  record.counters.lost += count;
  // Most are short: no division for them.
  if (elapsed(run.send_before, run.send_after) > timeouts_.stall &&
      interruption(run.send_before, run.send_after, run.last - run.first + 1) > timeouts_.stall) {
    record.counters.outage_lost += count;
  }
}

// What was announced and is not going to come. Its packets lie behind the highest, so that
// nothing was missing until the pace said so; some may have been given up before.
void SequenceTracker::lose_tail(LossRecord& record) {
  const Nanoseconds deadline = tail_deadline();
  const std::uint64_t last = heard_ + left_;
  left_ = 0;
  if (last > highest_) {
    const auto interval = static_cast<std::uint64_t>(mean_interval());
    const std::uint64_t count = last - highest_;
    const MissingRun run{.first = highest_ + 1,
                         .pending = highest_ + 1,
                         .last = last,
                         .send_before = highest_send_time_,
                         .send_after = highest_send_time_ + interval * (count + 1),
                         .seen_at = deadline};
    mark_unseen(run.first, count);
    highest_ = last;
    highest_send_time_ = run.send_after - interval;
    count_lost(run, count, record);
    close(run, record);
  }
  note_end(deadline);
}

void SequenceTracker::give_up_by_distance(LossRecord& record) {
  if (highest_ < kReorderWindow) return;
  const std::uint64_t newest_lost = highest_ - kReorderWindow;
  while (gap_count_ != 0 && gap(0).pending <= newest_lost) {
    MissingRun& run = gap(0);
    const std::uint64_t count = std::min(run.last, newest_lost) - run.pending + 1;
    count_lost(run, count, record);
    run.pending += count;
    if (run.pending <= run.last) break;
    close(run, record);
    erase_gap(0);
  }
}

void SequenceTracker::close(const MissingRun& run, LossRecord& record) {
  const std::uint64_t lost = run.last - run.first + 1;
  const Nanoseconds length = interruption(run.send_before, run.send_after, lost);
  record.add_burst(lost, length, run.seen_at);
  count_errored_seconds(run, elapsed(run.send_before, run.send_after) - length, record);
}

void SequenceTracker::count_errored_seconds(const MissingRun& run, Nanoseconds interval,
                                            LossRecord& record) {
  // Seconds of the sender's clock in which a lost packet was sent; what lies
  // behind the stall timeout is a stall and not an errored second.
  const auto second_of = [](std::uint64_t ns) { return ns / std::uint64_t{1'000'000'000}; };
  const Nanoseconds between = elapsed(run.send_before, run.send_after);
  const Nanoseconds to_last_lost = std::min(between - interval, timeouts_.stall);
  if (interval > to_last_lost) return;
  std::uint64_t from = second_of(run.send_before + static_cast<std::uint64_t>(interval));
  const std::uint64_t to = second_of(run.send_before + static_cast<std::uint64_t>(to_last_lost));
  from = std::max(from, next_errored_second_);
  if (from > to) return;
  std::uint64_t seconds = to - from + 1;
  if (interval > kSecond) {
    // Slower than one packet a second: not every second had one to lose.
    seconds = std::min(seconds, static_cast<std::uint64_t>(to_last_lost / interval));
  }
  record.counters.errored_seconds += seconds;
  next_errored_second_ = to + 1;
}

std::uint64_t SequenceTracker::pending() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < gap_count_; ++i) sum += gap(i).last - gap(i).pending + 1;
  return sum;
}

Nanoseconds SequenceTracker::mean_interval() const {
  if (highest_ == first_) return 0;
  const auto steps = static_cast<Nanoseconds>(
      std::min<std::uint64_t>(highest_ - first_, static_cast<std::uint64_t>(kNever)));
  return elapsed(first_send_time_, highest_send_time_) / steps;
}

std::uint64_t SequenceTracker::due_in(Nanoseconds silence) const {
  constexpr auto kShortest = static_cast<Nanoseconds>(1'000'000'000 / kMaxPacketsPerSecond);
  const Nanoseconds interval = mean_interval();
  // Packets of one batch may have one send time: no pace either.
  if (interval == 0 || silence <= 0) return 0;
  const auto due = static_cast<std::uint64_t>(silence / std::max(kShortest, interval));
  return announced_ ? std::min<std::uint64_t>(due, left_) : due;
}

bool SequenceTracker::was_seen(std::uint64_t sequence) const {
  const std::uint64_t slot = sequence % kDuplicateWindow;
  return ((seen_[slot / kWordBits] >> (slot % kWordBits)) & 1U) != 0;
}

void SequenceTracker::mark_seen(std::uint64_t sequence) {
  const std::uint64_t slot = sequence % kDuplicateWindow;
  seen_[slot / kWordBits] |= std::uint64_t{1} << (slot % kWordBits);
}

void SequenceTracker::mark_unseen(std::uint64_t from, std::uint64_t count) {
  if (count >= kDuplicateWindow) {
    seen_.fill(0);
    return;
  }
  // A word at a time: a hostile sender can make every packet a jump.
  while (count > 0) {
    const std::uint64_t slot = from % kDuplicateWindow;
    const std::uint64_t bit = slot % kWordBits;
    const std::uint64_t bits = std::min(count, kWordBits - bit);
    const std::uint64_t mask =
        bits == kWordBits ? ~std::uint64_t{0} : ((std::uint64_t{1} << bits) - 1) << bit;
    seen_[slot / kWordBits] &= ~mask;
    from += bits;
    count -= bits;
  }
}

void SequenceTracker::insert_gap(std::size_t position, const MissingRun& run) {
  if (gap_count_ == gaps_.size()) {
    std::vector<MissingRun> larger(std::max<std::size_t>(4, gaps_.size() * 2));
    for (std::size_t i = 0; i < gap_count_; ++i) larger[i] = gap(i);
    gaps_ = std::move(larger);
    gap_head_ = 0;
  }
  ++gap_count_;
  for (std::size_t i = gap_count_ - 1; i > position; --i) gap(i) = gap(i - 1);
  gap(position) = run;
}

void SequenceTracker::erase_gap(std::size_t position) {
  for (std::size_t i = position; i > 0; --i) gap(i) = gap(i - 1);
  gap_head_ = (gap_head_ + 1) & gap_mask();
  --gap_count_;
}

}  // namespace mcast
