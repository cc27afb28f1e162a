// Puts a picture together from blocks, so that it fits whatever the size: every block
// gets the rows that it needs, in the order of importance, then blank lines between
// them, then more rows where there is more to say. Pure functions.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/terminal/screen.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {

struct Block {
  int importance = 0;     // the higher, the later it is left out
  std::size_t least = 0;  // rows that it wants before others get more
  std::size_t most = 0;   // rows that it can use
  bool apart = false;     // a blank line above it, where there is room
  std::function<std::vector<Line>(std::size_t rows)> draw;  // at most `rows` lines
};

// A block of lines that are there already; the last are left out first.
[[nodiscard]] Block block_of(std::vector<Line> lines, int importance, bool apart);

// The blocks from top to bottom, cut to `size`.
[[nodiscard]] Screen stacked(std::span<const Block> blocks, const ScreenSize& size);

// `left`, and `right` at the right edge if there is room for both.
[[nodiscard]] Line justified(Line left, Line right, const ScreenSize& size);
[[nodiscard]] int line_width(const Line& line);

inline constexpr int kLabelWidth = 13;  // of every label at the left edge

struct Field {
  std::string label;
  Span value;
};
// Whether fields stand in two columns.
[[nodiscard]] bool in_two_columns(const ScreenSize& size);
// Labels and values, two a line (left, right, left, ...) where that is wide enough,
// else one.
[[nodiscard]] std::vector<Line> field_lines(std::span<const Field> fields, const ScreenSize& size);

struct Column {
  std::string title;
  int width = 0;
  Align align = Align::kRight;
  int importance = 0;  // columns that do not fit are left out, the lowest first
};
// The columns that fit.
[[nodiscard]] std::vector<std::size_t> fitting_columns(std::span<const Column> columns, int width);
[[nodiscard]] Line table_heading(std::span<const Column> columns,
                                 std::span<const std::size_t> shown, const ScreenSize& size);
// `cells`: one for every column, shown or not.
[[nodiscard]] Line table_row(std::span<const Column> columns, std::span<const std::size_t> shown,
                             std::span<const Span> cells, const ScreenSize& size);
// A whole table that is printed once: a heading, and a line for each row of cells. Columns are
// as wide as their widest cell, at least as they say.
[[nodiscard]] std::vector<Line> table_lines(std::vector<Column> columns,
                                            std::span<const std::vector<Span>> rows,
                                            const ScreenSize& size);

}  // namespace mcast::cli
