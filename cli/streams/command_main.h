// What the main() functions of mcast-send and mcast-receive have in common: the
// parts of the program, put together in the order in which they start.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <variant>

#include "cli/arguments/exit_code.h"
#include "cli/streams/command_parts.h"

namespace mcast::cli {

// Builds the parts and calls `run` with them. `wants_view`: the options do not ask
// for lines or JSON.
[[nodiscard]] int run_with_parts(bool wants_view, std::string_view command,
                                 const std::function<int(const CommandParts&)>& run);

// Prints the text where it belongs and returns its code.
[[nodiscard]] int print_and_end(const EndNow& end);

template <typename Options>
[[nodiscard]] int command_main(
    std::string_view command, int argc, const char* const* argv,
    std::variant<Options, EndNow> (*parse)(std::span<const std::string_view>),
    bool (*wants_view)(const Options&), int (*run)(const Options&, const CommandParts&)) {
  const auto parsed = parse(arguments_of(argc, argv));
  if (const auto* now = std::get_if<EndNow>(&parsed); now != nullptr) return print_and_end(*now);
  const auto& options = std::get<Options>(parsed);
  return run_with_parts(wants_view(options), command,
                        [&](const CommandParts& parts) { return run(options, parts); });
}

}  // namespace mcast::cli
