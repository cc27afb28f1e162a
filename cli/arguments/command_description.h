// What a command takes, as data: the one source of its argument parser, its
// --help, its man page and its shell completions.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace mcast::cli {

// What a shell may offer in the place of a value.
enum class Completion : std::uint8_t { kNone, kInterface, kDscp, kIgmpVersion, kFile };

struct OptionDescription {
  std::string_view name;             // "--rate"
  std::string_view short_name = {};  // "-r"
  // "RATE", or "debug|info" where only these are allowed; empty: a switch without a value.
  std::string_view value = {};
  // For --NAME[=VALUE]: what a bare --NAME means. Such a value follows a '=' only,
  // so that the next argument is never taken for it.
  std::string_view value_if_bare = {};
  std::string_view text;                // what it does, one sentence without a full stop
  std::string_view default_value = {};  // as a person would write it
  Completion completion = Completion::kNone;
  bool repeatable = false;  // each one counts; of others the last one wins
};

struct PositionalDescription {
  std::string_view name;  // "GROUP"
  std::string_view text;
  bool required = false;
  std::string_view required_unless = {};  // an option that takes its place
  Completion completion = Completion::kNone;
};

struct Example {
  std::string_view command;
  std::string_view text;
};

struct Term {
  std::string_view name;  // "STALLED", "/proc/net/igmp"
  std::string_view text;  // what it is, in sentences
};

// A section of the man page with a title of its own: paragraphs, then terms.
struct Section {
  std::string_view title;
  std::span<const std::string_view> paragraphs = {};
  std::span<const Term> terms = {};
};

// Of every program that draws on a terminal.
inline constexpr std::array kTerminalEnvironment{
    Term{.name = "NO_COLOR", .text = "Set to anything but an empty text: no colour."},
    Term{.name = "TERM",
         .text = "The kind of terminal; unset or dumb: plain lines without colour."},
};

struct CommandDescription {
  std::string_view name;     // "mcast-send"
  std::string_view purpose;  // one line, lower case, as in a man page's NAME
  std::string_view description;
  std::span<const PositionalDescription> positionals;
  std::span<const OptionDescription> options;
  std::span<const Example> examples;
  std::span<const Section> sections;
  std::span<const Term> environment = kTerminalEnvironment;
  std::string_view wrong_use = "wrong arguments";  // what exit code 2 means
  std::string_view condition_met = {};             // what exit code 3 means; empty: there is none
  unsigned manual_section = 1;                     // 1: a user's command, 8: a daemon
};

// With all that every command has (--help, --version) among the options.
[[nodiscard]] const CommandDescription& send_description();
[[nodiscard]] const CommandDescription& receive_description();
[[nodiscard]] const CommandDescription& status_description();
// The agent reads its arguments by itself, this is for its man page and completions
// alone; a test holds the two together.
[[nodiscard]] const CommandDescription& agent_description();

// All that have a man page and completions.
[[nodiscard]] std::span<const CommandDescription* const> documented_commands();

}  // namespace mcast::cli
