#include "base/number.h"

#include <cmath>

namespace mcast {

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, value, std::chars_format::fixed) !=
          std::from_chars_result{end, std::errc{}} ||
      !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace mcast
