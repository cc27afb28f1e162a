#include "cli/terminal/text_width.h"

#include <wchar.h>  // wcwidth is POSIX

#include <algorithm>

#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

struct Character {
  std::string_view bytes;
  char32_t value = kInvalid;
};

// Takes the first character off `text`, which is not empty. What is not UTF-8 is one invalid
// byte.
Character take_first(std::string_view& text) {
  const std::size_t size = utf8_length(text);
  const std::string_view bytes = text.substr(0, std::max<std::size_t>(size, 1));
  text.remove_prefix(bytes.size());
  return {bytes, size == 0 ? kInvalid : utf8_code_point(bytes)};
}

// Joiners and marks of the direction of writing, line and paragraph separators:
// terminals disagree about them, and they can make a line read other than it is.
bool disturbs(char32_t value) {
  return (value >= 0x200B && value <= 0x200F) || (value >= 0x2028 && value <= 0x202E) ||
         (value >= 0x2060 && value <= 0x206F) || value == 0xFEFF || value == 0x061C;
}

int width_of(char32_t value) {
  if (value < 0x80) return 1;
  const int width = ::wcwidth(static_cast<wchar_t>(value));
  // Our own signs in a locale that does not know them, as in a test.
  return width < 0 ? 1 : width;
}

// The longest beginning of `text` that fits.
std::string_view beginning(std::string_view text, int width) {
  std::string_view rest = text;
  std::size_t size = 0;
  while (!rest.empty()) {
    width -= width_of(take_first(rest).value);
    if (width < 0) break;
    size = text.size() - rest.size();
  }
  return text.substr(0, size);
}

}  // namespace

std::string drawable(std::string_view text, bool unicode) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto [bytes, value] = take_first(text);
    const bool plain = value >= 0x20 && value < 0x7F;
    const bool shown = value > 0x9F && value != kInvalid && unicode && !disturbs(value) &&
                       ::wcwidth(static_cast<wchar_t>(value)) >= 0;
    result += plain || shown ? bytes : "?";
  }
  return result;
}

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += width_of(take_first(text).value);
  return width;
}

std::string fitted(std::string_view text, int width, bool unicode) {
  if (width <= 0) return {};
  // No character takes more columns than bytes.
  if (text.size() <= static_cast<std::size_t>(width) || text_width(text) <= width) {
    return std::string(text);
  }
  const std::string_view ellipsis = unicode ? "…" : "..";
  const int left = width - (unicode ? 1 : 2);
  if (left <= 0) return std::string(beginning(text, width));
  std::string result(beginning(text, left));
  result.erase(result.find_last_not_of(' ') + 1);
  return result.append(ellipsis);
}

std::string padded(std::string_view text, int width, Align align, bool unicode) {
  std::string result = fitted(text, width, unicode);
  const auto spaces = static_cast<std::size_t>(std::max(0, width - text_width(result)));
  result.insert(align == Align::kRight ? 0 : result.size(), spaces, ' ');
  return result;
}

std::vector<std::string> wrapped(std::string_view text, int width, bool unicode,
                                 std::size_t max_lines) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (word.empty()) continue;
    if (!lines.back().empty() && text_width(lines.back()) + 1 + text_width(word) > width) {
      lines.emplace_back();
    }
    lines.back().append(lines.back().empty() ? "" : " ").append(word);
  }
  if (lines.size() > max_lines) {
    lines.resize(max_lines);
    lines.back().append(static_cast<std::size_t>(std::max(width, 0)), ' ');
  }
  for (std::string& line : lines) line = fitted(line, width, unicode);
  return lines;
}

}  // namespace mcast::cli
