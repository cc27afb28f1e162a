#include <string_view>

#include "base/dscp.h"
#include "cli/documents/completion.h"
#include "cli/documents/completion_words.h"

namespace mcast::cli {
namespace {

// What _arguments calls an action; a space shows the message and offers nothing.
std::string action_of(Completion kind) {
  switch (kind) {
    case Completion::kNone:
      return " ";
    case Completion::kInterface:
      return "{compadd \"$expl[@]\" -- " + std::string(kInterfaceFolder) +
             "/^(all|default)(N/\\:t)}";
    case Completion::kDscp:
      return "(" + joined(dscp_names()) + ")";
    case Completion::kIgmpVersion:
      return "(1 2 3)";
    case Completion::kFile:
      return "_files";
  }
  return " ";
}

std::string action_of(const OptionDescription& option) {
  const auto choices = choices_of(option);
  return choices.empty() ? action_of(option.completion) : "(" + joined(choices) + ")";
}

// `special` characters mean something to _arguments where the text stands.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || special.contains(c)) result += '\\';
    result += c;
  }
  return result;
}

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// ":MESSAGE:ACTION", with a second colon in front where the value may be left out.
std::string value_of(std::string_view name, bool may_be_left_out, std::string_view action) {
  return std::string(may_be_left_out ? "::" : ":") + escaped(name, ":") + ":" + std::string(action);
}

// Behind these nothing else matters.
bool ends_the_program(const OptionDescription& option) {
  return option.name == "--help" || option.name == "--version";
}

std::string option_spec(const OptionDescription& option) {
  const bool by_equals_sign = !option.value_if_bare.empty();
  const bool has_value = !option.value.empty();
  const std::string name = std::string(option.name) + (by_equals_sign ? "=-"
                                                       : has_value    ? "="
                                                                      : "");
  std::string spec = "[" + escaped(option.text, "[]:") + "]";
  if (has_value) spec += value_of(option.value, by_equals_sign, action_of(option));
  std::string before;
  if (ends_the_program(option)) {
    before = "(- *)";
  } else if (option.repeatable) {
    before = "*";
  } else if (!option.short_name.empty()) {
    before = "(" + std::string(option.short_name) + " " + std::string(option.name) + ")";
  }
  if (option.short_name.empty()) return quoted(before + name + spec);
  // The shell makes two words of it, one a name.
  return quoted(before) + "{" + std::string(option.short_name) + (has_value ? "+," : ",") + name +
         "}" + quoted(spec);
}

std::string positional_spec(const PositionalDescription& positional, std::size_t number) {
  const std::string start = std::to_string(number) + (positional.required ? ":" : "::") +
                            std::string(positional.name) + ":";
  if (positional.completion != Completion::kNone) {
    return quoted(start + action_of(positional.completion));
  }
  // A message alone, without the guard, would keep zsh from inserting the one option
  // that fits.
  const std::string message = std::string(positional.name) + " - " + std::string(positional.text);
  return quoted(start + "_guard \"^-*\" " + escaped(quoted(message), ":"));
}

}  // namespace

std::string zsh_completion(const CommandDescription& command) {
  std::string text = "#compdef " + std::string(command.name) +
                     "\n# Made from the program's own description of its options.\n\n"
                     "local expl\n\n"
                     "_arguments -s -S";
  for (const OptionDescription& option : command.options) {
    text += " \\\n    " + option_spec(option);
  }
  for (std::size_t index = 0; index < command.positionals.size(); ++index) {
    text += " \\\n    " + positional_spec(command.positionals[index], index + 1);
  }
  return text + "\n";
}

}  // namespace mcast::cli
