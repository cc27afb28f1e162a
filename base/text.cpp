#include "base/text.h"

#include <net/if.h>

#include <algorithm>
#include <cstdint>

namespace mcast {

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto within = [&](std::size_t i, unsigned low, unsigned high) {
    return byte(i) >= low && byte(i) <= high;
  };
  const auto rest = [&](std::size_t from, std::size_t length) {
    for (std::size_t i = from; i < length; ++i) {
      if (!within(i, 0x80, 0xBF)) return std::size_t{0};
    }
    return length;
  };
  if (text.empty()) return 0;
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return rest(1, 2);
  // The second byte's narrower ranges keep out overlong forms, surrogates and
  // what lies beyond U+10FFFF (table 3-7 of the Unicode standard).
  if (first >= 0xE0 && first <= 0xEF) {
    return within(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) ? rest(2, 3) : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    return within(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) ? rest(2, 4) : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string to_utf8(std::string_view bytes, std::string_view replacement) {
  std::string result;
  result.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    result += length == 0 ? replacement : bytes.substr(0, length);
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

char32_t utf8_code_point(std::string_view sequence) {
  // The first byte of n has n + 1 bits that say so, a single one has none.
  constexpr unsigned kFirstBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t result = static_cast<std::uint8_t>(sequence[0]) & kFirstBits[sequence.size()];
  for (const char byte : sequence.substr(1)) {
    result = (result << 6U) | (static_cast<std::uint8_t>(byte) & 0x3FU);
  }
  return result;
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    // U+0080 to U+009F
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
  }
  return false;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string result;
  while (!text.empty()) {
    if (result.size() >= max_bytes) return result + "...";
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    const bool fit = length != 0 && !has_control_characters(character);
    result += fit ? character : "?";
    text.remove_prefix(character.size());
  }
  return result;
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && (static_cast<std::uint8_t>(text[max_bytes]) & 0xC0U) == 0x80U) {
    --max_bytes;
  }
  return text.substr(0, max_bytes);
}

std::string quote(std::string_view text) {
  const std::string_view start = cut_utf8(text, 64);
  return "'" + std::string(start) + (start.size() < text.size() ? "...'" : "'");
}

bool is_valid_interface_name(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         std::ranges::none_of(
             name,
             [](char c) {
               return c == '/' || c == ':' || c == '\0' || c == ' ' || (c >= '\t' && c <= '\r');
             });
}

std::string ascii_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=@%+,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string result = "'";
  for (const char c : text) {
    // A quote ends the quoted part, stands for itself, and begins the next.
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

}  // namespace mcast
