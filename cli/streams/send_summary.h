// The JSON object that mcast-send --json prints at its end: the original's keys, and
// more. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::cli {

struct SendResult {
  std::vector<SenderSnapshot> senders;  // at least one
  std::uint64_t duration_requested_seconds = 0;
  Nanoseconds elapsed = 0;
};

// All streams' failed sends.
[[nodiscard]] std::uint64_t send_errors(const std::vector<SenderSnapshot>& senders);

// Ended by a newline.
[[nodiscard]] std::string send_summary(const SendResult& result);

}  // namespace mcast::cli
