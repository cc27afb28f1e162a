// A row of small bars, a second each, the newest on the right. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cli/streams/rate_history.h"
#include "cli/terminal/screen.h"

namespace mcast::cli {

// Packets a second, relative to the highest of them. Always `width` columns.
[[nodiscard]] Line rate_sparkline(std::span<const RateHistory::Second> seconds, int width,
                                  bool unicode);

// Loss on an absolute, roughly logarithmic scale: one packet of many is a low bar, an
// outage a high one. Always `width` columns.
[[nodiscard]] Line loss_sparkline(std::span<const RateHistory::Second> seconds, int width,
                                  bool unicode);

// The highest in `seconds`; 0 for none.
[[nodiscard]] double peak_rate(std::span<const RateHistory::Second> seconds);
[[nodiscard]] double peak_loss_percent(std::span<const RateHistory::Second> seconds);

}  // namespace mcast::cli
