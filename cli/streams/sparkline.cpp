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

double loss_percent(const RateHistory::Second& second) {
  if (second.lost == 0) return 0;
  const auto lost = static_cast<double>(second.lost);
  return 100.0 * lost / (lost + static_cast<double>(second.packets));
}

std::size_t loss_level(const RateHistory::Second& second) {
  if (second.lost == 0) return 0;
  const auto step = std::ranges::upper_bound(kLossSteps, loss_percent(second));
  return 1 + static_cast<std::size_t>(step - kLossSteps.begin());
}

// A rate that wanders by a packet must not make its bars tremble: what is close to
// the peak is drawn as the peak.
std::size_t rate_level(double rate, double peak) {
  if (rate <= 0 || peak <= 0) return 0;
  const double level = 8 * rate / peak * 1.07 + 0.5;
  return std::clamp<std::size_t>(static_cast<std::size_t>(level), 1, 8);
}

std::span<const RateHistory::Second> last(std::span<const RateHistory::Second> seconds,
                                          std::size_t count) {
  return seconds.last(std::min(count, seconds.size()));
}

// Bars of one style in a row are one span.
void append(Line& line, std::string_view bar, Style style) {
  if (line.empty() || line.back().style != style) line.push_back({"", style});
  line.back().text += bar;
}

}  // namespace

Line rate_sparkline(std::span<const RateHistory::Second> seconds, int width, bool unicode) {
  const auto room = static_cast<std::size_t>(std::max(width, 0));
  const auto shown = last(seconds, room);
  Line line;
  if (shown.size() < room) append(line, std::string(room - shown.size(), ' '), Style::kPlain);
  const double peak = peak_rate(shown);
  for (const RateHistory::Second& second : shown) {
    const std::size_t level = rate_level(static_cast<double>(second.packets), peak);
    append(line, (unicode ? kBars : kAsciiBars)[level], level == 0 ? Style::kFaint : Style::kPlain);
  }
  return line;
}

Line loss_sparkline(std::span<const RateHistory::Second> seconds, int width, bool unicode) {
  const auto room = static_cast<std::size_t>(std::max(width, 0));
  const auto shown = last(seconds, room);
  Line line;
  if (shown.size() < room) append(line, std::string(room - shown.size(), ' '), Style::kPlain);
  for (const RateHistory::Second& second : shown) {
    const std::size_t level = loss_level(second);
    append(line, (unicode ? kBars : kAsciiBars)[level], level == 0 ? Style::kFaint : Style::kBad);
  }
  return line;
}

double peak_rate(std::span<const RateHistory::Second> seconds) {
  std::uint64_t peak = 0;
  for (const RateHistory::Second& second : seconds) peak = std::max(peak, second.packets);
  return static_cast<double>(peak);
}

double peak_loss_percent(std::span<const RateHistory::Second> seconds) {
  double peak = 0;
  for (const RateHistory::Second& second : seconds) peak = std::max(peak, loss_percent(second));
  return peak;
}

}  // namespace mcast::cli
