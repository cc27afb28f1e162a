// The agent's log: one logfmt line a message on standard error, in UTC.
// Thread-safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spdlog {
class logger;
}

namespace mcast::agent {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warn" or "error".
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);

struct LogField {
  std::string_view key;
  std::string value;
};

// `msg="..." key=value key="other value"`: values are quoted where logfmt needs
// it, control characters are escaped, so a line stays a line.
[[nodiscard]] std::string logfmt(std::string_view message, std::initializer_list<LogField> fields);

class Log {
 public:
  explicit Log(LogLevel least);

  void debug(std::string_view message, std::initializer_list<LogField> fields = {});
  void info(std::string_view message, std::initializer_list<LogField> fields = {});
  void warning(std::string_view message, std::initializer_list<LogField> fields = {});
  void error(std::string_view message, std::initializer_list<LogField> fields = {});

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace mcast::agent
