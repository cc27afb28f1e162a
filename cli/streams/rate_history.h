// Rates of the near past from totals that only grow: packets and bytes a second, loss in
// percent, and a row of small bars, one for each second. Pure functions of totals and times; one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/clock.h"
#include "cli/terminal/screen.h"

namespace mcast::cli {

class RateHistory {
 public:
  struct Totals {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t late = 0;

    // The loss ratio in percent; 0 when nothing was expected.
    [[nodiscard]] double loss_percent() const;
    friend bool operator==(const Totals&, const Totals&) = default;
  };

  // Totals at `now` (monotonic); times go up. Call it a few times a second. Where a
  // total or the time went down all the same (an agent began again), what was
  // before is forgotten.
  void add(Nanoseconds now, const Totals& totals);

  struct Rates {
    double packets_per_second = 0;
    double bits_per_second = 0;
    double loss_percent = 0;
  };
  // Over the last `span`, or since the first add() where that is less. 0 before
  // there are two.
  [[nodiscard]] Rates over(Nanoseconds span) const;

  // What came in each of the last `count` whole seconds since the first add(), oldest first;
  // fewer at the beginning. Between two samples totals are taken to grow evenly, so that a steady
  // rate looks steady whenever add() was called.
  [[nodiscard]] std::vector<Totals> seconds(std::size_t count) const;

  static constexpr std::size_t kSeconds = 300;  // kept at most

 private:
  struct Sample {
    Nanoseconds at = 0;
    Totals totals;
  };
  [[nodiscard]] Totals totals_at(Nanoseconds at) const;

  Nanoseconds origin_ = 0;  // the first add(): where whole seconds begin
  std::deque<Sample> samples_;
};

// The bars of these seconds, the newest on the right. Always `width` columns.
struct Sparkline {
  Line bars;
  double peak = 0;  // the highest that is shown
};
// Packets a second, relative to the highest of them.
[[nodiscard]] Sparkline rate_sparkline(std::span<const RateHistory::Totals> seconds, int width,
                                       bool unicode);
// Loss in percent on an absolute, roughly logarithmic scale: one packet of many is a low bar, an
// outage a high one.
[[nodiscard]] Sparkline loss_sparkline(std::span<const RateHistory::Totals> seconds, int width,
                                       bool unicode);

}  // namespace mcast::cli
