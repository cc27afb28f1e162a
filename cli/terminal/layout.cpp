#include "cli/terminal/layout.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace mcast::cli {
namespace {

constexpr int kTwoColumns = 70;  // from this width on

// Between the columns of a table.
int table_gap(int width) {
  return width < 100 ? 1 : 2;
}

// Spaces at the end of a line could make it wrap.
std::string cell_text(const Column& column, const std::string& text, bool last,
                      const ScreenSize& size) {
  if (last && column.align == Align::kLeft) return fitted(text, column.width, size.unicode);
  return padded(text, column.width, column.align, size.unicode);
}

Line cut(const Line& line, const ScreenSize& size) {
  if (line_width(line) <= size.columns) return line;
  Line result;
  int left = size.columns;
  for (std::size_t i = 0; i < line.size() && left > 0; ++i) {
    // The ellipsis belongs where the line is cut, also between two spans.
    const int rest = line_width({line.begin() + static_cast<std::ptrdiff_t>(i), line.end()});
    const int own = text_width(line[i].text);
    std::string text = line[i].text;
    if (rest > left) {
      if (own >= left) text += ' ';
      text = fitted(text, left, size.unicode);
    }
    left -= text_width(text);
    result.push_back({std::move(text), line[i].style});
  }
  return result;
}

// From so many rows on blank lines are not what has to go.
constexpr std::size_t kRoomyRows = 24;

// The first `rows` lines; of a table the last of them says what is missing.
std::vector<Line> shown_lines(Block block, std::size_t rows) {
  if (rows >= block.all) return std::move(block.lines);
  if (block.rest && rows == 1) return {{{block.rest(block.all - 1), Style::kFaint}}};
  block.lines.resize(std::min(rows, block.lines.size()));
  if (block.rest && rows > 2) {
    block.lines.back() = {{block.rest(block.all + 1 - rows), Style::kFaint}};
  }
  return std::move(block.lines);
}

}  // namespace

Block block_of(std::vector<Line> lines, bool apart, Place place) {
  const std::size_t count = lines.size();
  return {.lines = std::move(lines), .least = count, .apart = apart, .place = place, .all = count};
}

Screen stacked(std::vector<Block> blocks, const ScreenSize& size) {
  Screen screen;
  if (size.rows <= 0 || size.columns <= 0) return screen;
  const auto rows = static_cast<std::size_t>(size.rows);
  std::erase_if(blocks, [](const Block& block) { return block.lines.empty(); });
  std::size_t wanted = 0;
  std::size_t spare = 0;  // what can be had besides
  for (const Block& block : blocks) {
    (block.place == Place::kWhereSpare ? spare : wanted) += block.least;
    if (block.apart) ++spare;
  }
  const bool is_short = wanted > rows;
  if (is_short) {
    // By hand: clang 19 warns of what GCC 12's stable_partition() uses.
    std::vector<Block> last;
    for (Block& block : blocks) {
      if (block.place == Place::kLastIfShort) last.push_back(std::move(block));
    }
    std::erase_if(blocks, [](const Block& block) { return block.place == Place::kLastIfShort; });
    std::ranges::move(last, std::back_inserter(blocks));
  }
  const bool with_blanks = !is_short && (rows >= kRoomyRows || wanted + spare <= rows);

  for (std::size_t i = 0; i < blocks.size() && screen.lines.size() < rows; ++i) {
    Block& block = blocks[i];
    std::size_t below = 0;
    for (std::size_t k = i + 1; k < blocks.size(); ++k) {
      if (blocks[k].place == Place::kWhereSpare) continue;
      below += blocks[k].least + (with_blanks && blocks[k].apart ? 1 : 0);
    }
    std::size_t left = rows - screen.lines.size();
    const bool yields = block.place == Place::kWhereSpare;
    if (yields && left < block.least + below) continue;
    if (with_blanks && block.apart && !screen.lines.empty() &&
        left > (yields ? block.least + below : 1)) {
      screen.lines.emplace_back();
      --left;
    }
    const std::size_t own = std::max(block.least, left - std::min(left, below));
    for (const Line& line : shown_lines(std::move(block), std::min(own, left))) {
      screen.lines.push_back(cut(line, size));
    }
  }
  return screen;
}

