#include "base/rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/number.h"
#include "base/text.h"

namespace mcast {
namespace {

struct Unit {
  std::string_view name;
  double factor;
  bool bits;
};

constexpr std::array kUnits{
    Unit{"pps", 1, false},   Unit{"kpps", 1e3, false}, Unit{"mpps", 1e6, false},
    Unit{"bps", 1, true},    Unit{"kbps", 1e3, true},  Unit{"mbps", 1e6, true},
    Unit{"gbps", 1e9, true},
};

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<double> parse_rate(std::string_view text, std::size_t datagram_size) {
  const auto refuse = [&](std::string_view why) {
    return fail("rate '" + printable(text) + "' " + std::string(why));
  };
  constexpr std::string_view kForm =
      "is not a rate: a number and one of pps, kpps, Mpps, bps, kbps, Mbps, Gbps, "
      "for example 25pps or 1.5Mbps";

  const std::string_view rate = trim(text);
  const auto number_end =
      std::ranges::find_if_not(rate, [](char c) { return is_digit(c) || c == '.'; });
  const std::string_view number(rate.begin(), number_end);
  const auto value = parse_decimal(number);
  if (!value) return refuse(kForm);

  std::string unit_name = ascii_lower(trim(std::string_view(number_end, rate.end())));
  if (unit_name.empty()) unit_name = "pps";
  const auto* const unit = std::ranges::find(kUnits, unit_name, &Unit::name);
  if (unit == kUnits.end()) return refuse(kForm);

  double pps = *value * unit->factor;
  if (unit->bits) {
    pps /= 8.0 * static_cast<double>(datagram_size);
    if (pps < 1) {
      return refuse("is less than one packet of " + std::to_string(datagram_size) +
                    " bytes a second; use pps for slower sending, for example 0.5pps");
    }
  }
  if (!(pps > 0)) return refuse("must be above 0, for example 1pps");
  // One packet in a day is the slowest that anybody can want to schedule; the
  // upper end is what a sequence tracker still believes.
  if (pps < 1.0 / 86'400) return refuse("is too slow: the least is one packet a day");
  if (pps > 20e6) return refuse("is too fast: the most is 20Mpps");
  return pps;
}

}  // namespace mcast
