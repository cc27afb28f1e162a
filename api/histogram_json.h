// Histograms as JSON: {"bounds", "counts", "sum"}, the counts of each bucket alone and one
// more of them than bounds. Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "api/json_reader.h"
#include "probe/histogram.h"

namespace mcast::api {

template <const auto& Bounds>
[[nodiscard]] nlohmann::ordered_json histogram_json(const Histogram<Bounds>& histogram) {
  return {{"bounds", Bounds}, {"counts", histogram.counts()}, {"sum", histogram.sum()}};
}

// Of another version with other bounds nothing can be told: the histogram stays empty.
template <const auto& Bounds>
void read_histogram(const JsonReader& json, Histogram<Bounds>& into) {
  const auto bounds = json.numbers("bounds");
  const auto counts = json.counts("counts");
  if (!std::equal(bounds.begin(), bounds.end(), Bounds.begin(), Bounds.end()) ||
      counts.size() != Histogram<Bounds>::kBuckets) {
    return;
  }
  std::array<std::uint64_t, Histogram<Bounds>::kBuckets> buckets{};
  std::copy(counts.begin(), counts.end(), buckets.begin());
  into = Histogram<Bounds>::from_counts(buckets, json.number("sum"));
}

}  // namespace mcast::api