Span label_span(std::string_view label, const ScreenSize& size) {
  return {padded(label, kLabelWidth, Align::kLeft, size.unicode), Style::kFaint};
}

int line_width(const Line& line) {
  int width = 0;
  for (const Span& span : line) width += text_width(span.text);
  return width;
}

Line justified(Line left, Line right, const ScreenSize& size) {
  const int between = size.columns - line_width(left) - line_width(right);
  if (between < 2) return left;
  left.push_back({std::string(static_cast<std::size_t>(between), ' '), Style::kPlain});
  std::ranges::move(right, std::back_inserter(left));
  return left;
}

std::vector<Line> field_lines(std::span<const Field> fields, const ScreenSize& size) {
  std::vector<Line> lines;
  if (size.columns < kTwoColumns) {
    for (const Field& field : fields) {
      if (!field.label.empty()) lines.push_back({label_span(field.label, size), field.value});
    }
    return lines;
  }
  // Not further apart than what eyes still take for one line.
  const int left_value = std::clamp(size.columns / 2 + 3, 43, 56) - kLabelWidth - 2;
  for (std::size_t i = 0; i < fields.size(); i += 2) {
    Line line{label_span(fields[i].label, size), fields[i].value};
    if (i + 1 < fields.size() && !fields[i + 1].label.empty()) {
      line[1].text = padded(line[1].text, left_value, Align::kLeft, size.unicode) + "  ";
      line.push_back(label_span(fields[i + 1].label, size));
      line.push_back(fields[i + 1].value);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::size_t> fitting_columns(std::span<const Column> columns, int width) {
  std::vector<std::size_t> shown(columns.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  const auto needed = [&] {
    int sum = -table_gap(width);
    for (const std::size_t i : shown) sum += columns[i].width + table_gap(width);
    return sum;
  };
  while (shown.size() > 1 && needed() > width) {
    shown.erase(
        std::ranges::min_element(shown, {}, [&](std::size_t i) { return columns[i].importance; }));
  }
  return shown;
}

Line table_heading(std::span<const Column> columns, std::span<const std::size_t> shown,
                   const ScreenSize& size) {
  const std::string gap(static_cast<std::size_t>(table_gap(size.columns)), ' ');
  std::string text;
  for (const std::size_t i : shown) {
    if (!text.empty()) text += gap;
    text += cell_text(columns[i], columns[i].title, i == shown.back(), size);
  }
  return {{std::move(text), Style::kHeading}};
}

Line table_row(std::span<const Column> columns, std::span<const std::size_t> shown,
               std::span<const Span> cells, const ScreenSize& size) {
  const std::string gap(static_cast<std::size_t>(table_gap(size.columns)), ' ');
  Line line;
  for (const std::size_t i : shown) {
    if (!line.empty()) line.push_back({gap, Style::kPlain});
    line.push_back({cell_text(columns[i], cells[i].text, i == shown.back(), size), cells[i].style});
  }
  return line;
}

std::vector<Line> table_lines(std::vector<Column> columns, std::span<const std::vector<Span>> rows,
                              const ScreenSize& size) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    int& width = columns[i].width;
    width = std::max(width, text_width(columns[i].title));
    for (const auto& cells : rows) width = std::max(width, text_width(cells[i].text));
  }
  const auto shown = fitting_columns(columns, size.columns);
  std::vector<Line> lines{table_heading(columns, shown, size)};
  for (const auto& cells : rows) lines.push_back(table_row(columns, shown, cells, size));
  return lines;
}

}  // namespace mcast::cli
