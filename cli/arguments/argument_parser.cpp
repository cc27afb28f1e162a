#include "cli/arguments/argument_parser.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/version.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kHelpWidth = 80;
constexpr std::size_t kHelpColumn = 28;

// Bare --NAME of an option whose value may be left out becomes --NAME=VALUE, so
// that the parser never takes the argument behind it.
std::vector<std::string> with_bare_values(const CommandDescription& command,
                                          std::span<const std::string_view> arguments) {
  std::vector<std::string> result(arguments.begin(), arguments.end());
  for (std::string& argument : result) {
    if (argument == "--") break;
    const auto option = std::ranges::find(command.options, argument, &OptionDescription::name);
    if (option == command.options.end() || option->value_if_bare.empty()) continue;
    argument += "=" + std::string(option->value_if_bare);
  }
  return result;
}

// The parser would take any value for a switch.
std::optional<std::string> switch_with_value(const CommandDescription& command,
                                             std::span<const std::string_view> arguments) {
  for (const std::string_view argument : arguments) {
    if (argument == "--") break;
    const std::string_view name = argument.substr(0, argument.find('='));
    if (name == argument) continue;
    const auto option = std::ranges::find(command.options, name, &OptionDescription::name);
    if (option != command.options.end() && option->value.empty()) return std::string(name);
  }
  return std::nullopt;
}

std::string cli11_names(const OptionDescription& option) {
  return option.short_name.empty()
             ? std::string(option.name)
             : std::string(option.name) + "," + std::string(option.short_name);
}

struct Collected {
  std::string name;
  CLI::Option* option = nullptr;
  std::string value;
};

// The library's messages begin with the option's name and speak of its own notions.
std::string message_of(const CommandDescription& command, const CLI::ParseError& error) {
  const std::string message = error.what();
  const auto option = std::ranges::find(command.options, message.substr(0, message.find(':')),
                                        &OptionDescription::name);
  if (option == command.options.end()) return mcast::printable(message);
  return std::string(option->name) + " needs a value: " + std::string(option->value);
}

// The first argument that looks like an option and is none.
std::optional<std::string> unknown_option(const std::vector<std::string>& left) {
  const auto found = std::ranges::find_if(
      left, [](const std::string& text) { return text.size() > 1 && text.front() == '-'; });
  return found == left.end() ? std::nullopt : std::optional(*found);
}

std::string closest_option(const CommandDescription& command, std::string_view text) {
  for (const OptionDescription& option : command.options) {
    if (text.size() > 3 && option.name.starts_with(text)) return std::string(option.name);
  }
  return {};
}

}  // namespace

