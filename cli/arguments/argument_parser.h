// From a command line to texts by option name, as a CommandDescription says what
// there is. Pure; the only place that sees CLI11.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/arguments/command_description.h"

namespace mcast::cli {

// The program ends here, with this text on stdout (code 0) or stderr.
struct EndNow {
  int code = 0;
  std::string text;

  friend bool operator==(const EndNow&, const EndNow&) = default;
};

inline constexpr int kSuccess = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kConditionMet = 3;  // asked for with --fail-on-...

class ParsedArguments {
 public:
  // Of an option ("--rate") or a positional ("GROUP"): the text as it was given,
  // the last one where it was given twice; nothing where it was not.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  // A switch, or an option with any value.
  [[nodiscard]] bool has(std::string_view name) const { return value(name).has_value(); }

  void set(std::string name, std::string text) { values_[std::move(name)] = std::move(text); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// `arguments` without the program's name. --help and --version end with code 0, an
// unknown option or a missing value with code 2 and one line that says so.
[[nodiscard]] std::variant<ParsedArguments, EndNow> parse_arguments(
    const CommandDescription& command, std::span<const std::string_view> arguments);

// What argv holds behind the program's name.
[[nodiscard]] std::vector<std::string_view> arguments_of(int argc, const char* const* argv);

// "mcast-send: MESSAGE" and where to read more, one line: for wrong arguments.
[[nodiscard]] EndNow wrong_use(const CommandDescription& command, std::string_view message);

// What --help prints.
[[nodiscard]] std::string help_text(const CommandDescription& command);

// What the program may end with, and what that means, in order.
[[nodiscard]] std::vector<Term> exit_codes(const CommandDescription& command);

// "[OPTIONS] GROUP [DURATION] [TTL]"
[[nodiscard]] std::string usage_text(const CommandDescription& command);

}  // namespace mcast::cli
