// The tables in the pictures of mcast-send and mcast-receive, and what stands in their cells.
// Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/streams/rate_history.h"
#include "cli/streams/sorted_table.h"
#include "cli/streams/stream_totals.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/screen.h"
#include "probe/snapshot.h"

namespace mcast::cli {

[[nodiscard]] inline Style if_any(std::uint64_t count, Style style) {
  return count > 0 ? style : Style::kPlain;
}
// In `style` where it is not 0.
[[nodiscard]] Span count_cell(std::uint64_t count, int width, Style style = Style::kPlain);
// "EF (46)"; "?" for what is no DSCP.
[[nodiscard]] std::string dscp_text(int dscp);
// "EF" of "EF (46)", "44" of "44".
[[nodiscard]] std::string short_dscp(int dscp);
// "EF", or "EF>BE" after a remark: as sent, as arrived. `remarked` packets are told by its
// style, even where the last one was not.
[[nodiscard]] Span dscp_cell(const SourceSnapshot& source, std::uint64_t remarked = 0);
[[nodiscard]] Span state_cell(ReceiverState state);
[[nodiscard]] Span state_cell(SenderState state);

// Senders of one group in the order in which they were seen.
[[nodiscard]] Block sender_table(const ReceiverSnapshot& receiver, Nanoseconds now,
                                 const ListControls& controls, const ScreenSize& size);
[[nodiscard]] bool is_silent(const ReceiverSnapshot& receiver, const SourceSnapshot& source,
                             Nanoseconds now);

// The interruptions of all senders of one group with time, length and packets lost: the longest,
// then the others, the newest first. Scrolled to `first` if that is given.
[[nodiscard]] Block gap_log(const ReceiverSnapshot& receiver, Nanoseconds now,
                            std::optional<std::size_t> first, const ScreenSize& size);

// What the system refused to send, by the name of its reason, the most frequent first.
[[nodiscard]] Block error_table(const StreamTotals& sum, std::optional<std::size_t> first,
                                const ScreenSize& size);

// Many groups, the worst first: failed, stalled, waiting, then by loss or by what was not
// sent. `rates`: what comes of each now; fewer where that is not known.
using Rates = std::vector<RateHistory::Rates>;
[[nodiscard]] Block group_table(const std::vector<ReceiverSnapshot>& receivers, const Rates& rates,
                                const ListControls& controls, const ScreenSize& size);
[[nodiscard]] Block group_table(const std::vector<SenderSnapshot>& senders, const Rates& rates,
                                const ListControls& controls, const ScreenSize& size);

}  // namespace mcast::cli
