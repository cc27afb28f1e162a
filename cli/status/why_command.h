// mcast-status --why: listens for a while, then says what is wrong. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>

#include "base/clock.h"
#include "base/result.h"
#include "cli/status/status_options.h"
#include "netlink/host.h"
#include "netlink/types.h"
#include "streams/running_streams.h"

namespace mcast::cli {

// What the command works with; all outlive it.
struct WhyParts {
  netlink::Host& host;
  std::function<Result<netlink::HostSnapshot>()> read_host;
  std::function<Result<RunningStreams>()> read_streams;
  std::filesystem::path proc_root;
  const Clock& clock;
  std::ostream& output;  // stdout
  std::ostream& errors;  // stderr
  bool colour = false;   // of the output
  int columns = 80;
};

// `options.why` is given. Returns the exit code: kConditionMet if something is wrong.
// Ends before the time is over once everything is seen to arrive.
[[nodiscard]] int run_why(const StatusOptions& options, const WhyParts& parts);

}  // namespace mcast::cli
