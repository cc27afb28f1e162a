// The parts that the pictures of sending and of receiving have in common. Pure
// functions.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "cli/streams/rate_history.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/screen.h"

namespace mcast::cli {

// How much the parts of a picture matter when there is no room for all.
enum Importance : int {
  kStateImportance = 100,
  kMessageImportance = 90,
  kTitleImportance = 80,
  kCountersImportance = 70,
  kRowsImportance = 60,
  kSetupImportance = 50,
  kGapsImportance = 40,
  kHistoryImportance = 30,
  kElapsedImportance = 20,
};

// "239.0.10.101 (admin-scoped)", "224.0.0.5 (link-local, not routed)".
[[nodiscard]] std::string group_with_class(const IpAddress& group);
// "EF" of "EF (46)", "44" of "44".
[[nodiscard]] std::string short_dscp(int dscp);
// "eth1 (10.1.1.2)"
[[nodiscard]] std::string interface_text(std::string_view interface, std::string_view address,
                                         bool unicode);

// Who draws, and what it is about; how to leave at the right.
[[nodiscard]] Block title_block(std::string_view command, std::string_view subject,
                                std::string_view name, const ScreenSize& size);
// The state, and the time that passed and is left: at the right edge, or below where
// that is too narrow.
void append_state_blocks(std::vector<Block>& blocks, const Line& state, Nanoseconds elapsed,
                         Nanoseconds duration, const ScreenSize& size);
// Sentences for the person, a few lines each at most.
[[nodiscard]] Block message_block(const std::vector<Span>& messages, const ScreenSize& size);
// The sparklines of rate and loss. `loss_label`: at most 8 columns, "Loss".
[[nodiscard]] Block history_block(const RateHistory* history, std::string_view loss_label,
                                  const ScreenSize& size);

// Over the last 5 s: "25.0 pps, 40.0 kbps".
[[nodiscard]] std::string current_rate_text(const RateHistory* history);

// A table of `count` rows that shows as many as fit and says how many it does not.
// `cells(i)` is asked for rows that are shown alone; `rest(n)` describes the others.
struct TableSource {
  std::vector<Column> columns;
  std::size_t count = 0;
  std::size_t least = 0;  // rows that are wanted before others get more
  std::function<std::vector<Span>(std::size_t row)> cells;
  std::function<std::string(std::size_t hidden)> rest;
};
[[nodiscard]] Block table_block(TableSource source, const ScreenSize& size);

// The column for addresses, as wide as the widest of them wants, within reason.
[[nodiscard]] int address_column_width(std::size_t longest, const ScreenSize& size);

}  // namespace mcast::cli
