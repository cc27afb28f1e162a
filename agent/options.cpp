#include "agent/options.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/version.h"
#include "http/listen_address.h"

namespace mcast::agent {

std::variant<Options, EndNow> parse_options(int argc, const char* const* argv) {
  Options options;
  std::string level = "info";
  bool show_version = false;
  CLI::App app(
      "Sends and receives multicast probe packets as configured, and serves loss, hops, DSCP\n"
      "remarks, stalls and restarts for each stream as Prometheus metrics.\n"
      "Without --config.file it runs a demonstration on the loopback interface.",
      "mcast-agent");
  app.add_option("--config.file", options.config_file, "Configuration file (YAML)")
      ->type_name("FILE");
  app.add_flag("--config.check", options.config_check,
               "Check the configuration file, print every error with its place, and end");
  app.add_option("--web.listen-address", options.listen_addresses,
                 "Address and port for HTTP; may be given several times")
      ->type_name("[HOST]:PORT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->capture_default_str();
  app.add_option("--web.config.file", options.web_config_file,
                 "TLS and users for HTTP over TCP (YAML, as Prometheus exporters take it)")
      ->type_name("FILE");
  // Its default stands in the text: CLI11 would take it for the value of an empty one.
  const CLI::Option* api_socket =
      app.add_option("--api.socket", options.api_socket,
                     "Unix socket for HTTP, where streams can be added, too; empty: none "
                     "[" +
                         options.api_socket + "]")
          ->type_name("PATH")
          ->expected(0, 1);
  app.add_option("--api.socket-group", options.api_socket_group,
                 "Group that may use the Unix socket; mcast-agent if there is such a group")
      ->type_name("GROUP");
  app.add_option("--log.level", level, "Least severe messages that are logged")
      ->type_name("debug|info|warn|error")
      ->capture_default_str();
  app.add_flag("--version", show_version, "Print the version and end");
  app.footer(
      "Examples:\n"
      "  mcast-agent\n"
      "  mcast-agent --config.file=/etc/mcast-agent/mcast-agent.yml\n"
      "  mcast-agent --config.file=new.yml --config.check\n"
      "Exit codes: 0 fine, 1 failed at run time, 2 wrong arguments or configuration.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    if (code == 0) return EndNow{.code = 0, .text = out.str()};
    return EndNow{
        .code = 2,
        .text = "mcast-agent: " + std::string(error.what()) + "\nTry 'mcast-agent --help'.\n"};
  }
  if (show_version) {
    return EndNow{.code = 0,
                  .text = "mcast-agent " + std::string(version()) + " (" + std::string(revision()) +
                          ", " + std::string(compiler()) + ")\n"};
  }
  const auto parsed = parse_log_level(level);
  if (!parsed) {
    return EndNow{.code = 2, .text = "mcast-agent: --log.level: " + parsed.error().message + "\n"};
  }
  options.log_level = *parsed;
  options.api_socket_given = api_socket->count() > 0;
  for (const std::string& address : options.listen_addresses) {
    if (const auto listen = parse_listen_address(address); !listen) {
      return EndNow{.code = 2,
                    .text = "mcast-agent: --web.listen-address: " + listen.error().message + "\n"};
    }
  }
  if (options.config_check && options.config_file.empty()) {
    return EndNow{.code = 2, .text = "mcast-agent: --config.check needs --config.file=FILE\n"};
  }
  return options;
}

}  // namespace mcast::agent
