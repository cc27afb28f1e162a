// What mcast-send prints without a live view: lines for people. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/streams/send_summary.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// All are without a newline.

// "sending to 239.1.1.1 port 19779 from 10.1.1.1 on eth1: 25 pps of 200 bytes, ..."
[[nodiscard]] std::string sending_line(const std::vector<SenderSnapshot>& streams);

// "sending: 1250 packets, 25.0 pps, 0 errors"
[[nodiscard]] std::string status_line(const std::vector<SenderSnapshot>& streams, double pps);

// What --json says, for people.
[[nodiscard]] std::string summary_lines(const SendResult& result);

}  // namespace mcast::cli
