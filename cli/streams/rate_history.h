// Rates of the near past from totals that only grow: packets and bytes a second, loss in percent.
// Pure functions of totals and times; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::cli {

class RateHistory {
 public:
  struct Totals {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t late = 0;
    // Packets that are due while nothing comes: not in `lost` yet. May go down. It is shown as loss
    // when it is overdue, and later put right by what is counted lost of it.
    std::uint64_t overdue = 0;

    // The loss ratio in percent; nothing where nothing was expected.
    [[nodiscard]] std::optional<double> loss_percent() const;
    friend bool operator==(const Totals&, const Totals&) = default;
  };

  // Totals at `now` (monotonic); times go up. Call it a few times a second. Where a
  // total or the time went down all the same (an agent began again), what was
  // before is forgotten.
  void add(Nanoseconds now, const Totals& totals);

  struct Rates {
    double packets_per_second = 0;
    double bits_per_second = 0;
    std::optional<double> loss_percent = {};

    friend bool operator==(const Rates&, const Rates&) = default;
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
  void begin_anew();
  void put_right(std::uint64_t shown);

  // An outage, from the first overdue packet until what it has cost is counted lost.
  struct Outage {
    std::uint64_t before = 0;   // lost packets shown before it
    std::uint64_t over = 0;     // packets that were overdue and are no more
    std::uint64_t counted = 0;  // total of lost packets when they began to be no more
    Nanoseconds over_at = 0;    // and when that was
  };
  Totals given_;  // the newest totals, as they were given; samples have what is shown
  std::optional<Outage> outage_;

  Nanoseconds origin_ = 0;  // the first add(): where whole seconds begin
  std::deque<Sample> samples_;
};

// What comes of each of many streams now, over the last few seconds, in little memory.
class StreamRates {
 public:
  // The same streams in the same order each time; where there are more or fewer, or one of them
  // began again, it is measured anew.
  void add(Nanoseconds now, const ProbeSnapshot& streams);
  // Of each stream; empty before there are two samples. Losses are not among them.
  [[nodiscard]] const std::vector<RateHistory::Rates>& current() const { return rates_; }

 private:
  struct Sample {
    Nanoseconds at = 0;
    std::vector<RateHistory::Totals> totals;
  };
  Sample before_;  // what is compared with
  Sample next_;    // what will be
  std::vector<RateHistory::Rates> rates_;
};

}  // namespace mcast::cli
