// What kind of text some bytes are. Pure functions.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

namespace mcast {

// Length of the well-formed UTF-8 sequence (RFC 3629) that `text` starts with,
// 1 to 4; 0 where there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
// The same bytes, with `replacement` for each byte that belongs to no such sequence.
[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view replacement = "\uFFFD");
// The code point of one well-formed sequence: what utf8_length() has measured.
[[nodiscard]] char32_t utf8_code_point(std::string_view sequence);

// C0, DEL and C1: what a terminal would take for a command.
[[nodiscard]] bool has_control_characters(std::string_view text);

// Text from outside, fit for a terminal: control characters and bytes that are no
// UTF-8 become '?', and what is longer than `max_bytes` ends in "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 100);

// `text` between single quotes for a message; beyond 64 bytes it ends in "...".
[[nodiscard]] std::string quote(std::string_view text);

// At most `max_bytes` of `text`, which is UTF-8, not ending within a character.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t max_bytes);

// What the kernel takes for the name of an interface (dev_valid_name in net/core/dev.c).
[[nodiscard]] bool is_valid_interface_name(std::string_view name);

// ASCII only, whatever the locale.
[[nodiscard]] std::string ascii_lower(std::string_view text);

// "a, b, 3 more": what `to_text` makes of at most `max_items` of them.
template <typename Items, typename ToText>
[[nodiscard]] std::string listed(const Items& items, ToText to_text,
                                 std::size_t max_items = std::numeric_limits<std::size_t>::max()) {
  std::string text;
  std::size_t count = 0;
  for (const auto& item : items) {
    if (count > 0) text += ", ";
    if (count++ == max_items) return text + std::to_string(items.size() - max_items) + " more";
    text += std::invoke(to_text, item);
  }
  return text;
}

// One word of a POSIX shell: quoted unless it needs no quotes.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace mcast
