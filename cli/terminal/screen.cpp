#include "cli/terminal/screen.h"

#include <array>
#include <string_view>

namespace mcast::cli {

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
  // One for each style.
  constexpr std::array<std::string_view, 6> kSequences{"",         "\033[1m",  "\033[2m",
                                                       "\033[32m", "\033[33m", "\033[31m"};
  std::string text;
  for (const Line& line : screen.lines) {
    for (const Span& span : line) {
      const auto sequence =
          span.text.empty() ? "" : kSequences[static_cast<std::size_t>(span.style)];
      text.append(sequence).append(span.text).append(sequence.empty() ? "" : "\033[0m");
    }
    text += "\n";
  }
  return text;
}

}  // namespace mcast::cli
