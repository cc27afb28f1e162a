#include "agent/logfmt_log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>

namespace mcast::agent {
namespace {

bool is_plain(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != '\\' && c != '\x7F';
}

void append_value(std::string& line, std::string_view value) {
  if (!value.empty() && std::ranges::all_of(value, is_plain)) {
    line += value;
    return;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  line += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "\\n";
    } else if (byte < ' ' || byte == 0x7F) {
      line += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 0xFU]};
    } else {
      if (c == '"' || c == '\\') line += '\\';
      line += c;
    }
  }
  line += '"';
}

// Those of LogLevel, in its order and in the library's, which has one below them.
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  return static_cast<spdlog::level::level_enum>(spdlog::level::debug + static_cast<int>(level));
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  const auto* const found = std::ranges::find(kLevels, text);
  if (found != kLevels.end()) return static_cast<LogLevel>(found - kLevels.begin());
  return fail("log level '" + std::string(text) + "' is not one of debug, info, warn, error");
}

std::string logfmt(std::string_view message, Log::Fields fields) {
  std::string line = "msg=";
  append_value(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

LogfmtLog::LogfmtLog(LogLevel least)
    : logger_(std::make_shared<spdlog::logger>("mcast-agent",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "ts=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc));
  logger_->set_level(to_spdlog(least));
}

void LogfmtLog::write(LogLevel level, std::string_view message, Fields fields) {
  const auto spdlog_level = to_spdlog(level);
  if (logger_->should_log(spdlog_level)) logger_->log(spdlog_level, logfmt(message, fields));
}

}  // namespace mcast::agent
