#include "cli/status_options.h"

#include "cli/argument_reader.h"
#include "cli/argument_values.h"

namespace mcast::cli {

std::variant<StatusOptions, EndNow> parse_status_options(
    std::span<const std::string_view> arguments) {
  const CommandDescription& command = status_description();
  auto parsed = parse_arguments(command, arguments);
  if (auto* end = std::get_if<EndNow>(&parsed); end != nullptr) return std::move(*end);
  const auto& given = std::get<ParsedArguments>(parsed);

  StatusOptions options;
  ArgumentReader reader(given);
  reader.read("--interface", options.selection.interface, interface_name);
  if (reader.error()) return wrong_use(command, *reader.error());
  options.selection.all = given.has("--all");
  options.json = given.has("--json");
  options.watch = given.has("--watch");
  return options;
}

}  // namespace mcast::cli
