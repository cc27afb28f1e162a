// Numbers out of text, without locale, blanks or a plus sign.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

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

}  // namespace mcast
