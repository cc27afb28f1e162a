#include "agent/options.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/text.h"
#include "base/version.h"
#include "http/socket.h"

namespace mcast::agent {
// Texts are broken by hand: CLI11 indents them, and does not wrap them before 2.5.
std::variant<Options, EndNow> parse_options(int argc, const char* const* argv) {
  Options options;
  std::string level = "info";
  CLI::App app(
      "Sends and receives multicast probe packets as configured, and serves loss, hops,\n"
      "DSCP remarks, stalls and restarts for each stream as Prometheus metrics.\n"
      "Without --config.file it runs a demonstration on the loopback interface.",
      "mcast-agent");
  app.add_option("--config.file", options.config_file, "Configuration file (YAML)")
      ->type_name("FILE");
  app.add_flag("--config.check", options.config_check,
               "Check the configuration file and exit: 0 if valid,\n"
               "2 (listing every error) otherwise");
  app.add_option("--web.listen-address", options.listen_addresses,
                 "Address and port for HTTP; may be given several\ntimes")
      ->type_name("[HOST]:PORT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->capture_default_str();
  app.add_option("--web.config.file", options.web_config_file,
                 "TLS and users for HTTP over TCP (YAML, as\nPrometheus exporters take it)")
      ->type_name("FILE");
  // Its default stands in the text: CLI11 would take it for the value of an empty one.
  const CLI::Option* api_socket =
      app.add_option("--api.socket", options.api_socket,
                     "Unix socket for HTTP, where streams can be added,\n"
                     "too; empty: none [" +
                         options.api_socket + "]")
          ->type_name("PATH")
          ->expected(0, 1);
  app.add_option("--api.socket-group", options.api_socket_group,
                 "Group that may use the Unix socket; mcast-agent if\nthere is such a group")
      ->type_name("GROUP");
  app.add_option("--host-name", options.host_name,
                 "What the page and the API call this host; for\n"
                 "agents in network namespaces [the host's name]")
      ->type_name("NAME");
  app.add_option("--log.level", level, "Minimum log level")
      ->type_name("debug|info|warn|error")
      ->capture_default_str();
  app.set_help_flag("-h,--help", "Print this text and end");
  app.set_version_flag("--version",
                       "mcast-agent " + std::string(version()) + " (" + std::string(revision()) +
                           ", " + std::string(compiler()) + ")",
                       "Print the version and end");
  app.footer(
      "Examples:\n"
      "  mcast-agent\n"
      "  mcast-agent --config.file=/etc/mcast-agent/mcast-agent.yml\n"
      "  mcast-agent --config.file=new.yml --config.check\n"
      "Exit codes: 0 fine, 1 failed at run time, 2 wrong arguments or configuration.");
  const auto wrong = [](const std::string& message) {
    return EndNow{.code = 2, .text = "mcast-agent: " + message + "\n"};
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    if (app.exit(error, out, err) == 0) return EndNow{.code = 0, .text = out.str()};
    return wrong(std::string(error.what()) + "\nTry 'mcast-agent --help'.");
  }
  const auto parsed = parse_log_level(level);
  if (!parsed) return wrong("--log.level: " + parsed.error().message);
  for (const std::string& address : options.listen_addresses) {
    const auto listen = http::parse_listen_address(address);
    if (!listen) return wrong("--web.listen-address: " + listen.error().message);
  }
  if (options.config_check && options.config_file.empty()) {
    return wrong("--config.check needs --config.file=FILE");
  }
  if (options.host_name.size() > 64 || has_control_characters(options.host_name) ||
      !is_utf8(options.host_name)) {
    return wrong("--host-name: a name of at most 64 bytes, printable");
  }
  options.log_level = *parsed;
  options.api_socket_given = api_socket->count() > 0;
  return options;
}

}  // namespace mcast::agent
