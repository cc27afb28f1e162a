#include "cli/terminal/layout.h"

#include <algorithm>
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

std::vector<std::size_t> by_importance(std::span<const Block> blocks) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Of two that matter as much the upper one comes first.
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(-blocks[i].importance, i); });
  return order;
}

}  // namespace

Block block_of(std::vector<Line> lines, int importance, bool apart) {
  const std::size_t count = lines.size();
  return {.importance = importance,
          .least = count,
          .most = count,
          .apart = apart,
          .draw = [lines = std::move(lines)](std::size_t rows) {
            std::vector<Line> shown(
                lines.begin(),
                lines.begin() + static_cast<std::ptrdiff_t>(std::min(rows, lines.size())));
            return shown;
          }};
}

Screen stacked(std::span<const Block> blocks, const ScreenSize& size) {
  auto left = static_cast<std::size_t>(std::max(size.rows, 0));
  const auto order = by_importance(blocks);
  std::vector<std::size_t> rows(blocks.size());
  std::vector<bool> blank(blocks.size());
  for (const std::size_t i : order) {
    rows[i] = std::min(left, blocks[i].least);
    left -= rows[i];
  }
  for (const std::size_t i : order) {
    if (left == 0) break;
    const bool first = std::all_of(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(i),
                                   [](std::size_t above) { return above == 0; });
    if (!blocks[i].apart || rows[i] == 0 || first) continue;
    blank[i] = true;
    --left;
  }
  for (const std::size_t i : order) {
    const std::size_t more = std::min(left, blocks[i].most - std::min(blocks[i].most, rows[i]));
    rows[i] += more;
    left -= more;
  }
  Screen screen;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (rows[i] == 0 || size.columns <= 0) continue;
    if (blank[i]) screen.lines.emplace_back();
    for (const Line& line : blocks[i].draw(rows[i])) screen.lines.push_back(cut(line, size));
  }
  return screen;
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

bool in_two_columns(const ScreenSize& size) {
  return size.columns >= kTwoColumns;
}

std::vector<Line> field_lines(std::span<const Field> fields, const ScreenSize& size) {
  const auto label = [&](const Field& field) {
    return Span{padded(field.label, kLabelWidth, Align::kLeft, size.unicode), Style::kFaint};
  };
  std::vector<Line> lines;
  if (!in_two_columns(size)) {
    for (const Field& field : fields) {
      if (!field.label.empty()) lines.push_back({label(field), field.value});
    }
    return lines;
  }
  // Not further apart than what eyes still take for one line.
  const int left_value = std::clamp(size.columns / 2 + 3, 43, 56) - kLabelWidth - 2;
  for (std::size_t i = 0; i < fields.size(); i += 2) {
    Line line{label(fields[i]), fields[i].value};
    if (i + 1 < fields.size() && !fields[i + 1].label.empty()) {
      line[1].text = padded(line[1].text, left_value, Align::kLeft, size.unicode) + "  ";
      line.push_back(label(fields[i + 1]));
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
