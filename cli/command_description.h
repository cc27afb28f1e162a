// What a command takes, as data: the one source of its argument parser, its
// --help, its man page and its shell completions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mcast::cli {

// What a shell may offer in the place of a value.
enum class Completion : std::uint8_t { kNone, kInterface, kDscp, kIgmpVersion };

struct OptionDescription {
  std::string_view name;             // "--rate"
  std::string_view short_name = {};  // "-r"
  std::string_view value = {};       // "RATE"; empty: a switch without a value
  // For --NAME[=VALUE]: what a bare --NAME means. Such a value follows a '=' only,
  // so that the next argument is never taken for it.
  std::string_view value_if_bare = {};
  std::string_view text;                // what it does, one sentence without a full stop
  std::string_view default_value = {};  // as a person would write it
  Completion completion = Completion::kNone;
};

struct PositionalDescription {
  std::string_view name;  // "GROUP"
  std::string_view text;
  bool required = false;
  Completion completion = Completion::kNone;
};

struct Example {
  std::string_view command;
  std::string_view text;
};

// A section of the man page with a title of its own, in paragraphs.
struct Section {
  std::string_view title;
  std::span<const std::string_view> paragraphs;
};

struct CommandDescription {
  std::string_view name;     // "mcast-send"
  std::string_view purpose;  // one line, lower case, as in a man page's NAME
  std::string_view description;
  std::span<const PositionalDescription> positionals;
  std::span<const OptionDescription> options;
  std::span<const Example> examples;
  std::span<const Section> sections;
};

// With all that every command has (--help, --version) among the options.
[[nodiscard]] const CommandDescription& send_description();
[[nodiscard]] const CommandDescription& receive_description();
[[nodiscard]] const CommandDescription& status_description();

}  // namespace mcast::cli
