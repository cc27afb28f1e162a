#include "cli/terminal/layout.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace mcast::cli {
namespace {

constexpr int kTwoColumns = 70;  // from this width on
// From so many rows on blank lines are not what has to go.
constexpr std::size_t kRoomyRows = 24;

// Between two columns.
int gap_width(const ScreenSize& size) {
  return size.columns < 100 ? 1 : 2;
}

Line cut(const Line& line, const ScreenSize& size) {
  Line result;
  int left = size.columns;
  for (auto span = line.begin(); span != line.end() && left > 0; ++span) {
    std::string text = span->text;
    // The ellipsis belongs where the line is cut, also between two spans.
    if (line_width({span, line.end()}) > left) {
      if (text_width(text) >= left) text += ' ';
      text = fitted(text, left, size.unicode);
    }
    left -= text_width(text);
    result.push_back({std::move(text), span->style});
  }
  return result;
}

// `room` lines of a block. Where rows of its list are missing, the last line says so.
std::vector<Line> shown_lines(Block block, std::size_t room, Screen::List& list) {
  std::vector<Line> lines = std::move(block.lines);
  const bool is_whole = room >= lines.size() + block.rows;
  const bool with_rest = !is_whole && block.rest && (room == 1 || room > lines.size() + 1);
  if (with_rest && room == 1) return {{{block.rest(0, 0), Style::kFaint}}};
  lines.resize(std::min(lines.size(), room));
  const std::size_t shown = std::min(block.rows, room - lines.size() - (with_rest ? 1 : 0));
  const std::size_t first = std::min(block.scrolled_to.value_or(0), block.rows - shown);
  if (shown > 0) std::ranges::move(block.list(first, shown), std::back_inserter(lines));
  if (with_rest) lines.push_back({{block.rest(first, shown), Style::kFaint}});
  if (block.scrolled_to) {
    list = {.first = first, .shown = shown, .rows = block.rows, .columns = block.columns};
  }
  return lines;
}

}  // namespace

Block block_of(std::vector<Line> lines, bool apart, Place place) {
  const std::size_t count = lines.size();
  return {.lines = std::move(lines), .least = count, .apart = apart, .place = place};
}

Screen stacked(std::vector<Block> blocks, const ScreenSize& size) {
  Screen screen;
  if (size.rows <= 0 || size.columns <= 0) return screen;
  const auto rows = static_cast<std::size_t>(size.rows);
  std::erase_if(blocks, [](const Block& block) { return block.all() == 0; });
  std::size_t wanted = 0;
  std::size_t spare = 0;  // what can be had besides
  for (const Block& block : blocks) {
    (block.place == Place::kWhereSpare ? spare : wanted) += block.least;
    if (block.apart) ++spare;
  }
  const bool is_short = wanted > rows;
  // By hand: clang 19 warns of what GCC 12's stable_partition() uses.
  for (std::size_t i = 0, left = blocks.size(); is_short && left > 0; --left) {
    const auto block = blocks.begin() + static_cast<std::ptrdiff_t>(i);
    if (block->place != Place::kLastIfShort) {
      ++i;
    } else {
      std::rotate(block, block + 1, blocks.end());
    }
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
    for (const Line& line : shown_lines(std::move(block), std::min(own, left), screen.list)) {
      screen.lines.push_back(cut(line, size));
    }
  }
  return screen;
}

Span label_span(std::string_view label, const ScreenSize& size) {
  return {padded(label, kLabelWidth, Align::kLeft, size.unicode), Style::kFaint};
}

int line_width(std::span<const Span> line) {
  int width = 0;
  for (const Span& span : line) width += text_width(span.text);
  return width;
}

Line justified(Line left, const Line& right, const ScreenSize& size) {
  const int between = size.columns - line_width(left) - line_width(right);
  if (between < 2) return left;
  left.push_back({std::string(static_cast<std::size_t>(between), ' ')});
  std::ranges::copy(right, std::back_inserter(left));
  return left;
}

std::vector<Line> field_lines(std::span<const Field> fields, const ScreenSize& size) {
  // Not further apart than what eyes still take for one line.
  const int left_value = std::clamp(size.columns / 2 + 3, 43, 56) - kLabelWidth - 2;
  std::vector<Line> lines;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i % 2 == 0 || size.columns < kTwoColumns) {
      lines.emplace_back();
    } else {
      std::string& left = lines.back().back().text;
      left = padded(left, left_value, Align::kLeft, size.unicode) + "  ";
    }
    lines.back().push_back(label_span(fields[i].label, size));
    lines.back().push_back(fields[i].value);
  }
  return lines;
}

std::vector<std::size_t> fitting(const std::vector<Column>& columns, const ScreenSize& size) {
  std::vector<std::size_t> shown(columns.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  const auto needed = [&] {
    int sum = 0;
    for (const std::size_t i : shown) sum += columns[i].width + gap_width(size);
    return sum - gap_width(size);
  };
  while (shown.size() > 1 && needed() > size.columns) {
    shown.erase(
        std::ranges::min_element(shown, {}, [&](std::size_t i) { return columns[i].importance; }));
  }
  return shown;
}

std::vector<Line> table_lines(std::vector<Column> columns, std::span<const Cells> rows,
                              const ScreenSize& size, bool widened) {
  const std::string gap(static_cast<std::size_t>(gap_width(size)), ' ');
  Cells titles;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    titles.push_back({columns[i].title, Style::kHeading});
    int& width = columns[i].width;
    if (widened) width = std::max(width, text_width(columns[i].title));
    for (const Cells& cells : rows) {
      if (widened) width = std::max(width, text_width(cells[i].text));
    }
  }
  const std::vector<std::size_t> shown = fitting(columns, size);
  std::vector<Line> lines;
  const auto add = [&](const Cells& cells) {
    Line& line = lines.emplace_back();
    for (const std::size_t i : shown) {
      const auto& [title, width, align, importance] = columns[i];
      if (!line.empty()) line.push_back({gap});
      // Spaces at the end of a line could make it wrap.
      const bool is_end = i == shown.back() && align == Align::kLeft;
      line.push_back({is_end ? fitted(cells[i].text, width, size.unicode)
                             : padded(cells[i].text, width, align, size.unicode),
                      cells[i].style});
    }
  };
  add(titles);
  std::ranges::for_each(rows, add);
  return lines;
}

}  // namespace mcast::cli
