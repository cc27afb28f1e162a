#include "exporter/family_builder.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mcast::exporter {
namespace {

// [a-zA-Z_][a-zA-Z0-9_]*, and no leading "__", which Prometheus keeps for itself.
bool valid_label_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && !name.starts_with("__") && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || digit(c); });
}

prometheus::MetricType prometheus_type(Kind kind) {
  return kind == Kind::kCounter ? prometheus::MetricType::Counter
         : kind == Kind::kGauge ? prometheus::MetricType::Gauge
                                : prometheus::MetricType::Histogram;
}

}  // namespace

LabelSet& LabelSet::add(std::string_view name, std::string_view value) {
  labels_.push_back({.name = std::string(name), .value = to_utf8(value)});
  return *this;
}

LabelSet& LabelSet::add(const Labels& labels) {
  for (const auto& [name, value] : labels) {
    const bool taken =
        std::ranges::any_of(labels_, [&](const auto& label) { return label.name == name; });
    if (valid_label_name(name) && !taken) add(name, value);
  }
  return *this;
}

LabelSet LabelSet::with(std::string_view name, std::string_view value) const {
  LabelSet result;
  result.labels_.reserve(labels_.size() + 1);
  result.labels_ = labels_;
  result.add(name, value);
  return result;
}

FamilyBuilder::FamilyBuilder(Families& families, Kind kind, std::string_view name,
                             std::string_view help)
    : families_(families), index_(families.size()) {
  prometheus::MetricFamily& added = families.emplace_back();
  added.name = name;
  added.help = help;
  added.type = prometheus_type(kind);
}

void FamilyBuilder::add(const LabelSet& labels, double value) {
  if (!std::isfinite(value)) return;
  prometheus::ClientMetric metric;
  metric.label = labels.labels();
  if (family().type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family().metric.push_back(std::move(metric));
}

}  // namespace mcast::exporter
