// A histogram with fixed bucket bounds: plain numbers, no allocation, one writer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace mcast {

// `Bounds` is a constexpr std::array<double, N> of ascending upper bounds, each
// inclusive, as Prometheus' `le`; above the last one lies the +Inf bucket.
template <const auto& Bounds>
class Histogram {
 public:
  static constexpr std::size_t kBuckets = Bounds.size() + 1;

  void observe(double value) {
    std::size_t bucket = 0;
    while (bucket < Bounds.size() && value > Bounds[bucket]) ++bucket;
    ++counts_[bucket];
    ++count_;
    sum_ += value;
  }
  void add(const Histogram& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
  }

  // One that was written down somewhere else.
  [[nodiscard]] static Histogram from_counts(const std::array<std::uint64_t, kBuckets>& counts,
                                             double sum) {
    Histogram histogram;
    histogram.counts_ = counts;
    for (const std::uint64_t count : counts) histogram.count_ += count;
    histogram.sum_ = sum;
    return histogram;
  }

  [[nodiscard]] static constexpr const auto& bounds() { return Bounds; }
  // Observations in each bucket alone, +Inf last (not cumulative).
  [[nodiscard]] const std::array<std::uint64_t, kBuckets>& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] double sum() const { return sum_; }

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

// Consecutive lost packets (RFC 3357).
inline constexpr std::array<double, 12> kLossBurstBounds{1,  2,   3,   5,    10,     20,
                                                         50, 100, 500, 1000, 10'000, 100'000};
// Seconds without packets on the sender's clock.
inline constexpr std::array<double, 14> kInterruptionBounds{
    0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};
// Seconds that a packet left after its scheduled time.
inline constexpr std::array<double, 12> kScheduleLagBounds{
    0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.1, 1};

using LossBurstHistogram = Histogram<kLossBurstBounds>;
using InterruptionHistogram = Histogram<kInterruptionBounds>;
using ScheduleLagHistogram = Histogram<kScheduleLagBounds>;

}  // namespace mcast
