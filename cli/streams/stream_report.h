// What mcast-send and mcast-receive print for people while they run and at their end: of
// receivers, or of senders where there are none. Pure; lines are without a newline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/streams/stream_verdict.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"

namespace mcast::cli {

using Receivers = std::vector<ReceiverSnapshot>;
using Senders = std::vector<SenderSnapshot>;

// What a command shows and ends with.
struct StreamResult {
  ProbeSnapshot streams;  // at least one
  Nanoseconds elapsed = 0;
  Nanoseconds duration_requested = 0;  // mcast-send
  // Of IGMP or MLD, of mcast-receive: nothing with --no-force.
  std::optional<int> version_requested = {};
  std::optional<int> version_in_operation = {};
  std::vector<Failure> failures = {};  // mcast-receive
};

// "joined (*, 239.1.1.1) on eth1, port 19779"
// "sending to 239.1.1.1 port 19779 from 10.1.1.1 on eth1: 25 pps of 200 bytes, TTL ..."
[[nodiscard]] std::string opening_line(const StreamResult& result);

// "receiving: 1250 packets, 25.0 pps, lost 0 (0.00 %), 3 hops, DSCP EF (46)"
// "sending: 1250 packets, 25.0 pps, 0 errors"
[[nodiscard]] std::string status_line(const ProbeSnapshot& streams, double pps);

// "22:38:45.123 239.1.1.1: stalled: no packet for the stall timeout"; local time.
[[nodiscard]] std::string event_line(const StreamEvent& event, const std::string& stream,
                                     Nanoseconds realtime_offset);

// The end, each line with its newline: a line for each group, then what they come to together.
[[nodiscard]] std::string summary(const StreamResult& result);

}  // namespace mcast::cli
