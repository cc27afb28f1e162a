// The agent's log: one logfmt line a message on standard error, in UTC.
// Thread-safe.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"

namespace spdlog {
class logger;
}

namespace mcast::agent {

// "debug", "info", "warn" or "error".
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);

// `msg="..." key=value key="other value"`: values are quoted where logfmt needs
// it, control characters are escaped, so a line stays a line.
[[nodiscard]] std::string logfmt(std::string_view message, Log::Fields fields);

class LogfmtLog final : public Log {
 public:
  explicit LogfmtLog(LogLevel least);

  void write(LogLevel level, std::string_view message, Fields fields) override;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace mcast::agent
