#include "cli/streams/sparkline.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace mcast::cli {
namespace {

// From nothing at all to a full bar.
constexpr std::array<std::string_view, 9> kBars{"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 9> kAsciiBars{".", "1", "2", "3", "4", "5", "6", "7", "#"};

// Percent from which a bar is so high; anything lost is at least the first.
constexpr std::array<double, 7> kLossSteps{0.1, 0.5, 1, 5, 10, 25, 50};

std::size_t loss_level(const RateHistory::Second& second) {
  if (second.lost == 0) return 0;
  const auto step = std::ranges::upper_bound(kLossSteps, second.loss_percent());
  return 1 + static_cast<std::size_t>(step - kLossSteps.begin());
}

// A rate that wanders by a packet must not make its bars tremble: what is close to
// the peak is drawn as the peak.
std::size_t rate_level(double rate, double peak) {
  if (rate <= 0 || peak <= 0) return 0;
  const double level = 8 * rate / peak * 1.07 + 0.5;
  return std::clamp<std::size_t>(static_cast<std::size_t>(level), 1, 8);
}

// The newest seconds that fit; `level` gives 0 to 8, and bars of one style in a row are one
// span.
template <typename Level>
Line bars(std::span<const RateHistory::Second> seconds, std::size_t width, bool unicode,
          Style style, Level level) {
  Line line;
  if (seconds.size() < width) line.push_back({std::string(width - seconds.size(), ' ')});
  for (const RateHistory::Second& second : seconds) {
    const std::size_t height = level(second);
    const Style own = height == 0 ? Style::kFaint : style;
    if (line.empty() || line.back().style != own) line.push_back({"", own});
    line.back().text += (unicode ? kBars : kAsciiBars)[height];
  }
  return line;
}

std::span<const RateHistory::Second> newest(std::span<const RateHistory::Second> seconds,
                                            std::size_t width) {
  return seconds.last(std::min(width, seconds.size()));
}

}  // namespace

Line rate_sparkline(std::span<const RateHistory::Second> seconds, int width, bool unicode) {
  const auto room = static_cast<std::size_t>(std::max(width, 0));
  const auto shown = newest(seconds, room);
  return bars(shown, room, unicode, Style::kPlain, [peak = peak_rate(shown)](const auto& second) {
    return rate_level(static_cast<double>(second.packets), peak);
  });
}

Line loss_sparkline(std::span<const RateHistory::Second> seconds, int width, bool unicode) {
  const auto room = static_cast<std::size_t>(std::max(width, 0));
  return bars(newest(seconds, room), room, unicode, Style::kBad, loss_level);
}

double peak_rate(std::span<const RateHistory::Second> seconds) {
  std::uint64_t peak = 0;
  for (const RateHistory::Second& second : seconds) peak = std::max(peak, second.packets);
  return static_cast<double>(peak);
}

double peak_loss_percent(std::span<const RateHistory::Second> seconds) {
  double peak = 0;
  for (const RateHistory::Second& second : seconds) peak = std::max(peak, second.loss_percent());
  return peak;
}

}  // namespace mcast::cli
