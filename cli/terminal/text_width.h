// Text in the columns of a terminal: how wide it is, cut or padded to a width, and
// free of whatever could move the cursor. Widths are those of the locale (LC_CTYPE),
// as the terminal's. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::cli {

// Text from outside made safe to draw: control characters, what is not UTF-8, and
// characters that turn the direction of writing become '?'. Without `unicode`, all
// that is not ASCII does.
[[nodiscard]] std::string drawable(std::string_view text, bool unicode);

// The width of drawable text, in columns.
[[nodiscard]] int text_width(std::string_view text);

// At most `width` columns of it; an ellipsis shows that something is missing.
[[nodiscard]] std::string fitted(std::string_view text, int width, bool unicode);

enum class Align : std::uint8_t { kLeft, kRight };
// Exactly `width` columns.
[[nodiscard]] std::string padded(std::string_view text, int width, Align align, bool unicode);

// Broken at spaces into lines of at most `width` columns; words that are longer are
// cut. At least one line, and at most `max_lines`, of which the last then shows that there was
// more.
[[nodiscard]] std::vector<std::string> wrapped(
    std::string_view text, int width, bool unicode,
    std::size_t max_lines = std::numeric_limits<std::size_t>::max());

}  // namespace mcast::cli
