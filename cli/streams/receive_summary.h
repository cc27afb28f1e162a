// The JSON object that mcast-receive --json prints at its end: the original's keys,
// and more. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::cli {

struct ReceiveResult {
  std::vector<ReceiverSnapshot> receivers;  // at least one
  std::vector<SocketSnapshot> sockets;
  Nanoseconds elapsed = 0;
  std::optional<int> igmp_requested;  // nothing with --no-force
  std::optional<int> igmp_in_operation;
};

// Ended by a newline; on one line if `one_line`.
[[nodiscard]] std::string receive_summary(const ReceiveResult& result, bool one_line);

}  // namespace mcast::cli
