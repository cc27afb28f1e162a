#include "cli/streams/rate_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

namespace mcast::cli {
namespace {

using Totals = RateHistory::Totals;

constexpr std::array kCounts{&Totals::packets, &Totals::bytes, &Totals::lost, &Totals::duplicates,
                             &Totals::late};
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

Totals grown(const Totals& before, const Totals& after) {
  Totals grown;
  for (const auto count : kCounts) grown.*count = after.*count - before.*count;
  // Each of them is rounded: together they must stay what can have come.
  grown.duplicates = std::min(grown.duplicates, grown.packets);
  grown.late = std::min(grown.late, grown.packets - grown.duplicates);
  return grown;
}

}  // namespace

std::optional<double> Totals::loss_percent() const {
  ReceptionCounters counters;
  counters.packets = packets;
  counters.lost = lost;
  counters.duplicates = duplicates;
  counters.late = late;
  const auto ratio = loss_ratio(counters);
  return ratio ? std::optional(100 * *ratio) : std::nullopt;
}

void RateHistory::begin_anew() {
  samples_.clear();
  outage_.reset();
  given_ = {};
}

// The newest sample shows `shown` lost packets; what the outage was shown to cost before is
// stretched to that.
void RateHistory::put_right(std::uint64_t shown) {
  const std::uint64_t before = outage_->before;
  const std::uint64_t was = samples_.back().totals.lost;
  outage_.reset();
  if (was <= before) return;
  const double share =
      static_cast<double>(shown - std::min(shown, before)) / static_cast<double>(was - before);
  for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
    std::uint64_t& lost = sample->totals.lost;
    if (lost <= before) break;
    lost = before +
           static_cast<std::uint64_t>(std::llround(static_cast<double>(lost - before) * share));
  }
}

void RateHistory::add(Nanoseconds now, const Totals& totals) {
  // A loss timeout and a little, until overdue packets are counted lost.
  constexpr Nanoseconds kUntilCounted = 2 * kSecond;
  if (!samples_.empty()) {
    const auto went_back = [&](auto count) { return totals.*count < given_.*count; };
    if (now < samples_.back().at || std::ranges::any_of(kCounts, went_back)) begin_anew();
  }
  Totals shown = totals;
  shown.lost += std::exchange(shown.overdue, 0);
  if (samples_.empty()) origin_ = now;
  const std::uint64_t before = samples_.empty() ? totals.lost : samples_.back().totals.lost;
  if (outage_ && totals.overdue < given_.overdue) {
    if (outage_->over == 0) outage_->counted = given_.lost;
    outage_->over += given_.overdue - totals.overdue;
    outage_->over_at = now;
  }
  if (outage_ && outage_->over > 0 &&
      (totals.lost - outage_->counted >= outage_->over || now - outage_->over_at > kUntilCounted)) {
    put_right(shown.lost);
  }
  if (!outage_ && totals.overdue > 0) outage_ = {.before = before};
  if (!samples_.empty()) shown.lost = std::max(shown.lost, samples_.back().totals.lost);
  given_ = totals;
  const std::size_t count = samples_.size();
  if (count > 1 && now - samples_[count - 2].at < kSpacing) samples_.pop_back();
  samples_.push_back({now, shown});
  // The one before the oldest moment is kept, to interpolate from.
  while (samples_.size() > 2 && samples_[1].at <= now - kKept) samples_.pop_front();
}

RateHistory::Totals RateHistory::totals_at(Nanoseconds at) const {
  const auto after = std::ranges::lower_bound(samples_, at, {}, &Sample::at);
  if (after == samples_.end()) return samples_.back().totals;
  if (after == samples_.begin()) return samples_.front().totals;
  const Sample& before = *std::prev(after);
  const double share = to_seconds(at - before.at) / to_seconds(after->at - before.at);
  Totals totals;
  for (const auto count : kCounts) {
    totals.*count = between(before.totals.*count, after->totals.*count, share);
  }
  return totals;
}

RateHistory::Rates RateHistory::over(Nanoseconds span) const {
  if (samples_.size() < 2) return {};
  const auto& [end, last] = samples_.back();
  const Nanoseconds start = std::max(samples_.front().at, end - span);
  const Totals came = grown(totals_at(start), last);
  const auto a_second = [seconds = to_seconds(end - start)](std::uint64_t count) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
  };
  return {.packets_per_second = a_second(came.packets),
          .bits_per_second = 8 * a_second(came.bytes),
          .loss_percent = came.loss_percent()};
}

std::vector<RateHistory::Totals> RateHistory::seconds(std::size_t count) const {
  std::vector<Totals> result;
  if (samples_.size() < 2) return result;
  const Nanoseconds end = (samples_.back().at - origin_) / kSecond;
  // The oldest whole second that begins after the first sample that is left.
  const Nanoseconds oldest = (samples_.front().at - origin_ + kSecond - 1) / kSecond;
  const Nanoseconds begin =
      std::max(oldest, end - static_cast<Nanoseconds>(std::min(count, kSeconds)));
  Totals before = totals_at(origin_ + begin * kSecond);
  for (Nanoseconds second = begin + 1; second <= end; ++second) {
    const Totals after = totals_at(origin_ + second * kSecond);
    result.push_back(grown(before, after));
    before = after;
  }
  return result;
}

void StreamRates::add(Nanoseconds now, const ProbeSnapshot& streams) {
  constexpr Nanoseconds kSpan = 3 * kSecond;  // to twice as much
  Sample sample{.at = now, .totals = {}};
  for (const ReceiverSnapshot& receiver : streams.receivers) {
    Totals& totals = sample.totals.emplace_back();
    for (const SourceSnapshot& source : receiver.sources) {
      totals.packets += source.counters.packets;
      totals.bytes += source.counters.bytes;
    }
  }
  for (const SenderSnapshot& sender : streams.senders) {
    sample.totals.push_back({.packets = sender.packets, .bytes = sender.bytes});
  }
  rates_.clear();
  const auto went_back = [](const Totals& before, const Totals& after) {
    return after.packets < before.packets || after.bytes < before.bytes;
  };
  const bool is_anew = !std::ranges::equal(before_.totals, sample.totals, std::not_fn(went_back));
  if (is_anew || now < before_.at) {
    before_ = next_ = std::move(sample);
    return;
  }
  const double seconds = to_seconds(now - before_.at);
  if (seconds <= 0) return;
  for (std::size_t i = 0; i < sample.totals.size(); ++i) {
    const Totals came = grown(before_.totals[i], sample.totals[i]);
    rates_.push_back({.packets_per_second = static_cast<double>(came.packets) / seconds,
                      .bits_per_second = 8 * static_cast<double>(came.bytes) / seconds});
  }
  if (now - next_.at >= kSpan) before_ = std::exchange(next_, std::move(sample));
}

}  // namespace mcast::cli
