#include "cli/documents/manual_page.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "cli/arguments/argument_parser.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

// Columns of a line of source; only people who read the source see them.
constexpr std::size_t kSourceWidth = 90;

// Characters that roff would show otherwise, or not at all.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\(rs";
        break;
      case '-':  // a bare one is a hyphen, which nobody can paste into a shell
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '"':
        result += "\\(dq";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '~':
        result += "\\(ti";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// A full stop at a line's start would make a request of the line.
std::string guarded(std::string_view lines) {
  std::string result;
  bool line_start = true;
  for (const char c : lines) {
    if (line_start && c == '.') result += "\\&";
    result += c;
    line_start = c == '\n';
  }
  return result;
}

std::string bold(std::string_view text) {
  return "\\fB" + escaped(text) + "\\fR";
}
std::string italic(std::string_view text) {
  return "\\fI" + escaped(text) + "\\fR";
}

// Names of options, and of our programs, stand out wherever they are spoken of.
bool stands_out(std::string_view word, std::span<const CommandDescription* const> all) {
  return (word.starts_with("--") && word.size() > 2) ||
         std::ranges::any_of(
             all, [&](const CommandDescription* command) { return command->name == word; });
}

// As lines of roff source: bold where names are, wrapped.
std::string prose(std::string_view text, std::span<const CommandDescription* const> all) {
  constexpr std::string_view kAround = ",;:.()\"";
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view piece = text.substr(0, end);
    const std::size_t first = std::min(piece.find_first_not_of(kAround), piece.size());
    const std::size_t last = piece.find_last_not_of(kAround);
    const std::string_view word =
        last == std::string_view::npos ? "" : piece.substr(first, last + 1 - first);
    if (stands_out(word, all)) {
      result += escaped(piece.substr(0, first)) + bold(word) + escaped(piece.substr(last + 1));
    } else {
      result += escaped(piece);
    }
    text.remove_prefix(end);
    if (text.empty()) break;
    result += ' ';
    text.remove_prefix(1);
  }
  return guarded(wrap(result, {.width = kSourceWidth}));
}

std::string heading(std::string_view title) {
  return ".SH " + escaped(title) + "\n";
}

// Descriptions leave out the full stop, and here and there the capital letter.
std::string sentence(std::string_view text) {
  std::string result = std::string(text) + ".";
  result.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(result.front())));
  return result;
}

std::string synopsis(const CommandDescription& command) {
  std::string line = bold(command.name) + " [" + italic("OPTION") + "]...";
  for (const PositionalDescription& positional : command.positionals) {
    const std::string name = italic(positional.name);
    line += positional.required ? " " + name : " [" + name + "]";
  }
  return line + "\n";
}

std::string option_head(const OptionDescription& option) {
  std::string head;
  if (!option.short_name.empty()) head += bold(option.short_name) + ", ";
  head += bold(option.name);
  if (option.value.empty()) return head;
  return head + (option.value_if_bare.empty() ? " " + italic(option.value)
                                              : "[=" + italic(option.value) + "]");
}

std::string option_text(const OptionDescription& option) {
  std::string text = sentence(option.text);
  if (!option.value_if_bare.empty()) {
    text +=
        " Without =" + std::string(option.value) + ": " + std::string(option.value_if_bare) + ".";
  }
  if (!option.default_value.empty()) {
    text += " Default: " + std::string(option.default_value) + ".";
  }
  return text;
}

// Without hyphens of its own, or names of options would be split, and without
// stretched lines.
std::string page_title(const CommandDescription& command, const Edition& edition) {
  std::string upper(command.name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return ".TH " + escaped(upper) + " " + std::to_string(command.manual_section) + " \"" +
         std::string(edition.date) + "\" \"mcast\\-agent " + escaped(edition.version) +
         "\"\n.nh\n.ad l\n";
}

std::string see_also(const CommandDescription& command,
                     std::span<const CommandDescription* const> all) {
  struct Page {
    unsigned section;
    std::string name;
    auto operator<=>(const Page&) const = default;
  };
  std::vector<Page> pages{{.section = 8, .name = "ip-maddress"}};
  for (const CommandDescription* other : all) {
    if (other->name == command.name) continue;
    pages.push_back({.section = other->manual_section, .name = std::string(other->name)});
  }
  std::ranges::sort(pages);
  std::string line;
  for (const Page& page : pages) {
    if (!line.empty()) line += ", ";
    line += bold(page.name) + "(" + std::to_string(page.section) + ")";
  }
  return line + "\n";
}

}  // namespace

std::string roff_text(std::string_view text) {
  return guarded(escaped(text));
}

std::string manual_page(const CommandDescription& command,
                        std::span<const CommandDescription* const> all, const Edition& edition) {
  const auto entry = [&](const std::string& head, std::string_view text) {
    return ".TP\n" + head + "\n" + prose(text, all);
  };
  std::string page = page_title(command, edition);
  page += heading("NAME") + escaped(command.name) + " \\- " + escaped(command.purpose) + "\n";
  page += heading("SYNOPSIS") + synopsis(command);
  page += heading("DESCRIPTION") + prose(command.description, all);
  if (!command.positionals.empty()) page += heading("ARGUMENTS");
  for (const PositionalDescription& positional : command.positionals) {
    page += entry(italic(positional.name), sentence(positional.text));
  }
  page += heading("OPTIONS");
  for (const OptionDescription& option : command.options) {
    page += entry(option_head(option), option_text(option));
  }
  for (const Section& section : command.sections) {
    page += heading(section.title);
    bool first = true;
    for (const std::string_view paragraph : section.paragraphs) {
      if (!first) page += ".PP\n";
      page += prose(paragraph, all);
      first = false;
    }
    for (const Term& term : section.terms) page += entry(bold(term.name), term.text);
  }
  if (!command.examples.empty()) page += heading("EXAMPLES");
  for (const Example& example : command.examples) {
    page += entry(bold(example.command), sentence(example.text));
  }
  page += heading("EXIT STATUS");
  for (const Term& code : exit_codes(command)) page += entry(bold(code.name), sentence(code.text));
  if (!command.environment.empty()) page += heading("ENVIRONMENT");
  for (const Term& variable : command.environment)
    page += entry(bold(variable.name), variable.text);
  return page + heading("SEE ALSO") + see_also(command, all);
}

}  // namespace mcast::cli
