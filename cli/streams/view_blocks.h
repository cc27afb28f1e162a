// The parts that the pictures of sending and of receiving have in common. Pure
// functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "cli/streams/rate_history.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/number_text.h"
#include "cli/terminal/screen.h"

namespace mcast::cli {

// What both pictures are made of, besides the snapshots.
struct ViewInput {
  // Fed by the command with the sum over the streams.
  const RateHistory* history = nullptr;
  Nanoseconds elapsed = 0;            // since the command began
  Nanoseconds duration = 0;           // asked for; 0: until Ctrl-C
  std::vector<std::string> warnings;  // for the person, oldest first
};

[[nodiscard]] inline Style if_any(std::uint64_t count, Style style) {
  return count > 0 ? style : Style::kPlain;
}
// "239.0.10.101 (admin-scoped)", "224.0.0.5 (link-local, not routed)".
[[nodiscard]] std::string group_with_class(const IpAddress& group);
// "EF (46)"; "?" for what is no DSCP.
[[nodiscard]] std::string dscp_text(int dscp);
// "EF" of "EF (46)", "44" of "44".
[[nodiscard]] std::string short_dscp(int dscp);
// "eth1 (10.1.1.2)"
[[nodiscard]] std::string interface_text(std::string_view interface, std::string_view address,
                                         bool unicode);

// "RECEIVING 988 of 1,000  1 failed  3 stalled": `others` are left out where they are 0.
[[nodiscard]] Line states_line(std::string_view word, std::size_t active, std::size_t all,
                               const std::vector<std::pair<std::size_t, Span>>& others);

// The title with how to leave at the right, the state, and the time that passed and is left:
// at the right edge, or below where that is too narrow.
void append_head(std::vector<Block>& blocks, std::string title, std::string_view name,
                 const Line& state, const ViewInput& input, const ScreenSize& size);
// Sentences for the person, a few lines each at most.
[[nodiscard]] Block message_block(const std::vector<Span>& messages, const ScreenSize& size);
// The sparklines of rate and loss. `loss_label`: at most 8 columns, "Loss".
[[nodiscard]] Block history_block(const RateHistory* history, std::string_view loss_label,
                                  const ScreenSize& size);
// Over the last 5 s: "25.0 pps, 40.0 kbps".
[[nodiscard]] std::string current_rate_text(const RateHistory* history);

// "239.0.10.101 (admin-scoped)", "1,000 groups, 239.0.10.1 to 239.0.13.232".
template <typename Stream>
std::string groups_text(const std::vector<Stream>& streams) {
  if (streams.size() == 1) return group_with_class(streams.front().spec.group);
  return count_text(streams.size()) + " groups, " + streams.front().spec.group.to_string() +
         " to " + streams.back().spec.group.to_string();
}

// Why the first stream of these failed (others will have failed for the same reason), and
// the command's warnings.
template <typename Stream>
std::vector<Span> first_messages(const std::vector<Stream>& streams, const ViewInput& input) {
  std::vector<Span> result;
  const auto failed = std::ranges::find(streams, decltype(Stream::state)::kFailed, &Stream::state);
  if (failed != streams.end()) {
    const std::string group = streams.size() > 1 ? failed->spec.group.to_string() + ": " : "";
    result.push_back({group + failed->error, Style::kBad});
  }
  for (const std::string& warning : input.warnings) {
    result.push_back({"Warning: " + warning, Style::kWarning});
  }
  return result;
}

// A column and what stands in it.
template <typename Row>
struct TableColumn {
  Column column;
  Span (*cell)(const Row& row);
};

// A table of `count` rows, of which `rows` are those that may fit, and what is said of the
// others. `least` rows are wanted before others get more.
template <typename Row>
Block table_block(const std::vector<TableColumn<Row>>& columns, const std::vector<Row>& rows,
                  std::size_t count, std::size_t least,
                  std::function<std::string(std::size_t hidden)> rest, const ScreenSize& size) {
  std::vector<Column> plain;
  for (const TableColumn<Row>& column : columns) plain.push_back(column.column);
  const auto shown = fitting_columns(plain, size.columns);
  std::vector<Line> lines{table_heading(plain, shown, size)};
  for (const Row& row : rows) {
    std::vector<Span> cells;
    for (const TableColumn<Row>& column : columns) cells.push_back(column.cell(row));
    lines.push_back(table_row(plain, shown, cells, size));
  }
  Block block = block_of(std::move(lines), true);
  block.all = count + 1;
  block.least = std::min(least < count ? least + 2 : count + 1, block.lines.size());
  block.rest = std::move(rest);
  return block;
}

// The column for addresses, as wide as the widest of them wants, within reason.
[[nodiscard]] int address_column_width(std::size_t longest, const ScreenSize& size);

}  // namespace mcast::cli
