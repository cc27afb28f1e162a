// mcast-status: reads, prints, and watches if asked to. One thread.
#pragma once

#include <functional>
#include <ostream>

#include "base/clock.h"
#include "base/result.h"
#include "cli/status/status_options.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "netlink/types.h"
#include "streams/running_streams.h"

namespace mcast::cli {

// What the command works with; all outlive it.
struct StatusParts {
  std::function<Result<netlink::HostSnapshot>()> read_host;
  std::function<Result<RunningStreams>()> read_streams;
  const Clock& clock;
  std::ostream& output;  // stdout
  std::ostream& errors;  // stderr
  bool colour = false;   // of the output
  // For watching:
  int stop_fd = -1;  // readable: the end; -1: none but the process's own
  // nullptr on a kernel without notifications. Opened before the first reading, so
  // that nothing falls between the two.
  netlink::MembershipMonitor* monitor = nullptr;
};

// Returns the exit code.
[[nodiscard]] int run_status(const StatusOptions& options, const StatusParts& parts);

}  // namespace mcast::cli
