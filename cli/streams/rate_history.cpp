#include "cli/streams/rate_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "probe/snapshot.h"

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

// From nothing at all to a full bar.
constexpr std::array<std::string_view, 9> kBars{"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 9> kAsciiBars{".", "1", "2", "3", "4", "5", "6", "7", "#"};

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

// Bars as high as `level` of a value and the peak says, 0 to 8; those of one style in a row are
// one span.
template <typename Value, typename Level>
Sparkline sparkline(std::span<const Totals> seconds, int width, bool unicode, Style style,
                    Value value, Level level) {
  const auto room = static_cast<std::size_t>(std::max(width, 0));
  seconds = seconds.last(std::min(room, seconds.size()));
  Sparkline result;
  for (const Totals& second : seconds) result.peak = std::max(result.peak, value(second));
  Line& line = result.bars;
  if (seconds.size() < room) line.push_back({std::string(room - seconds.size(), ' ')});
  for (const Totals& second : seconds) {
    const std::size_t height = level(value(second), result.peak);
    const Style own = height == 0 ? Style::kFaint : style;
    if (line.empty() || line.back().style != own) line.push_back({"", own});
    line.back().text += (unicode ? kBars : kAsciiBars)[height];
  }
  return result;
}

}  // namespace

double Totals::loss_percent() const {
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
    const auto went_back = [&](auto count) { return totals.*count < last.totals.*count; };
    if (now < last.at || std::ranges::any_of(kCounts, went_back)) samples_.clear();
  }
  if (samples_.empty()) origin_ = now;
  const std::size_t count = samples_.size();
  if (count > 1 && now - samples_[count - 2].at < kSpacing) samples_.pop_back();
  samples_.push_back({now, totals});
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

Sparkline rate_sparkline(std::span<const RateHistory::Totals> seconds, int width, bool unicode) {
  return sparkline(
      seconds, width, unicode, Style::kPlain,
      [](const Totals& second) { return static_cast<double>(second.packets); },
      [](double rate, double peak) -> std::size_t {
        if (rate <= 0) return 0;
        // A rate that wanders by a packet must not make its bars tremble: what is close to
        // the peak is drawn as the peak.
        const double level = 8 * rate / peak * 1.07 + 0.5;
        return std::clamp<std::size_t>(static_cast<std::size_t>(level), 1, 8);
      });
}

Sparkline loss_sparkline(std::span<const RateHistory::Totals> seconds, int width, bool unicode) {
  return sparkline(
      seconds, width, unicode, Style::kBad,
      [](const Totals& second) { return second.loss_percent(); },
      [](double percent, double) -> std::size_t {
        // From so much on a bar is one higher; anything lost is at least the first.
        constexpr std::array<double, 7> kSteps{0.1, 0.5, 1, 5, 10, 25, 50};
        if (percent <= 0) return 0;
        return 1 +
               static_cast<std::size_t>(std::ranges::upper_bound(kSteps, percent) - kSteps.begin());
      });
}

}  // namespace mcast::cli
