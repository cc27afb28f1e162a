#include "cli/terminal/screen.h"

#include <string_view>

namespace mcast::cli {
namespace {

std::string_view sequence_of(Style style) {
  switch (style) {
    case Style::kPlain:
      break;
    case Style::kHeading:
      return "\033[1m";
    case Style::kFaint:
      return "\033[2m";
    case Style::kGood:
      return "\033[32m";
    case Style::kWarning:
      return "\033[33m";
    case Style::kBad:
      return "\033[31m";
  }
  return "";
}

}  // namespace

std::string plain_text(const Screen& screen) {
  std::string text;
  for (const Line& line : screen.lines) {
    std::string row;
    for (const Span& span : line) row += span.text;
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::string ansi_text(const Screen& screen) {
  std::string text;
  for (const Line& line : screen.lines) {
    for (const Span& span : line) {
      const std::string_view sequence = span.text.empty() ? "" : sequence_of(span.style);
      text.append(sequence).append(span.text).append(sequence.empty() ? "" : "\033[0m");
    }
    text += "\n";
  }
  return text;
}

}  // namespace mcast::cli
