// Numbers and times out of text, without locale, blanks or a plus sign.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/clock.h"

namespace mcast {

// The whole of `text` as a number; empty where it is none, or does not fit.
template <std::integral Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The whole of `text` as a decimal fraction ("1.5"); empty for anything else, among it an
// exponent, "inf" and "nan".
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);

// A time as people write it, everywhere: "10", "1.5s", "500ms", "2m", "1h"; a number alone is of
// seconds. Empty for anything else, a sign among it; kNever for what does not fit.
[[nodiscard]] std::optional<Nanoseconds> parse_duration(std::string_view text);
// As such: "500ms", "90s", "1h".
[[nodiscard]] std::string plain_duration(Nanoseconds duration);

}  // namespace mcast
