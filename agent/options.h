// The agent's command line.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/logfmt_log.h"
#include "streams/running_streams.h"

namespace mcast::agent {

struct Options {
  std::string config_file;  // empty: the demonstration
  bool config_check = false;
  std::vector<std::string> listen_addresses{":19779"};
  std::string web_config_file;  // empty: neither TLS nor authentication
  // The Unix socket of the API; empty: none. If the default path cannot be created, the agent
  // runs without the socket.
  std::string api_socket = std::string(kDefaultAgentSocket);
  bool api_socket_given = false;
  std::string api_socket_group;  // empty: chosen, see http::UnixSocket
  std::string host_name;         // what the agent calls its host; empty: the host's own name
  LogLevel log_level = LogLevel::kInfo;
};

// The program ends here, with this text on stdout (code 0) or stderr.
struct EndNow {
  int code = 0;
  std::string text;
};

// Reads the arguments; no text is printed and nothing exits.
[[nodiscard]] std::variant<Options, EndNow> parse_options(int argc, const char* const* argv);

}  // namespace mcast::agent
