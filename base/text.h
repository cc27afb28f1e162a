// What kind of text some bytes are. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcast {

// Length of the well-formed UTF-8 sequence (RFC 3629) that `text` starts with,
// 1 to 4; 0 where there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

// C0, DEL and C1: what a terminal would take for a command.
[[nodiscard]] bool has_control_characters(std::string_view text);

// Text from outside, fit for a terminal: control characters and bytes that are no
// UTF-8 become '?', and what is longer than `max_bytes` ends in "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 100);

}  // namespace mcast
