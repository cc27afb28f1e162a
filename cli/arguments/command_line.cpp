#include "cli/arguments/command_line.h"

#include <algorithm>
#include <cstddef>
#include <memory>

#include "base/text.h"
#include "base/version.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

constexpr int kHelpWidth = 80;
constexpr std::size_t kHelpColumn = 28;

bool is_flag(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

// CLI11's help with the usage first, options as "-t, --ttl TTL", and lines of 80 columns.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string usage, CLI::AppFormatMode) const override {
    std::string text = "Usage: " + usage + "\n\n" + app->get_description() + "\n";
    const auto positionals =
        app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    if (!positionals.empty()) text += make_group("Arguments", true, positionals);
    for (const std::string& group : app->get_groups()) {
      const auto options = app->get_options([&](const CLI::Option* option) {
        return option->get_group() == group && option->nonpositional();
      });
      if (!options.empty()) text += make_group(group, false, options);
    }
    return text + "\n" + app->get_footer() + "\n";
  }

  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string head = "  " + option->get_name(true);
    std::string text = option->get_description();
    if (!is_positional) {
      const std::string& name = option->get_lnames().front();
      const auto& short_names = option->get_snames();
      head = short_names.empty() ? "      --" : "  -" + short_names.front() + ", --";
      head += name;
      const std::string value = option->get_type_name();
      if (!value.empty()) head += is_flag(*option) ? "[=" + value + "]" : " " + value;
      if (!value.empty() && is_flag(*option)) {
        text += " (without =" + value + ": " + option->get_flag_value(name, "") + ")";
      }
    }
    if (const std::string usual = option->get_default_str(); !usual.empty()) {
      text += " (default: " + usual + ")";
    }
    std::string lines;
    if (head.size() + 2 > kHelpColumn) lines = std::exchange(head, "") + "\n";
    for (const auto& line : wrapped(text, kHelpWidth - static_cast<int>(kHelpColumn), true)) {
      head.resize(kHelpColumn, ' ');
      lines += std::exchange(head, "") + line + "\n";
    }
    return lines;
  }
};

}  // namespace

CommandLine::CommandLine(std::string name, std::string usage, std::string description,
                         std::string examples)
    : App(std::move(description), std::move(name)), usage_(get_name() + " " + std::move(usage)) {
  footer(std::move(examples));
  formatter(std::make_shared<HelpFormatter>());
  set_help_flag();  // parse() puts it below the others
  allow_extras();
}

