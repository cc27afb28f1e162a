#include "cli/terminal/text_width.h"

#include <wchar.h>  // wcwidth is POSIX

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

struct Character {
  char32_t value = kInvalid;
  std::size_t size = 1;  // bytes
};

// The first character of `text`, which is not empty. What is not UTF-8 is one invalid byte.
Character first_character(std::string_view text) {
  const std::size_t size = utf8_length(text);
  if (size == 0) return {};
  return {utf8_code_point(text.substr(0, size)), size};
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

// The bytes of the longest beginning of `text` that fits.
std::size_t bytes_within(std::string_view text, int width) {
  std::size_t at = 0;
  int used = 0;
  while (at < text.size()) {
    const Character character = first_character(text.substr(at));
    used += width_of(character.value);
    if (used > width) break;
    at += character.size;
  }
  return at;
}

// Adds the lines of one paragraph; the first begins with `line`, the others with `indent`.
void add_wrapped(std::string_view text, std::string line, const std::string& indent, int width,
                 std::vector<std::string>& lines) {
  bool is_empty = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!is_empty && text_width(line) + 1 + text_width(word) > width) {
      lines.push_back(std::exchange(line, indent));
      is_empty = true;
    }
    line.append(std::exchange(is_empty, false) ? "" : " ").append(word);
  }
  lines.push_back(is_empty ? "" : std::move(line));
}

}  // namespace

std::string printable(std::string_view text, bool unicode) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    const bool plain = character.value >= 0x20 && character.value < 0x7F;
    const bool shown = character.value > 0x9F && character.value != kInvalid && unicode &&
                       !disturbs(character.value) &&
                       ::wcwidth(static_cast<wchar_t>(character.value)) >= 0;
    if (plain || shown) {
      result += text.substr(0, character.size);
    } else {
      result += '?';
    }
    text.remove_prefix(character.size);
  }
  return result;
}

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += width_of(character.value);
    text.remove_prefix(character.size);
  }
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
  if (left <= 0) return std::string(text.substr(0, bytes_within(text, width)));
  std::string result(text.substr(0, bytes_within(text, left)));
  result.erase(result.find_last_not_of(' ') + 1);
  return result.append(ellipsis);
}

std::string padded(std::string_view text, int width, Align align, bool unicode) {
  std::string result = fitted(text, width, unicode);
  const auto spaces = static_cast<std::size_t>(std::max(0, width - text_width(result)));
  result.insert(align == Align::kRight ? 0 : result.size(), spaces, ' ');
  return result;
}

std::vector<std::string> wrapped(std::string_view text, int width, bool unicode) {
  std::vector<std::string> lines;
  add_wrapped(text, "", "", width, lines);
  for (std::string& line : lines) line = fitted(line, width, unicode);
  return lines;
}

std::string wrap(std::string_view text, const WrapOptions& options) {
  std::vector<std::string> lines;
  for (bool is_first = true;; is_first = false) {
    const std::size_t end = text.find('\n');
    add_wrapped(text.substr(0, end), is_first ? options.first_indent : options.indent,
                options.indent, static_cast<int>(options.width), lines);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

}  // namespace mcast::cli
