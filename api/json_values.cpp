#include "api/json_values.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace mcast::api {

std::string time_text(Nanoseconds realtime) {
  // By hand: strftime() takes a microsecond, and lists have thousands of times.
  constexpr Nanoseconds kDay = 24 * 3600 * kSecond;
  constexpr Nanoseconds kLast = 253'402'300'799;  // 9999-12-31T23:59:59
  realtime = std::clamp<Nanoseconds>(realtime, 0, std::min(kLast, INT64_MAX / kSecond) * kSecond);
  const std::chrono::sys_days day{std::chrono::days(realtime / kDay)};
  const std::chrono::year_month_day date(day);
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
  // YYYY-MM-DDTHH:MM:SS.ffffffZ
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t from, std::size_t length) {
    int value = 0;
    for (const char digit : text.substr(from, length)) value = value * 10 + (digit - '0');
    return value;
  };
  constexpr int kLastYear = 2200;  // 64 bits of nanoseconds end in 2262
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (!date.ok() || number(0, 4) < 1970 || number(0, 4) > kLastYear || hour > 23 || minute > 59 ||
      second > 60) {
    return std::nullopt;
  }
  const Nanoseconds days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 3600 + minute * 60 + second) * kSecond +
         number(20, 6) * kMicrosecond;
}

std::string valid_utf8(std::string_view text) {
  return printable(text, std::numeric_limits<std::size_t>::max());
}

std::string to_text(const nlohmann::ordered_json& json, bool one_line) {
  return json.dump(one_line ? -1 : 2) + "\n";
}

}  // namespace mcast::api
