// Histograms as JSON: {"bounds", "counts", "sum"}, the counts of each bucket alone and one
// more of them than bounds. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "api/json_fields.h"
#include "probe/histogram.h"

namespace mcast::api {

template <const auto& Bounds>
void fields(auto& io, const Histogram<Bounds>& histogram) {
  io("bounds", std::vector<double>(Bounds.begin(), Bounds.end()));
  io("counts", std::vector<std::uint64_t>(histogram.counts().begin(), histogram.counts().end()));
  io("sum", histogram.sum());
}

// With the bounds of another version nothing can be told: the histogram stays empty.
template <const auto& Bounds>
void fields(auto& io, Histogram<Bounds>& histogram) {
  std::vector<double> bounds;
  std::vector<std::uint64_t> counts;
  double sum = 0;
  io("bounds", bounds);
  io("counts", counts);
  io("sum", sum);
  std::array<std::uint64_t, Histogram<Bounds>::kBuckets> buckets{};
  if (!std::ranges::equal(bounds, Bounds) || counts.size() != buckets.size()) return;
  std::ranges::copy(counts, buckets.begin());
  histogram = Histogram<Bounds>::from_counts(buckets, sum);
}

}  // namespace mcast::api
