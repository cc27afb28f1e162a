// What the agent is told to do: the file /etc/mcast-agent/mcast-agent.yml as
// values. docs/configuration.md describes every key.
//
// parse_configuration is a pure function of the text, so that `--config.check`,
// the start and a reload judge a file alike. Thread-safe, no global state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

// Larger files are refused before anything reads them.
inline constexpr std::size_t kMaxConfigurationBytes = std::size_t{16} << 20U;
// Senders and receivers together, after `count` has been expanded.
inline constexpr std::size_t kMaxStreams = 100'000;
// In one run; the last one says how many more there are.
inline constexpr std::size_t kMaxReportedErrors = 100;

// A fault, or a warning, and its place in the file.
struct ConfigurationError {
  // Both count from 1, the column in characters. Line 0: the file as a whole.
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;

  // "<file>:<line>:<column>: <message>"; without a place "<file>: <message>".
  [[nodiscard]] std::string to_string(std::string_view file) const;

  friend bool operator==(const ConfigurationError&, const ConfigurationError&) = default;
};

struct Configuration {
  // `count` has been expanded: NAME-1 ... NAME-N, one group each. Defaults are
  // filled in. In the order of the file.
  std::vector<ReceiverSpec> receivers;
  std::vector<SenderSpec> senders;
  // Interfaces to watch IGMP on; empty: every multicast interface.
  std::vector<std::string> igmp_watch;
  // What is allowed but most likely not meant. By place.
  std::vector<ConfigurationError> warnings;
};

// By place, none of them empty of text; never an empty list.
using ConfigurationErrors = std::vector<ConfigurationError>;

// Everything that is wrong with the text, in one run. A text that is not YAML
// has one error, since nothing after it can be trusted.
[[nodiscard]] std::expected<Configuration, ConfigurationErrors> parse_configuration(
    std::string_view yaml_text);

// A pipe will do at the start; while the agent runs nobody may have to wait for one.
enum class FileKind : std::uint8_t { kAny, kRegular };

// The text of a file, at most kMaxConfigurationBytes; else one error with line 0.
[[nodiscard]] std::expected<std::string, ConfigurationErrors> read_configuration_file(
    const std::string& path, FileKind kind = FileKind::kAny);
// For a file that somebody else opens: an error for what is there and is no regular file.
[[nodiscard]] Result<void> expect_regular_file(const std::string& path);

// Reads and parses the file.
[[nodiscard]] std::expected<Configuration, ConfigurationErrors> load_configuration(
    const std::string& path, FileKind kind = FileKind::kAny);

// What runs when no file was given: a sender and a receiver "demo" on the
// loopback interface, 25 packets a second.
[[nodiscard]] Configuration demonstration();

}  // namespace mcast::agent