std::optional<EndNow> CommandLine::parse(std::span<const std::string_view> arguments) {
  set_help_flag("--help,-h", "Print this text and end")->group("Help");
  set_version_flag("--version",
                   get_name() + " " + std::string(mcast::version()) + " (" +
                       std::string(revision()) + ", " + std::string(compiler()) + ")",
                   "Print the version and end")
      ->group("Help");
  for (const std::string_view argument : arguments) {
    if (argument == "--") break;
    if (const auto wrong = wrong_equals_sign(argument)) return wrong_use(*wrong);
  }
  std::vector<std::string> joined(arguments.begin(), arguments.end());
  if (const auto wrong = join_values(joined)) return wrong_use(*wrong);
  try {
    App::parse(std::vector<std::string>(joined.rbegin(), joined.rend()));
  } catch (const CLI::CallForHelp&) {
    return EndNow{.code = kSuccess,
                  .text = get_formatter()->make_help(this, usage_, CLI::AppFormatMode::Normal)};
  } catch (const CLI::CallForVersion& version) {
    return EndNow{.code = kSuccess, .text = std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    return wrong_use(message_of(error));
  }
  if (const auto message = unexpected()) return wrong_use(*message);
  return std::nullopt;
}

EndNow CommandLine::missing(std::string_view positional) const {
  return wrong_use(std::string(positional) + " is missing; usage: " + usage_);
}

void CommandLine::read_values() {
  for (const auto& read : readers_) read();
}

void CommandLine::refuse(std::string message) {
  if (!refusal_) refusal_ = std::move(message);
}

std::optional<EndNow> CommandLine::refused() const {
  return refusal_ ? std::optional(wrong_use(*refusal_)) : std::nullopt;
}

EndNow CommandLine::wrong_use(const std::string& message) const {
  return {.code = kWrongUse,
          .text = get_name() + ": " + message + " (try " + get_name() + " --help)\n"};
}

// CLI11's messages begin with the option's name and speak of its own notions.
std::string CommandLine::message_of(const CLI::ParseError& error) const {
  const std::string message = error.what();
  const CLI::Option* option = get_option_no_throw(message.substr(0, message.find(':')));
  if (option == nullptr) return printable(message);
  return option->get_name() + " needs a value: " + option->get_type_name();
}

std::optional<std::string> CommandLine::join_values(std::vector<std::string>& arguments) {
  const auto positionals =
      get_options([](const CLI::Option* option) { return option->get_positional(); });
  std::size_t turn = 0;
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const CLI::Option* const option = get_option_no_throw(arguments[i]);
    const bool is_option = arguments[i].size() > 1 && arguments[i].front() == '-';
    if (!is_option) {
      ++turn;
    } else if (option != nullptr && !is_flag(*option)) {
      ++i;
    }
    if (!is_option || option == nullptr || !is_flag(*option) || !accepts_.contains(option) ||
        i + 1 == arguments.size())
      continue;
    const std::string next = arguments[i + 1];
    if (next.empty() || next.front() == '-') continue;
    const std::string value = option->get_name() + "=" + next;
    const CLI::Option* const other = turn < positionals.size() ? positionals[turn] : nullptr;
    const bool is_positional = other != nullptr && accepts_.at(other)(next);
    if (!accepts_.at(option)(next)) {
      // A first positional that is misspelled is most likely just that.
      if (turn > 0 || positionals.empty()) behind_.emplace(next, value);
    } else if (is_positional) {
      return "is '" + printable(next) + "' the value of " + option->get_name() + " or the " +
             other->get_name() + "? write " + printable(value) +
             ", or the other one before the options";
    } else {
      arguments[i] = value;
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
  }
  return std::nullopt;
}

std::string CommandLine::hint_of(const CLI::Option& option, const std::string& text) const {
  const auto found = behind_.find(text);
  if (found == behind_.end() || !option.get_positional()) return "";
  return "; did you mean " + printable(found->second) + "?";
}

// CLI11 would take --quiet=true, the next argument as the value of "--ttl=", and {} as no value.
std::optional<std::string> CommandLine::wrong_equals_sign(std::string_view argument) const {
  const std::size_t at = argument.find('=');
  if (at == std::string_view::npos || !argument.starts_with("--")) return std::nullopt;
  const CLI::Option* option = get_option_no_throw(std::string(argument.substr(0, at)));
  if (option == nullptr) return std::nullopt;
  if (option->get_type_name().empty()) return option->get_name() + " takes no value";
  const std::string_view value = argument.substr(at + 1);
  if (!value.empty() && !(is_flag(*option) && value == "{}")) return std::nullopt;
  return option->get_name() + " needs a value: " + option->get_type_name();
}

// What is left of the arguments; the first of them that looks like an option.
std::optional<std::string> CommandLine::unexpected() const {
  const std::vector<std::string> left = remaining();
  if (left.empty()) return std::nullopt;
  const auto unknown = std::ranges::find_if(
      left, [](const std::string& text) { return text.size() > 1 && text.front() == '-'; });
  if (unknown == left.end()) {
    const auto meant = behind_.find(left.front());
    return "unexpected argument '" + printable(left.front()) + "'; " +
           (meant == behind_.end() ? "usage: " + usage_
                                   : "did you mean " + printable(meant->second) + "?");
  }
  std::string message = "unknown option '" + printable(*unknown) + "'";
  for (const CLI::Option* option : get_options()) {
    if (unknown->size() <= 3 || !option->get_name().starts_with(*unknown)) continue;
    return message + "; did you mean " + option->get_name() + "?";
  }
  return message;
}

}  // namespace mcast::cli
