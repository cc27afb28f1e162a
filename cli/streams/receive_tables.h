// The tables in the picture of mcast-receive: a row a sender, a row a gap, a row a group. Pure
// functions.
#pragma once

#include <vector>

#include "cli/terminal/layout.h"
#include "cli/terminal/screen.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// Senders of one group in the order in which they were seen. `receiver` outlives the
// block.
[[nodiscard]] Block sender_table(const ReceiverSnapshot& receiver, Nanoseconds now,
                                 const ScreenSize& size);

// The interruptions of all senders of one group with time, length and packets lost, the
// newest first.
[[nodiscard]] Block gap_log(const ReceiverSnapshot& receiver, Nanoseconds now,
                            const ScreenSize& size);

// Many groups, the worst first: failed, stalled, waiting, then by loss. `receivers`
// outlives the block.
[[nodiscard]] Block group_table(const std::vector<ReceiverSnapshot>& receivers,
                                const ScreenSize& size);

}  // namespace mcast::cli
