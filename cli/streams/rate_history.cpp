#include "cli/streams/rate_history.h"

#include <algorithm>
#include <cmath>

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

double percent(std::uint64_t lost, std::uint64_t packets) {
  if (lost == 0) return 0;
  const auto sum = static_cast<double>(lost) + static_cast<double>(packets);
  return 100.0 * static_cast<double>(lost) / sum;
}

}  // namespace

void RateHistory::add(Nanoseconds now, const Totals& totals) {
  if (!samples_.empty()) {
    const Sample& last = samples_.back();
    const bool went_back = now < last.at || totals.packets < last.totals.packets ||
                           totals.bytes < last.totals.bytes || totals.lost < last.totals.lost;
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
  return {between(before.totals.packets, after->totals.packets, share),
          between(before.totals.bytes, after->totals.bytes, share),
          between(before.totals.lost, after->totals.lost, share)};
}

Nanoseconds RateHistory::start_of(Nanoseconds span) const {
  return std::max(samples_.front().at, samples_.back().at - span);
}

double RateHistory::packets_per_second(Nanoseconds span) const {
  if (samples_.size() < 2) return 0;
  const Nanoseconds start = start_of(span);
  const double seconds = to_seconds(samples_.back().at - start);
  const std::uint64_t grown = samples_.back().totals.packets - totals_at(start).packets;
  return seconds > 0 ? static_cast<double>(grown) / seconds : 0;
}

double RateHistory::bits_per_second(Nanoseconds span) const {
  if (samples_.size() < 2) return 0;
  const Nanoseconds start = start_of(span);
  const double seconds = to_seconds(samples_.back().at - start);
  const std::uint64_t grown = samples_.back().totals.bytes - totals_at(start).bytes;
  return seconds > 0 ? 8.0 * static_cast<double>(grown) / seconds : 0;
}

double RateHistory::loss_percent(Nanoseconds span) const {
  if (samples_.size() < 2) return 0;
  const Totals before = totals_at(start_of(span));
  const Totals& now = samples_.back().totals;
  return percent(now.lost - before.lost, now.packets - before.packets);
}

std::vector<RateHistory::Second> RateHistory::seconds(std::size_t count) const {
  if (samples_.size() < 2) return {};
  const Nanoseconds end = (samples_.back().at - origin_) / kSecond;
  // The oldest whole second that lies behind the first sample that is left.
  const Nanoseconds oldest = (samples_.front().at - origin_ + kSecond - 1) / kSecond;
  const auto wanted = static_cast<Nanoseconds>(std::min(count, kSeconds));
  const Nanoseconds begin = std::max(oldest, end - wanted);
  std::vector<Second> result;
  if (begin >= end) return result;
  result.reserve(static_cast<std::size_t>(end - begin));
  Totals before = totals_at(origin_ + begin * kSecond);
  for (Nanoseconds second = begin + 1; second <= end; ++second) {
    const Totals after = totals_at(origin_ + second * kSecond);
    result.push_back({after.packets - before.packets, after.lost - before.lost});
    before = after;
  }
  return result;
}

}  // namespace mcast::cli
