// A table of many rows that a person scrolls and sorts: cells are made only of the rows that are
// shown. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/terminal/layout.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {

// How a person wants to see the list of a picture: what the keys have chosen.
struct ListControls {
  std::size_t first = 0;  // the row at its top
  std::string sort = {};  // the title of a column; "": the usual order
  bool is_reversed = false;
};

// A column of a table of `Item`s: what stands in its cells, and which of two rows comes first where
// the table is sorted by it.
template <typename Item>
struct TableColumn {
  Column column;
  std::function<Span(const Item&)> cell;
  std::function<bool(const Item&, const Item&)> before;
};

// The orders that tables are sorted in: what is most, or least, of a value first.
auto most(auto value) {
  return [value](const auto& a, const auto& b) { return value(b) < value(a); };
}
auto least(auto value) {
  return [value](const auto& a, const auto& b) { return value(a) < value(b); };
}

template <typename Item>
struct Table {
  std::vector<TableColumn<Item>> columns;
  std::vector<Item> items;
  std::function<bool(const Item&, const Item&)> usual;  // the order where no column is chosen
  std::string what;                                     // "group"
  std::size_t least_rows = 3;  // that are wanted before other blocks get more
  // What is said of rows that are not shown, of which this one is the first in the usual order.
  std::function<std::string(const Item& first, std::size_t hidden)> rest;
};

template <typename Item>
Block table_block(Table<Item> table, const ListControls& controls, const ScreenSize& size) {
  const auto chosen =
      std::ranges::find(table.columns, controls.sort,
                        [](const TableColumn<Item>& each) { return each.column.title; });
  const bool is_usual = chosen == table.columns.end();
  std::vector<Column> columns;
  columns.reserve(table.columns.size());
  for (const auto& each : table.columns) columns.push_back(each.column);
  Block block;
  for (const std::size_t i : fitting(columns, size)) block.columns.push_back(columns[i].title);
  if (!is_usual) {
    Column& marked = columns[static_cast<std::size_t>(chosen - table.columns.begin())];
    const bool is_up = controls.is_reversed;
    marked.title += size.unicode ? (is_up ? "↑" : "↓") : (is_up ? "^" : "v");
    marked.width = std::max(marked.width, text_width(marked.title));
  }
  const auto before = is_usual ? table.usual : chosen->before;
  const auto shared = std::make_shared<const Table<Item>>(std::move(table));
  const std::vector<Item>& items = shared->items;
  // Sorted as far as it can be shown, for thousands of groups several times a second; after these
  // one more is wanted, to say what the best of the others are like.
  std::vector<const Item*> order;
  order.reserve(items.size());
  for (const Item& item : items) order.push_back(&item);
  const auto shown_at_most = static_cast<std::size_t>(std::max(size.rows, 0)) + 1;
  const auto sorted =
      std::min(items.size(), std::min(controls.first, items.size()) + shown_at_most);
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(sorted),
                            [&](const Item* a, const Item* b) {
                              const bool is_before = before(*a, *b);
                              if (is_before || before(*b, *a)) {
                                return is_before != controls.is_reversed;
                              }
                              return std::less<>{}(a, b);
                            });
  block.lines = table_lines(columns, {}, size, false);
  block.apart = true;
  block.rows = items.size();
  block.least = items.size() > shared->least_rows ? shared->least_rows + 2 : items.size() + 1;
  block.scrolled_to = controls.first;
  block.list = [shared, order, columns, size](std::size_t first, std::size_t count) {
    std::vector<Cells> rows(count);
    for (std::size_t i = 0; i < count; ++i) {
      for (const auto& each : shared->columns) rows[i].push_back(each.cell(*order[first + i]));
    }
    auto lines = table_lines(columns, rows, size, false);
    lines.erase(lines.begin());
    return lines;
  };
  const bool with_rest = is_usual && !controls.is_reversed;
  block.rest = [shared, order, with_rest](std::size_t first, std::size_t shown) {
    const std::size_t all = order.size();
    const std::string what = " " + shared->what;
    if (first > 0) {
      return count_text(first + 1) + " to " + count_text(first + shown) + " of " + count_text(all) +
             what + "s";
    }
    const std::size_t hidden = all - shown;
    return count_text(hidden) + " more" + what + (hidden == 1 ? "" : "s") + " not shown" +
           (with_rest && shared->rest ? shared->rest(*order[shown], hidden) : "");
  };
  return block;
}

}  // namespace mcast::cli
