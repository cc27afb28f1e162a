#include "api/json_values.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/number.h"
#include "base/text.h"

namespace mcast::api {

std::string time_text(Nanoseconds realtime) {
  // By hand: strftime() takes a microsecond, and lists have thousands of times.
  constexpr Nanoseconds kDay = 86'400 * kSecond;
  realtime = std::clamp<Nanoseconds>(realtime, 0, INT64_MAX / kSecond * kSecond);
  const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::days(realtime / kDay)));
  const Nanoseconds in_day = realtime % kDay;
  std::string text = "0000-00-00T00:00:00.000000Z";
  const auto put = [&text](std::size_t end, std::size_t digits, Nanoseconds value) {
    for (; digits > 0; --digits, value /= 10) text[--end] = static_cast<char>('0' + value % 10);
  };
  put(4, 4, static_cast<int>(date.year()));
  put(7, 2, static_cast<unsigned>(date.month()));
  put(10, 2, static_cast<unsigned>(date.day()));
  put(13, 2, in_day / (3600 * kSecond));
  put(16, 2, in_day / (60 * kSecond) % 60);
  put(19, 2, in_day / kSecond % 60);
  put(26, 6, in_day % kSecond / kMicrosecond);
  return text;
}

std::optional<Nanoseconds> parse_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  if (text.size() != kForm.size()) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t length) {
    return parse_number<unsigned>(text.substr(from, length)).value_or(0);
  };
  const unsigned year = number(0, 4);
  // 64 bits of nanoseconds end in 2262.
  if (year < 1970 || year > 2200) return std::nullopt;
  const std::chrono::sys_days day = std::chrono::year(static_cast<int>(year)) /
                                    std::chrono::month(number(5, 2)) /
                                    std::chrono::day(number(8, 2));
  const Nanoseconds hours = Nanoseconds{day.time_since_epoch().count()} * 24 + number(11, 2);
  const Nanoseconds seconds = (hours * 60 + number(14, 2)) * 60 + number(17, 2);
  const Nanoseconds time = seconds * kSecond + number(20, 6) * kMicrosecond;
  // Whatever else stands there does not come back.
  return time_text(time) == text ? std::optional(time) : std::nullopt;
}

std::optional<Nanoseconds> nanoseconds_of(double seconds) {
  constexpr double kMax = 9e9;
  if (!(std::abs(seconds) <= kMax)) return std::nullopt;
  return std::llround(seconds * static_cast<double>(kSecond));
}

std::optional<std::uint32_t> parse_sender_id(std::string_view text) {
  if (!text.starts_with("0x")) return std::nullopt;
  return parse_number<std::uint32_t>(text.substr(2), 16);
}

std::string valid_utf8(std::string_view text) {
  return printable(text, std::numeric_limits<std::size_t>::max());
}

std::string to_text(const nlohmann::ordered_json& json, bool one_line) {
  return json.dump(one_line ? -1 : 2) + "\n";
}

}  // namespace mcast::api
