#include "cli/terminal/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace mcast::cli {
namespace {

// As printf() writes it, for numbers only: what is longer than 63 bytes is cut.
template <typename... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), format, numbers...);
  return text.data();
}

// 9.99, 99.9, 999: three digits, and what stands for the thousands that were left out.
template <std::size_t kUnits>
std::string three_digits(double value, const std::array<std::string_view, kUnits>& units) {
  std::size_t unit = 0;
  // What would be rounded to 1000 gets the next unit.
  for (; value >= 999.5 && unit + 1 < kUnits; ++unit) value /= 1000;
  value = std::min(value, 999.0);
  std::string text = decimal_text(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + " ";
  return text.append(units[unit]);
}

std::tm local_time(Nanoseconds realtime) {
  const auto seconds = static_cast<std::time_t>(realtime / kSecond);
  std::tm time{};
  ::localtime_r(&seconds, &time);
  return time;
}

}  // namespace

std::string count_text(std::uint64_t count, int width) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  if (text.size() <= static_cast<std::size_t>(std::max(width, 0))) return text;
  return rate_text(static_cast<double>(count), "");
}

std::string bytes_text(std::uint64_t bytes) {
  return bytes < 1'000'000'000'000 ? count_text(bytes) : rate_text(static_cast<double>(bytes), "B");
}

std::string rate_text(double value, std::string_view unit) {
  constexpr std::array<std::string_view, 7> kPrefixes{"", "k", "M", "G", "T", "P", "E"};
  return three_digits(std::isfinite(value) && value > 0 ? value : 0, kPrefixes).append(unit);
}

std::string percent_text(double percent) {
  if (!(percent > 0)) return "0.00 %";
  if (percent >= 100) return "100.00 %";
  return decimal_text(std::clamp(percent, 0.01, 99.99), 2) + " %";
}

std::string loss_text(const ReceptionCounters& counters) {
  const auto ratio = loss_ratio(counters);
  if (!ratio) return "-";
  const double percent = 100 * *ratio;
  // A double of many digits may round up to all of it.
  const bool any_in_time = counters.packets - counters.duplicates > counters.late;
  return percent_text(any_in_time ? std::min(percent, 99.99) : percent);
}

std::string duration_text(Nanoseconds duration) {
  constexpr std::array<std::string_view, 4> kUnits{"ns", "us", "ms", "s"};
  if (duration <= 0) return "0 s";
  if (duration < 1000) return std::to_string(duration) + " ns";
  if (to_seconds(duration) >= 999.5) return clock_text(duration);
  return three_digits(static_cast<double>(duration), kUnits);
}

std::string running_text(Nanoseconds duration) {
  duration = std::max<Nanoseconds>(duration, 0);
  if (duration >= 100 * kSecond) return clock_text(duration);
  // Cut, not rounded: a clock that runs shows what has passed.
  const Nanoseconds tenths = duration / (100 * kMillisecond);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

std::string clock_text(Nanoseconds duration) {
  const std::int64_t seconds = std::max<Nanoseconds>(duration, 0) / kSecond;
  const std::int64_t days = seconds / 86'400;
  return (days > 0 ? std::to_string(days) + "d " : "") +
         formatted("%02d:%02d:%02d", static_cast<int>(seconds / 3600 % 24),
                   static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
}

std::string counted(std::uint64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string decimal_text(double value, int digits) {
  // Room for the largest double with its decimals.
  std::array<char, 400> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                          std::chars_format::fixed, digits);
  return error == std::errc{} ? std::string(text.data(), end) : "?";
}

std::string plain_number(double value) {
  return formatted("%.10g", value);
}

std::string local_time_text(Nanoseconds realtime) {
  const std::tm time = local_time(realtime);
  return formatted("%02d:%02d:%02d.%03d", time.tm_hour, time.tm_min, time.tm_sec,
                   static_cast<int>(realtime % kSecond / kMillisecond));
}

std::string time_text(Nanoseconds realtime, Nanoseconds now) {
  const std::tm time = local_time(realtime);
  const std::tm today = local_time(now);
  std::string clock = formatted("%02d:%02d:%02d", time.tm_hour, time.tm_min, time.tm_sec);
  if (time.tm_yday == today.tm_yday && time.tm_year == today.tm_year) return clock;
  return formatted("%02d-%02d ", time.tm_mon + 1, time.tm_mday) + clock;
}

}  // namespace mcast::cli
