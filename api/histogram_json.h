// Histograms as JSON: {"bounds", "counts", "sum"}, the counts of each bucket alone and one
// more of them than bounds. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "probe/histogram.h"

namespace mcast::api {

template <const auto& Bounds>
void write_histogram(JsonWriter& json, const Histogram<Bounds>& histogram) {
  json.begin_object();
  json.key("bounds");
  json.begin_array();
  for (const double bound : Bounds) json.number(bound);
  json.end_array();
  json.key("counts");
  json.begin_array();
  for (const std::uint64_t count : histogram.counts()) json.number(count);
  json.end_array();
  json.key("sum");
  json.number(histogram.sum());
  json.end_object();
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
