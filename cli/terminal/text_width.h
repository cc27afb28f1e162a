// Text in the columns of a terminal: how wide it is, cut or padded to a width, and
// free of whatever could move the cursor. Widths are those of the locale (LC_CTYPE),
// as the terminal's. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::cli {

// Text from outside made safe to draw: control characters, what is not UTF-8, and
// characters that turn the direction of writing become '?'. Without `unicode`, all
// that is not ASCII does.
[[nodiscard]] std::string printable(std::string_view text, bool unicode);

// Of printable UTF-8, in columns.
[[nodiscard]] int text_width(std::string_view text);

// At most `width` columns of it; an ellipsis shows that something is missing.
[[nodiscard]] std::string fitted(std::string_view text, int width, bool unicode);

enum class Align : std::uint8_t { kLeft, kRight };
// Exactly `width` columns.
[[nodiscard]] std::string padded(std::string_view text, int width, Align align, bool unicode);

// Broken at spaces into lines of at most `width` columns; words that are longer are
// cut. At least one line.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, int width, bool unicode);

struct WrapOptions {
  std::size_t width = 80;
  std::string first_indent = {};  // in front of the first line
  std::string indent = {};        // in front of the others
};
// As one text for a page: each line ended by '\n', newlines of `text` kept, and a word that
// is longer than a line left whole on a line of its own.
[[nodiscard]] std::string wrap(std::string_view text, const WrapOptions& options);

}  // namespace mcast::cli
