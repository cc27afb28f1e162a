#include "cli/streams/history_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>
#include <utility>

#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

using Totals = RateHistory::Totals;

// From nothing at all to a full bar.
constexpr std::array<std::string_view, 9> kBars{"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 9> kAsciiBars{".", "1", "2", "3", "4", "5", "6", "7", "#"};
constexpr int kFullBar = 8;  // eighths of a line

// Bars as high as `level` of a value and the peak says, in eighths of a line; in a line, those of
// one style in a row are one span.
template <typename Value, typename Level>
Chart chart(std::span<const Totals> seconds, const ChartSize& size, Style style, Value value,
            Level level) {
  const auto room = static_cast<std::size_t>(std::max(size.width, 0));
  seconds = seconds.last(std::min(room, seconds.size()));
  Chart result;
  for (const Totals& second : seconds) result.peak = std::max(result.peak, value(second));
  for (int below = size.height - 1; below >= 0; --below) {
    Line& line = result.lines.emplace_back();
    if (seconds.size() < room) line.push_back({std::string(room - seconds.size(), ' ')});
    for (const Totals& second : seconds) {
      const int full = kFullBar * size.height;
      const int height = std::min(full, level(value(second), result.peak)) - kFullBar * below;
      const Style own = height <= 0 ? Style::kFaint : style;
      if (line.empty() || line.back().style != own) line.push_back({"", own});
      // Nothing is a dot at the bottom, and nothing above that.
      line.back().text +=
          height <= 0 && below > 0
              ? " "
              : (size.unicode
                     ? kBars
                     : kAsciiBars)[static_cast<std::size_t>(std::clamp(height, 0, kFullBar))];
    }
  }
  return result;
}

}  // namespace

Chart rate_chart(std::span<const Totals> seconds, const ChartSize& size) {
  return chart(
      seconds, size, Style::kPlain,
      [](const Totals& second) { return static_cast<double>(second.packets); },
      [&](double rate, double peak) {
        if (rate <= 0) return 0;
        // A rate that wanders by a packet must not make its bars tremble: what is close to
        // the peak is drawn as the peak.
        const double height = kFullBar * size.height * rate / peak * 1.07;
        return std::max(1, static_cast<int>(std::lround(height)));
      });
}

Chart loss_chart(std::span<const Totals> seconds, const ChartSize& size) {
  return chart(
      seconds, size, Style::kBad,
      [](const Totals& second) { return second.loss_percent().value_or(0); },
      [&](double percent, double) {
        // At each of them a bar of one line is an eighth higher; anything lost is at least the
        // first.
        constexpr std::array<double, 9> kSteps{0, 0.1, 0.5, 1, 5, 10, 25, 50, 100};
        if (percent <= 0) return 0;
        const auto next = static_cast<std::size_t>(
            std::ranges::upper_bound(kSteps, std::min(percent, 99.99)) - kSteps.begin());
        const double part = (percent - kSteps[next - 1]) / (kSteps[next] - kSteps[next - 1]);
        return 1 + static_cast<int>((static_cast<double>(next - 1) + part) * size.height);
      });
}

Block history_block(const RateHistory* history, const std::string& loss_label, int height,
                    const ScreenSize& size) {
  constexpr int kChartLabelWidth = 20;  // "Errors, last 300 s"
  constexpr int kPeakWidth = 18;
  const bool with_peak = size.columns >= kChartLabelWidth + kPeakWidth + 10;
  const bool with_label = size.columns >= kChartLabelWidth + 5;
  const int room =
      size.columns - (with_label ? kChartLabelWidth : 0) - (with_peak ? kPeakWidth : 0);
  const int width = std::clamp(room, 1, static_cast<int>(RateHistory::kSeconds));
  const auto seconds = history != nullptr ? history->seconds(static_cast<std::size_t>(width))
                                          : std::vector<Totals>{};
  std::vector<Line> lines;
  const auto add = [&](const std::string& name, const Chart& chart, const std::string& peak) {
    std::string label = name + ", last " + std::to_string(width) + " s";
    std::string top = seconds.empty() ? "" : "  peak " + peak;
    for (const Line& bars : chart.lines) {
      Line& line = lines.emplace_back();
      if (with_label) {
        line.push_back(
            {padded(std::exchange(label, ""), kChartLabelWidth, Align::kLeft, size.unicode),
             Style::kFaint});
      }
      std::ranges::copy(bars, std::back_inserter(line));
      if (with_peak) line.push_back({std::exchange(top, ""), Style::kFaint});
    }
  };
  const ChartSize of_chart{.width = width, .height = height, .unicode = size.unicode};
  const Chart rate = rate_chart(seconds, of_chart);
  const Chart loss = loss_chart(seconds, of_chart);
  add("Rate", rate, rate_text(rate.peak, "pps"));
  add(loss_label, loss, percent_text(loss.peak));
  return block_of(std::move(lines), true, Place::kWhereSpare);
}

}  // namespace mcast::cli
