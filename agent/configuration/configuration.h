// What the agent is told to do: the file /etc/mcast-agent/mcast-agent.yml, and that of its HTTP
// server, as values. docs/configuration.md describes every key.
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

#include "agent/configuration/entries.h"
#include "agent/configuration/input_tree.h"
#include "http/server.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

// Senders and receivers together, after `count` has been expanded.
inline constexpr std::size_t kMaxStreams = 100'000;

struct Configuration {
  // `count` has been expanded: NAME-1 ... NAME-N, one group each. Defaults are
  // filled in. In the order of the file.
  std::vector<ReceiverSpec> receivers;
  std::vector<SenderSpec> senders;
  // Of the file, for ad hoc streams; without places.
  StreamEntry defaults;
  // Interfaces to watch IGMP on; empty: every multicast interface.
  std::vector<std::string> igmp_watch;
  // What is allowed but most likely not meant. By place.
  std::vector<ConfigurationError> warnings;
};

// Everything that is wrong with the text, in one run. A text that is not YAML
// has one error, since nothing after it can be trusted.
// `has_interface`: whether this host has one; where it is given, interfaces that are not there
// are warned of.
using HasInterface = bool (*)(const std::string& name);
[[nodiscard]] std::expected<Configuration, ConfigurationErrors> parse_configuration(
    std::string_view yaml_text, HasInterface has_interface = nullptr);

// A pipe will do at the start; while the agent runs nobody may have to wait for one.
enum class FileKind : std::uint8_t { kAny, kRegular };

// Reads and parses the file. Path "": what runs when no file was given, a sender and a receiver
// "demo" on the loopback interface, 25 packets a second.
[[nodiscard]] std::expected<Configuration, ConfigurationErrors> load_configuration(
    const std::string& path, FileKind kind = FileKind::kAny, HasInterface has_interface = nullptr);

// The text of a file, at most kMaxConfigurationBytes; else one error with line 0.
[[nodiscard]] std::expected<std::string, ConfigurationErrors> read_configuration_file(
    const std::string& path, FileKind kind);

// --web.config.file: TLS, users and headers, in the format of the Prometheus exporter toolkit.
// Certificates are read, too; relative paths are relative to `directory`. The file may be
// empty: nothing is configured then.
[[nodiscard]] std::expected<http::WebSettings, ConfigurationErrors> parse_web_config(
    std::string_view yaml_text, const std::string& directory);
[[nodiscard]] std::expected<http::WebSettings, ConfigurationErrors> load_web_config(
    const std::string& path);

}  // namespace mcast::agent
