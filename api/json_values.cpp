#include "api/json_values.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace mcast::api {

std::string sender_id_text(std::uint32_t id) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "0x%08x", id);
  return text.data();
}

std::string time_text(Nanoseconds realtime) {
  const std::time_t seconds = realtime / kSecond;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  (void)std::snprintf(text.data() + length, text.size() - length, ".%06dZ",
                      static_cast<int>(realtime % kSecond / kMicrosecond));
  return text.data();
}

std::string valid_utf8(std::string_view text) {
  return printable(text, std::numeric_limits<std::size_t>::max());
}

std::string to_text(const nlohmann::ordered_json& json, bool one_line) {
  return json.dump(one_line ? -1 : 2) + "\n";
}

}  // namespace mcast::api
