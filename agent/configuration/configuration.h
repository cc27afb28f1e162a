// What the agent is told to do: the file /etc/mcast-agent/mcast-agent.yml as
// values. docs/configuration.md describes every key.
//
// parse_configuration is a pure function of the text, so that `--config.check`,
// the start and a reload judge a file alike. Thread-safe, no global state.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration_file.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

// Larger files are refused before anything reads them.
inline constexpr std::size_t kMaxConfigurationBytes = std::size_t{16} << 20U;
// Senders and receivers together, after `count` has been expanded.
inline constexpr std::size_t kMaxStreams = 100'000;
// Of one run; the last one says how many more there are.
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
// has one error, since nothing behind it can be trusted.
[[nodiscard]] std::expected<Configuration, ConfigurationErrors> parse_configuration(
    std::string_view yaml_text);

// Reads and parses the file; a pipe will do. A file that cannot be read or is
// too large is one error with line 0.
[[nodiscard]] std::expected<Configuration, ConfigurationErrors> load_configuration(
    const std::string& path, FileKind kind = FileKind::kAny);

// What runs when no file was given: a sender and a receiver "demo" on the
// loopback interface, 25 packets a second.
[[nodiscard]] Configuration demonstration();

}  // namespace mcast::agent
