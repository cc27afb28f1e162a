// The streams of an agent as mcast-status --agent shows them. Pure.
#pragma once

#include <string>
#include <vector>

#include "api/agent_status.h"
#include "base/clock.h"
#include "cli/terminal/screen.h"
#include "findings/stream_findings.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// "mcast-agent 0.1.0 on lab1, up 00:12:33, configuration FILE", and what is wrong with the
// latter.
[[nodiscard]] std::vector<Line> agent_lines(const api::AgentStatus& status, int columns,
                                            bool unicode);

// A title and a row for each stream, receivers first, at most `columns` wide; what matters
// least is left out where that is too narrow. `now`: realtime.
[[nodiscard]] std::vector<Line> stream_table(const std::vector<ReceiverSnapshot>& receivers,
                                             const std::vector<SenderSnapshot>& senders,
                                             Nanoseconds now, int columns, bool unicode);

// "STREAM gets nothing: SEEN" and "Try REMEDY" for everything that was found.
[[nodiscard]] std::vector<Line> finding_lines(const std::vector<findings::StreamFindings>& streams,
                                              int columns, bool unicode);

}  // namespace mcast::cli
