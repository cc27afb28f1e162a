// What mcast-receive prints without a live view: lines for people. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/streams/receive_summary.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"

namespace mcast::cli {

// All are without a newline.

// "joined (*, 239.1.1.1) on eth1, port 19779"
[[nodiscard]] std::string joined_line(const std::vector<ReceiverSnapshot>& streams,
                                      std::optional<int> igmp_in_operation);

// "22:38:45.123 239.1.1.1: stalled, no packet for 3.0 s"; local time.
[[nodiscard]] std::string event_line(const StreamEvent& event, const std::string& stream,
                                     Nanoseconds realtime_offset);

// "receiving: 1250 packets, 25.0 pps, lost 0 (0.00 %), 3 hops, DSCP EF (46)"
[[nodiscard]] std::string status_line(const std::vector<ReceiverSnapshot>& streams, double pps);

// What --json says, for people.
[[nodiscard]] std::string summary_lines(const ReceiveResult& result);

}  // namespace mcast::cli
