#include "agent/configuration_text.h"

#include <cstdint>

namespace mcast::agent {

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

std::optional<TextFault> find_text_fault(std::string_view text) {
  Place place;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return TextFault{place, "not valid UTF-8"};
    const auto first = static_cast<std::uint8_t>(text.front());
    if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F) {
      return TextFault{place, "a control character, which YAML does not allow"};
    }
    text.remove_prefix(length);
    if (first == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      place.column += static_cast<std::uint32_t>(length);
    }
  }
  return std::nullopt;
}

}  // namespace mcast::agent
