// What mcast-send and mcast-receive print: lines for people while they run and at their end,
// the JSON object of --json, and why --fail-on-... ends a run. Of receivers, or of senders where
// there are none. Pure; lines are without a newline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/streams/stream_options.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"

namespace mcast::cli {

using Receivers = std::vector<ReceiverSnapshot>;
using Senders = std::vector<SenderSnapshot>;

// What a command shows and ends with.
struct StreamResult {
  ProbeSnapshot streams;  // at least one
  Nanoseconds elapsed = 0;
  Nanoseconds duration_requested = 0;         // mcast-send
  std::optional<int> igmp_requested = {};     // mcast-receive; nothing with --no-force
  std::optional<int> igmp_in_operation = {};  // mcast-receive
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

// The end, with its newline: what JSON says, for people, or one object on one line: the
// original's keys, and more. What is not known is null, so that a script finds every key.
[[nodiscard]] std::string summary(const StreamResult& result, bool json);

// Why mcast-receive ends with exit code 3, a line for each reason; empty: it does not. A
// stream in which nothing arrived at all meets both conditions.
[[nodiscard]] std::vector<std::string> conditions_met(const FailConditions& conditions,
                                                      const Receivers& streams);

}  // namespace mcast::cli
