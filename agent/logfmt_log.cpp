#include "agent/logfmt_log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <utility>

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
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (c == '\n') {
      line += "\\n";
    } else if (byte < ' ' || byte == 0x7F) {
      line += "\\x";
      line += kHex[byte >> 4U];
      line += kHex[byte & 0xFU];
    } else {
      line += c;
    }
  }
  line += '"';
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels{
      {{"debug", LogLevel::kDebug},
       {"info", LogLevel::kInfo},
       {"warn", LogLevel::kWarning},
       {"error", LogLevel::kError}}};
  for (const auto& [name, level] : kLevels) {
    if (text == name) return level;
  }
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
