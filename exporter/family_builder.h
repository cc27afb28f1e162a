// What all metric families here are made with: labels that are safe to print,
// and families that take values of our own types. Internal to this folder.
#pragma once

#include <prometheus/metric_family.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "probe/histogram.h"
#include "probe/stream_spec.h"

namespace mcast::exporter {

// In the order in which they are printed. Those without a series are left out at the end.
using Families = std::vector<prometheus::MetricFamily>;

// The labels of one series, in the order in which they are printed.
class LabelSet {
 public:
  // `name` is one of ours. `value` is anybody's: what is no UTF-8 in it becomes
  // U+FFFD, because one bad byte makes Prometheus refuse the whole scrape.
  LabelSet& add(std::string_view name, std::string_view value);
  LabelSet() = default;
  LabelSet(std::string_view name, std::string_view value) { add(name, value); }
  // The labels that a person gave a stream. Names that Prometheus does not take
  // or that are in the set already are left out (the configuration refuses them
  // earlier, with a message).
  LabelSet& add(const Labels& labels);
  // A copy with one more label.
  [[nodiscard]] LabelSet with(std::string_view name, std::string_view value) const;

  [[nodiscard]] const std::vector<prometheus::ClientMetric::Label>& labels() const {
    return labels_;
  }

 private:
  std::vector<prometheus::ClientMetric::Label> labels_;
};

enum class Kind : std::uint8_t { kCounter, kGauge, kHistogram };

// One metric with all its series, in its place among `families`, which must outlive it. Values
// that are not finite are left out.
class FamilyBuilder {
 public:
  FamilyBuilder(Families& families, Kind kind, std::string_view name, std::string_view help);

  // For counters and gauges.
  void add(const LabelSet& labels, double value);
  // Counts stay exact up to 2^53, as far as Prometheus itself goes.
  void add(const LabelSet& labels, std::uint64_t value) { add(labels, static_cast<double>(value)); }

  // For histograms: turns counts of each bucket into cumulative ones. The
  // serializer writes the +Inf bucket from the total.
  template <const auto& Bounds>
  void add(const LabelSet& labels, const Histogram<Bounds>& histogram) {
    if (!std::isfinite(histogram.sum())) return;
    prometheus::ClientMetric metric;
    metric.label = labels.labels();
    metric.histogram.sample_count = histogram.count();
    metric.histogram.sample_sum = histogram.sum();
    metric.histogram.bucket.reserve(Bounds.size());
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < Bounds.size(); ++i) {
      cumulative += histogram.counts()[i];
      metric.histogram.bucket.push_back({.cumulative_count = cumulative, .upper_bound = Bounds[i]});
    }
    family().metric.push_back(std::move(metric));
  }

 private:
  // By its number: others that come after it may move all of them.
  [[nodiscard]] prometheus::MetricFamily& family() { return families_[index_]; }

  Families& families_;
  std::size_t index_;
};

}  // namespace mcast::exporter
