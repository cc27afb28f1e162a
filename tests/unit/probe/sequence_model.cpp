#include "tests/unit/probe/sequence_model.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

namespace mcast::test {
namespace {

using Verdict = SequenceTracker::Verdict;

// Time by the sender's clock, modulo 2^64; going back counts as no time.
std::int64_t passed(std::uint64_t from, std::uint64_t to) {
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(to - from));
}

}  // namespace

SequenceModel::SequenceModel(std::uint64_t sequence, std::uint64_t send_time,
                             Nanoseconds loss_timeout, Nanoseconds stall_timeout)
    : loss_timeout_(loss_timeout),
      stall_timeout_(stall_timeout),
      first_(sequence),
      highest_(sequence),
      send_times_{{sequence, send_time}} {}

void SequenceModel::advance(Nanoseconds now) {
  for (auto& [number, missing] : missing_) {
    if (now >= missing.seen_at + loss_timeout_) missing.lost = true;
  }
}

Verdict SequenceModel::on_packet(std::uint64_t sequence, std::uint64_t send_time,
                                 Nanoseconds arrival) {
  advance(arrival);
  if (sequence > highest_) {
    const std::uint64_t ahead = sequence - highest_;
    const auto room = static_cast<std::uint64_t>(passed(send_times_.at(highest_), send_time)) / 50;
    if (ahead > 1024 && ahead > room) return Verdict::kImplausible;
    for (std::uint64_t n = highest_ + 1; n < sequence; ++n) {
      missing_[n] = Missing{.seen_at = arrival, .lost = false};
    }
    highest_ = sequence;
    send_times_[sequence] = send_time;
    for (auto& [number, missing] : missing_) {
      if (highest_ - number >= 1024) missing.lost = true;
    }
    return Verdict::kInOrder;
  }
  if (highest_ - sequence >= 4096) return Verdict::kStale;
  if (send_times_.contains(sequence)) {
    ++duplicates_;
    return Verdict::kDuplicate;
  }
  ++reordered_;
  send_times_[sequence] = send_time;
  const auto hole = missing_.find(sequence);
  if (hole == missing_.end()) return Verdict::kReordered;
  if (hole->second.lost) {
    ++late_;
    return Verdict::kLate;
  }
  missing_.erase(hole);
  return Verdict::kReordered;
}

std::uint64_t SequenceModel::distinct_from_first() const {
  return static_cast<std::uint64_t>(
      std::distance(send_times_.lower_bound(first_), send_times_.end()));
}

std::uint64_t SequenceModel::lost() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(missing_, [](const auto& entry) { return entry.second.lost; }));
}

std::vector<SequenceModel::Run> SequenceModel::runs() const {
  std::vector<Run> result;
  for (const auto& [number, missing] : missing_) {
    if (result.empty() || result.back().last + 1 != number) {
      result.push_back(Run{.first = number, .last = number, .settled = true});
    }
    result.back().last = number;
    result.back().settled = result.back().settled && missing.lost;
  }
  return result;
}

std::string SequenceModel::difference(const SequenceTracker& tracker,
                                      const LossRecord& record) const {
  LossBurstHistogram bursts;
  InterruptionHistogram interruptions;
  Nanoseconds longest = 0;
  std::set<std::uint64_t> errored_seconds;
  std::vector<Gap> gaps;
  for (const Run& run : runs()) {
    if (!run.settled) continue;
    const std::uint64_t count = run.last - run.first + 1;
    const std::uint64_t before = send_times_.at(run.first - 1);
    const std::int64_t between = passed(before, send_times_.at(run.last + 1));
    const std::int64_t interval = between / static_cast<std::int64_t>(count + 1);
    bursts.observe(static_cast<double>(count));
    interruptions.observe(to_seconds(between - interval));
    longest = std::max(longest, between - interval);
    gaps.push_back(Gap{.realtime = missing_.at(run.first).seen_at,
                       .length = between - interval,
                       .lost_packets = count});
    // Lost packets left one interval apart; the last one an interval before its
    // neighbour. A second in which a stall began still counts.
    for (std::uint64_t k = 1; k <= count; ++k) {
      const std::int64_t offset =
          k == count ? between - interval : static_cast<std::int64_t>(k) * interval;
      const std::uint64_t second = (before + static_cast<std::uint64_t>(offset)) / 1'000'000'000;
      if (interval > stall_timeout_) break;
      if (offset > stall_timeout_ &&
          second * 1'000'000'000 > before + static_cast<std::uint64_t>(stall_timeout_)) {
        break;
      }
      errored_seconds.insert(second);
    }
  }
  if (gaps.size() > LossRecord::kGapLogSize) {
    gaps.erase(gaps.begin(), gaps.end() - static_cast<std::ptrdiff_t>(LossRecord::kGapLogSize));
  }

  std::ostringstream wrong;
  const auto check = [&wrong](const char* what, auto is, auto should_be) {
    if (is != should_be) wrong << what << " is " << is << " and should be " << should_be << "; ";
  };
  const ReceptionCounters& counters = record.counters;
  check("highest", tracker.highest(), highest_);
  check("pending", tracker.pending(), missing_.size() - lost());
  Nanoseconds next_given_up = kNever;
  for (const auto& [number, missing] : missing_) {
    if (!missing.lost) next_given_up = std::min(next_given_up, missing.seen_at + loss_timeout_);
  }
  check("next deadline", tracker.next_deadline(), next_given_up);
  check("lost", counters.lost, lost());
  check("late", counters.late, late_);
  check("duplicates", counters.duplicates, duplicates_);
  check("reordered", counters.reordered, reordered_);
  check("bursts", counters.loss_bursts.count(), bursts.count());
  check("burst buckets", counters.loss_bursts.counts() == bursts.counts(), true);
  check("burst packets", counters.loss_bursts.sum(), bursts.sum());
  check("interruptions", counters.interruptions.counts() == interruptions.counts(), true);
  check("longest interruption", record.longest_interruption(), longest);
  check("errored seconds", counters.errored_seconds, errored_seconds.size());
  const std::vector<Gap> logged = record.gaps(0);
  check("gap log", logged.size(), gaps.size());
  for (std::size_t i = 0; i < std::min(logged.size(), gaps.size()); ++i) {
    check("gap time", logged[i].realtime, gaps[i].realtime);
    check("gap length", logged[i].length, gaps[i].length);
    check("gap packets", logged[i].lost_packets, gaps[i].lost_packets);
  }
  check("law", distinct_from_first() + counters.lost - counters.late + tracker.pending(),
        highest_ - first_ + 1);
  return wrong.str();
}

}  // namespace mcast::test