std::optional<std::string> ParsedArguments::value(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::variant<ParsedArguments, EndNow> parse_arguments(const CommandDescription& command,
                                                      std::span<const std::string_view> arguments) {
  if (const auto name = switch_with_value(command, arguments)) {
    return wrong_use(command, *name + " takes no value");
  }
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<Collected> collected;
  collected.reserve(command.options.size() + command.positionals.size());
  for (const OptionDescription& description : command.options) {
    Collected& entry = collected.emplace_back();
    entry.name = description.name;
    if (description.value.empty()) {
      entry.option = app.add_flag(cli11_names(description));
    } else {
      entry.option = app.add_option(cli11_names(description), entry.value)
                         ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
  for (const PositionalDescription& description : command.positionals) {
    Collected& entry = collected.emplace_back();
    entry.name = description.name;
    entry.option = app.add_option(std::string(description.name), entry.value);
  }

  std::vector<std::string> reversed = with_bare_values(command, arguments);
  std::ranges::reverse(reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return wrong_use(command, message_of(command, error));
  }

  ParsedArguments parsed;
  for (const Collected& entry : collected) {
    if (entry.option->count() == 0) continue;
    parsed.set(entry.name, entry.value);
  }
  if (parsed.has("--help")) return EndNow{.code = kSuccess, .text = help_text(command)};
  if (parsed.has("--version")) {
    return EndNow{.code = kSuccess,
                  .text = std::string(command.name) + " " + std::string(version()) + " (" +
                          std::string(revision()) + ", " + std::string(compiler()) + ")\n"};
  }
  const std::vector<std::string> left = app.remaining();
  if (const auto unknown = unknown_option(left)) {
    const std::string near = closest_option(command, *unknown);
    return wrong_use(command, "unknown option '" + mcast::printable(*unknown) + "'" +
                                  (near.empty() ? "" : "; did you mean " + near + "?"));
  }
  if (!left.empty()) {
    return wrong_use(command, "unexpected argument '" + mcast::printable(left.front()) + "'; usage: " +
                                  std::string(command.name) + " " + usage_text(command));
  }
  for (const PositionalDescription& positional : command.positionals) {
    const bool is_replaced =
        !positional.required_unless.empty() && parsed.has(positional.required_unless);
    if (positional.required && !is_replaced && !parsed.has(positional.name)) {
      return wrong_use(command, std::string(positional.name) + " is missing; usage: " +
                                    std::string(command.name) + " " + usage_text(command));
    }
  }
  return parsed;
}

std::vector<std::string_view> arguments_of(int argc, const char* const* argv) {
  if (argc < 1) return {};
  return {argv + 1, argv + argc};
}

EndNow wrong_use(const CommandDescription& command, std::string_view message) {
  return {.code = kWrongUse,
          .text = std::string(command.name) + ": " + std::string(message) + " (try " +
                  std::string(command.name) + " --help)\n"};
}

std::string usage_text(const CommandDescription& command) {
  std::string text = "[OPTIONS]";
  for (const PositionalDescription& positional : command.positionals) {
    const std::string name(positional.name);
    text += positional.required ? " " + name : " [" + name + "]";
  }
  return text;
}

std::vector<Term> exit_codes(const CommandDescription& command) {
  std::vector<Term> codes{{.name = "0", .text = "fine"},
                          {.name = "1", .text = "failed at run time"},
                          {.name = "2", .text = command.wrong_use}};
  if (!command.condition_met.empty()) {
    codes.push_back({.name = "3", .text = command.condition_met});
  }
  return codes;
}

std::string help_text(const CommandDescription& command) {
  std::string text = "Usage: " + std::string(command.name) + " " + usage_text(command) + "\n\n" +
                     wrap(command.description, {.width = kHelpWidth}) + "\n";
  const auto entry = [&](const std::string& head, const std::string& body) {
    std::string line = "  " + head;
    if (line.size() + 2 > kHelpColumn) {
      text += line + "\n";
      line.clear();
    }
    line.resize(kHelpColumn, ' ');
    text += wrap(
        body, {.width = kHelpWidth, .first_indent = line, .indent = std::string(kHelpColumn, ' ')});
  };
  for (const PositionalDescription& positional : command.positionals) {
    entry(std::string(positional.name), std::string(positional.text));
  }
  text += "\nOptions:\n";
  for (const OptionDescription& option : command.options) {
    std::string head = option.short_name.empty() ? "    " : std::string(option.short_name) + ", ";
    head += option.name;
    if (!option.value.empty()) {
      head += option.value_if_bare.empty() ? " " + std::string(option.value)
                                           : "[=" + std::string(option.value) + "]";
    }
    std::string body(option.text);
    if (!option.value_if_bare.empty()) {
      body += " (without =" + std::string(option.value) + ": " + std::string(option.value_if_bare) +
              ")";
    }
    if (!option.default_value.empty()) {
      body += " (default: " + std::string(option.default_value) + ")";
    }
    entry(head, body);
  }
  if (!command.examples.empty()) text += "\nExamples:\n";
  for (const Example& example : command.examples) {
    text += "  " + std::string(example.command) + "\n";
    text += wrap(example.text, {.width = kHelpWidth, .first_indent = "      ", .indent = "      "});
  }
  std::string codes = "Exit codes:";
  for (const Term& code : exit_codes(command)) {
    codes +=
        (codes.ends_with(':') ? " " : ", ") + std::string(code.name) + " " + std::string(code.text);
  }
  text += "\n" + wrap(codes + ".", {.width = kHelpWidth});
  return text;
}

}  // namespace mcast::cli
