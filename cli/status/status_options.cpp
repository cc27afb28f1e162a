#include "cli/status/status_options.h"

#include "cli/arguments/argument_reader.h"
#include "cli/arguments/argument_values.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kShortestWatch = 100 * kMillisecond;
constexpr Nanoseconds kLongestWatch = 3600 * kSecond;

void read_why(const ParsedArguments& given, ArgumentReader& reader, StatusOptions& options) {
  std::uint16_t port = 0;
  reader.read("--why", options.why, parse_why);
  reader.read("--port", port, [](std::string_view name, std::string_view text) {
    return whole_number(name, text, 1, 65'535);
  });
  reader.read("--for", options.why_watch, [](std::string_view name, std::string_view text) {
    return duration(name, text, kShortestWatch, kLongestWatch);
  });
  if (!options.why) {
    for (const std::string_view name : {"--for", "--port"}) {
      if (given.has(name)) reader.refuse(std::string(name) + " goes with --why GROUP");
    }
    return;
  }
  if (given.has("--watch")) reader.refuse("--watch and --why: one at a time");
  options.why->interface = options.selection.interface;
  if (port != 0) options.why->port = port;
}

}  // namespace

std::variant<StatusOptions, EndNow> parse_status_options(
    std::span<const std::string_view> arguments) {
  const CommandDescription& command = status_description();
  auto parsed = parse_arguments(command, arguments);
  if (auto* end = std::get_if<EndNow>(&parsed); end != nullptr) return std::move(*end);
  const auto& given = std::get<ParsedArguments>(parsed);

  StatusOptions options;
  ArgumentReader reader(given);
  reader.read("--interface", options.selection.interface, interface_name);
  reader.read("--agent", options.agent, agent_socket);
  if (options.agent && given.has("--why")) {
    reader.refuse(
        "--why looks at this host and its wire by itself; run it without --agent, where "
        "the packets should arrive");
  }
  read_why(given, reader, options);
  if (reader.error()) return wrong_use(command, *reader.error());
  options.selection.all = given.has("--all");
  options.json = given.has("--json");
  options.watch = given.has("--watch");
  return options;
}

}  // namespace mcast::cli
