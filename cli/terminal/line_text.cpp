#include "cli/terminal/line_text.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace mcast::cli {

std::string decimal_text(double value, int digits) {
  std::array<char, 400> text{};
  (void)std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string plain_number(double value) {
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

std::string local_time_text(Nanoseconds realtime) {
  const std::time_t seconds = realtime / kSecond;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min,
                      local.tm_sec, static_cast<int>(realtime % kSecond / kMillisecond));
  return text.data();
}

}  // namespace mcast::cli
