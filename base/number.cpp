#include "base/number.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace mcast {
namespace {

using Unit = std::pair<std::string_view, Nanoseconds>;
// The first that fits is the one that is written.
constexpr std::array kUnits{Unit{"h", 3600 * kSecond}, Unit{"s", kSecond}, Unit{"ms", kMillisecond},
                            Unit{"m", 60 * kSecond}, Unit{"", kSecond}};

}  // namespace

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<Nanoseconds> parse_duration(std::string_view text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_decimal(text.substr(0, length));
  const auto* const unit = std::ranges::find(kUnits, text.substr(length), &Unit::first);
  if (!number || unit == kUnits.end()) return std::nullopt;
  const double ns = *number * static_cast<double>(unit->second);
  return ns >= static_cast<double>(kNever) ? kNever : std::llround(ns);
}

std::string plain_duration(Nanoseconds duration) {
  const auto* const unit = std::ranges::find_if(kUnits, [duration](const Unit& each) {
    return duration >= each.second && duration % each.second == 0;
  });
  if (unit == kUnits.end()) return std::to_string(duration / kMillisecond) + "ms";
  return std::to_string(duration / unit->second) + std::string(unit->first);
}

}  // namespace mcast
