#include "cli/streams/rate_history.h"

#include <algorithm>
#include <cmath>

#include "probe/snapshot.h"

namespace mcast::cli {
namespace {

// Samples closer together than this say nothing more: the newest replaces the one
// before it, which bounds the memory however often add() is called.
constexpr Nanoseconds kSpacing = 100 * kMillisecond;
// One more than what is shown, which begins at a whole second.
constexpr auto kKept = static_cast<Nanoseconds>(RateHistory::kSeconds + 1) * kSecond;

// To the nearest whole packet.
std::uint64_t between(std::uint64_t before, std::uint64_t after, double share) {
  if (share >= 1) return after;  // its product with 2^64 - 1 would not fit again
  const auto grown =
      static_cast<std::uint64_t>(std::round(static_cast<double>(after - before) * share));
  // A double of many digits may round up to more than there is.
  return before + std::min(after - before, grown);
}

double a_second(std::uint64_t grown, Nanoseconds time) {
  return time > 0 ? static_cast<double>(grown) / to_seconds(time) : 0;
}

RateHistory::Second between(const RateHistory::Totals& before, const RateHistory::Totals& after) {
  RateHistory::Second grown{.packets = after.packets - before.packets,
                            .lost = after.lost - before.lost,
                            .duplicates = after.duplicates - before.duplicates,
                            .late = after.late - before.late};
  // Each of them is rounded: together they must stay what can have come.
  grown.duplicates = std::min(grown.duplicates, grown.packets);
  grown.late = std::min(grown.late, grown.packets - grown.duplicates);
  return grown;
}

}  // namespace

double RateHistory::Second::loss_percent() const {
  ReceptionCounters counters;
  counters.packets = packets;
  counters.lost = lost;
  counters.duplicates = duplicates;
  counters.late = late;
  return 100 * loss_ratio(counters).value_or(0);
}

void RateHistory::add(Nanoseconds now, const Totals& totals) {
  if (!samples_.empty()) {
    const Sample& last = samples_.back();
    const bool went_back = now < last.at || totals.packets < last.totals.packets ||
                           totals.bytes < last.totals.bytes || totals.lost < last.totals.lost ||
                           totals.duplicates < last.totals.duplicates ||
                           totals.late < last.totals.late;
    if (went_back) samples_.clear();
  }
  if (samples_.empty()) {
    origin_ = now;
    samples_.push_back({now, totals});
    return;
  }
  const std::size_t count = samples_.size();
  if (count > 1 && now - samples_[count - 2].at < kSpacing) {
    samples_.back() = {now, totals};
  } else {
    samples_.push_back({now, totals});
  }
  // The one before the oldest moment is kept, to interpolate from.
  while (samples_.size() > 2 && samples_[1].at <= now - kKept) samples_.pop_front();
}

RateHistory::Totals RateHistory::totals_at(Nanoseconds at) const {
  const auto after = std::ranges::lower_bound(samples_, at, {}, &Sample::at);
  if (after == samples_.end()) return samples_.back().totals;
  if (after == samples_.begin()) return samples_.front().totals;
  const Sample& before = *std::prev(after);
  const double share = to_seconds(at - before.at) / to_seconds(after->at - before.at);
  const auto at_share = [&](std::uint64_t Totals::* count) {
    return between(before.totals.*count, after->totals.*count, share);
  };
  return {.packets = at_share(&Totals::packets),
          .bytes = at_share(&Totals::bytes),
          .lost = at_share(&Totals::lost),
          .duplicates = at_share(&Totals::duplicates),
          .late = at_share(&Totals::late)};
}

Nanoseconds RateHistory::start_of(Nanoseconds span) const {
  return std::max(samples_.front().at, samples_.back().at - span);
}

double RateHistory::packets_per_second(Nanoseconds span) const {
  if (samples_.size() < 2) return 0;
  const Nanoseconds start = start_of(span);
  return a_second(samples_.back().totals.packets - totals_at(start).packets,
                  samples_.back().at - start);
}

double RateHistory::bits_per_second(Nanoseconds span) const {
  if (samples_.size() < 2) return 0;
  const Nanoseconds start = start_of(span);
  return 8.0 * a_second(samples_.back().totals.bytes - totals_at(start).bytes,
                        samples_.back().at - start);
}

double RateHistory::loss_percent(Nanoseconds span) const {
  if (samples_.size() < 2) return 0;
  return between(totals_at(start_of(span)), samples_.back().totals).loss_percent();
}

std::vector<RateHistory::Second> RateHistory::seconds(std::size_t count) const {
  if (samples_.size() < 2) return {};
  const Nanoseconds end = (samples_.back().at - origin_) / kSecond;
  // The oldest whole second that begins after the first sample that is left.
  const Nanoseconds oldest = (samples_.front().at - origin_ + kSecond - 1) / kSecond;
  const auto wanted = static_cast<Nanoseconds>(std::min(count, kSeconds));
  const Nanoseconds begin = std::max(oldest, end - wanted);
  std::vector<Second> result;
  if (begin >= end) return result;
  result.reserve(static_cast<std::size_t>(end - begin));
  Totals before = totals_at(origin_ + begin * kSecond);
  for (Nanoseconds second = begin + 1; second <= end; ++second) {
    const Totals after = totals_at(origin_ + second * kSecond);
    result.push_back(between(before, after));
    before = after;
  }
  return result;
}

}  // namespace mcast::cli
