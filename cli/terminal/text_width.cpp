#include "cli/terminal/text_width.h"

#include <wchar.h>  // wcwidth is POSIX

#include <algorithm>
#include <cstddef>

namespace mcast::cli {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

struct Character {
  char32_t value = kInvalid;
  std::size_t size = 1;  // bytes
};

// The first character of `text`, which is not empty. What is not UTF-8 (overlong
// forms and surrogates too) is one invalid byte.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return {};
  return {value, size};
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
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string word = fitted(text.substr(0, end), width, unicode);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (text_width(line) + 1 + text_width(word) <= width) {
      line += " " + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

}  // namespace mcast::cli
