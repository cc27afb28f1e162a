// A command's arguments: declared as CLI11's manual shows, parsed by it, then read into
// checked values. CLI11's exceptions end here. One thread. A command declares its options,
// those of one part of the help behind `option_defaults()->group(TITLE)`, calls parse(),
// read_values(), refuses what does not go together, and asks refused().
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/arguments/exit_code.h"

namespace mcast::cli {

class CommandLine final : public CLI::App {
 public:
  // `usage`: what follows the name, "[OPTIONS] GROUP [TTL]". `examples` stand below the options.
  CommandLine(std::string name, std::string usage, std::string description, std::string examples);

  // A positional ("TTL"), or an option with a value ("--ttl,-t"); of two values the last one
  // counts. `convert(name, text)` is a Result of what `target` becomes. `value` and `usual`: what
  // the help calls the value, and what it is where none is given.
  template <typename T, typename Parse>
  CLI::Option* add_value(const std::string& names, T& target, Parse convert,
                         const std::string& text, const std::string& value = "",
                         const std::string& usual = "") {
    CLI::Option* option = add_option(names, CLI::callback_t{}, text)->take_last();
    return read_later(option->type_name(value)->default_str(usual), target, convert);
  }
  // --NAME or --NAME=VALUE; without a value it is `bare`. What everybody types, --NAME VALUE, is
  // understood where the next argument cannot be the positional whose turn it is.
  template <typename T, typename Parse>
  CLI::Option* add_optional_value(const std::string& name, std::string_view bare, T& target,
                                  Parse convert, const std::string& text,
                                  const std::string& value = "") {
    CLI::Option* option = add_flag(name + "{" + std::string(bare) + "}", text);
    return read_later(option->type_name(value), target, convert);
  }

  // An end: --help, --version, or arguments that are no options of this command, or lack
  // their value.
  [[nodiscard]] std::optional<EndNow> parse(std::span<const std::string_view> arguments);
  [[nodiscard]] bool given(const std::string& name) const { return count(name) > 0; }
  // "GROUP is missing", with the usage.
  [[nodiscard]] EndNow missing(std::string_view positional) const;

  // Fills the targets, in the order in which they were added.
  void read_values();
  // The first refusal counts.
  void refuse(std::string message);
  [[nodiscard]] std::optional<EndNow> refused() const;

 private:
  template <typename T, typename Parse>
  CLI::Option* read_later(CLI::Option* option, T& target, Parse convert) {
    readers_.emplace_back([this, option, &target, convert] {
      if (option->count() == 0) return;
      auto value = convert(std::string_view(option->get_name()), option->results().back());
      if (value) {
        target = static_cast<T>(std::move(*value));
      } else {
        refuse(value.error().message + hint_of(*option, option->results().back()));
      }
    });
    accepts_[option] = [convert](std::string_view text) {
      return convert(std::string_view(), text).has_value();
    };
    return option;
  }
  [[nodiscard]] EndNow wrong_use(const std::string& message) const;
  [[nodiscard]] std::string message_of(const CLI::ParseError& error) const;
  // Gives options with an optional value the next argument, where it is one; an error where it
  // may be a positional as well.
  [[nodiscard]] std::optional<std::string> join_values(std::vector<std::string>& arguments);
  // For what a positional does not take: it may have been meant for the option before it.
  [[nodiscard]] std::string hint_of(const CLI::Option& option, const std::string& text) const;
  [[nodiscard]] std::optional<std::string> wrong_equals_sign(std::string_view argument) const;
  [[nodiscard]] std::optional<std::string> unexpected() const;

  std::string usage_;
  std::vector<std::function<void()>> readers_;
  std::map<const CLI::Option*, std::function<bool(std::string_view)>> accepts_;
  std::map<std::string, std::string> behind_;  // what stands behind an option that has no value
  std::optional<std::string> refusal_;
};

}  // namespace mcast::cli
