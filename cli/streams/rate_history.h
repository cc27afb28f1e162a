// Rates of the near past from totals that only grow: packets and bytes a second,
// loss in percent, and a value a second for sparklines. A pure function of totals
// and times; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/clock.h"

namespace mcast::cli {

class RateHistory {
 public:
  struct Totals {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t late = 0;
  };

  // Totals at `now` (monotonic); times go up. Call it a few times a second. Where a
  // total or the time went down all the same (an agent began again), what was
  // before is forgotten.
  void add(Nanoseconds now, const Totals& totals);

  // Over the last `span`, or since the first add() where that is less. 0 before
  // there are two.
  [[nodiscard]] double packets_per_second(Nanoseconds span) const;
  [[nodiscard]] double bits_per_second(Nanoseconds span) const;
  // The loss ratio in percent; 0 when nothing was expected.
  [[nodiscard]] double loss_percent(Nanoseconds span) const;

  struct Second {
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t late = 0;

    // As above.
    [[nodiscard]] double loss_percent() const;
    friend bool operator==(const Second&, const Second&) = default;
  };
  // The last `count` whole seconds since the first add(), oldest first; fewer at the
  // beginning. Between two samples totals are taken to grow evenly, so that a steady
  // rate looks steady whenever add() was called.
  [[nodiscard]] std::vector<Second> seconds(std::size_t count) const;

  static constexpr std::size_t kSeconds = 300;  // kept at most

 private:
  struct Sample {
    Nanoseconds at = 0;
    Totals totals;
  };
  [[nodiscard]] Totals totals_at(Nanoseconds at) const;
  [[nodiscard]] Nanoseconds start_of(Nanoseconds span) const;

  Nanoseconds origin_ = 0;  // the first add(): where whole seconds begin
  std::deque<Sample> samples_;
};

}  // namespace mcast::cli
