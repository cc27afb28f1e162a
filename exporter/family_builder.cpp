#include "exporter/family_builder.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace mcast::exporter {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

unsigned char byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

bool in_range(unsigned char value, unsigned char low, unsigned char high) {
  return value >= low && value <= high;
}

// Bytes of the well-formed sequence that starts at `i` (Unicode 15, table 3-7),
// 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const unsigned char first = byte_at(text, i);
  if (first < 0x80) return 1;
  const unsigned char second = byte_at(text, i + 1);
  if (in_range(first, 0xC2, 0xDF)) return in_range(second, 0x80, 0xBF) ? 2 : 0;
  const bool third = in_range(byte_at(text, i + 2), 0x80, 0xBF);
  if (in_range(first, 0xE0, 0xEF)) {
    // Overlong forms and surrogates are told by the second byte.
    const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = first == 0xED ? 0x9F : 0xBF;
    return in_range(second, low, high) && third ? 3 : 0;
  }
  if (in_range(first, 0xF0, 0xF4)) {
    const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;
    const bool fourth = in_range(byte_at(text, i + 3), 0x80, 0xBF);
    return in_range(second, low, high) && third && fourth ? 4 : 0;
  }
  return 0;
}

std::string valid_utf8(std::string_view text) {
  const bool ascii = std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
  if (ascii) return std::string(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    result += length > 0 ? text.substr(i, length) : kReplacement;
    i += std::max<std::size_t>(length, 1);
  }
  return result;
}

// [a-zA-Z_][a-zA-Z0-9_]*, and no leading "__", which Prometheus keeps for itself.
bool valid_label_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && !name.starts_with("__") && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || digit(c); });
}

prometheus::MetricType prometheus_type(FamilyBuilder::Kind kind) {
  switch (kind) {
    case FamilyBuilder::Kind::kCounter:
      return prometheus::MetricType::Counter;
    case FamilyBuilder::Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case FamilyBuilder::Kind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

}  // namespace

LabelSet& LabelSet::add(std::string_view name, std::string_view value) {
  labels_.push_back({.name = std::string(name), .value = valid_utf8(value)});
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

FamilyBuilder::FamilyBuilder(Kind kind, std::string_view name, std::string_view help) {
  family_.name = name;
  family_.help = help;
  family_.type = prometheus_type(kind);
}

void FamilyBuilder::add(const LabelSet& labels, double value) {
  if (!std::isfinite(value)) return;
  prometheus::ClientMetric metric;
  metric.label = labels.labels();
  if (family_.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family_.metric.push_back(std::move(metric));
}

void FamilyBuilder::finish(Families& families) && {
  if (!family_.metric.empty()) families.push_back(std::move(family_));
}

}  // namespace mcast::exporter
