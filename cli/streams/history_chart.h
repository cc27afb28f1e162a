// The charts of a live view: a bar for each of the last seconds. Pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/streams/rate_history.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/screen.h"

namespace mcast::cli {

// The bars of these seconds, the newest on the right: `height` lines of `width` columns each.
struct Chart {
  std::vector<Line> lines;
  double peak = 0;  // the highest that is shown
};
struct ChartSize {
  int width = 1;
  int height = 1;
  bool unicode = true;
};
// Packets a second, relative to the highest of them.
[[nodiscard]] Chart rate_chart(std::span<const RateHistory::Totals> seconds, const ChartSize& size);
// Loss in percent on an absolute, roughly logarithmic scale: one packet of many is a low bar, an
// outage a high one.
[[nodiscard]] Chart loss_chart(std::span<const RateHistory::Totals> seconds, const ChartSize& size);

// Both charts with their labels, each `height` lines high. `loss_label`: "Loss", "Errors".
[[nodiscard]] Block history_block(const RateHistory* history, const std::string& loss_label,
                                  int height, const ScreenSize& size);

}  // namespace mcast::cli
