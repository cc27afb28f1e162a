#include "agent/configuration/configuration_text.h"

#include <cstdint>

#include "base/text.h"

namespace mcast::agent {

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
