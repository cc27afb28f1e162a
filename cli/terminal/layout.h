// Puts a picture together from blocks in a fixed order, cut at the bottom, so that it fits
// whatever the size. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/terminal/screen.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {

enum class Place : std::uint8_t {
  kInOrder,
  kLastIfShort,  // below all others where there is no room for everything
  kWhereSpare,   // whole or not at all: only where what follows has its room
};

struct Block {
  std::vector<Line> lines;  // the heading, where a list follows
  std::size_t least = 0;    // so many rows are wanted; it grows where all blocks below have theirs
  bool apart = false;       // a blank line above it
  Place place = Place::kInOrder;

  // A list below `lines`, of which so much is shown as there is room for.
  std::size_t rows = 0;
  std::function<std::vector<Line>(std::size_t first, std::size_t count)> list = {};
  // The line that says what is not shown, where rows are missing; none: they just are.
  std::function<std::string(std::size_t first, std::size_t shown)> rest = {};
  // The one list of the picture that is scrolled, to this row, and its columns by which it may be
  // sorted.
  std::optional<std::size_t> scrolled_to = {};
  std::vector<std::string> columns = {};

  [[nodiscard]] std::size_t all() const { return lines.size() + rows; }
  // With the blank line above it.
  [[nodiscard]] std::size_t wanted() const { return all() + (apart && all() > 0 ? 1 : 0); }
};

// A block of lines that wants to be shown whole.
[[nodiscard]] Block block_of(std::vector<Line> lines, bool apart, Place place = Place::kInOrder);

// The blocks from top to bottom, cut to `size`. Blank lines set them apart from 24 rows on,
// and below that where everything fits with them.
[[nodiscard]] Screen stacked(std::vector<Block> blocks, const ScreenSize& size);

// `left`, and `right` at the right edge if there is room for both.
[[nodiscard]] Line justified(Line left, const Line& right, const ScreenSize& size);
[[nodiscard]] int line_width(std::span<const Span> line);

inline constexpr int kLabelWidth = 13;  // of every label at the left edge
[[nodiscard]] Span label_span(std::string_view label, const ScreenSize& size);

struct Field {
  std::string label;
  Span value;
};
// Labels and values, two a line (left, right, left, ...) where that is wide enough,
// else one.
[[nodiscard]] std::vector<Line> field_lines(std::span<const Field> fields, const ScreenSize& size);

struct Column {
  std::string title;
  int width = 0;
  Align align = Align::kRight;
  int importance = 0;  // columns that do not fit are left out, the lowest first
};
// The indices of those that fit, in their order.
[[nodiscard]] std::vector<std::size_t> fitting(const std::vector<Column>& columns,
                                               const ScreenSize& size);
using Cells = std::vector<Span>;  // of a row, one for every column
// A heading, and a line for each row. Columns are as wide as their widest cell, at least as they
// say; not `widened`: exactly so, for a table that stands still while its values wander.
[[nodiscard]] std::vector<Line> table_lines(std::vector<Column> columns,
                                            std::span<const Cells> rows, const ScreenSize& size,
                                            bool widened = true);

}  // namespace mcast::cli
