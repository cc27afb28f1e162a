// mcast-status in its three forms: memberships of this host, an agent's streams, and why
// nothing arrives. Each reads, prints, and watches if asked to. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "cli/status/status_options.h"
#include "cli/terminal/screen.h"
#include "cli/terminal/terminal.h"
#include "netlink/host.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "netlink/types.h"
#include "streams/running_streams.h"

namespace mcast::cli {

// What the command works with; all outlive it.
struct StatusContext {
  const Clock& clock;
  std::ostream& out;  // stdout
  std::ostream& err;  // stderr
  OutputForm form = {};

  // This host, where no agent is asked.
  std::function<Result<netlink::HostSnapshot>()> read_host = {};
  std::function<Result<RunningStreams>()> read_streams = {};
  netlink::Host* host = nullptr;  // for --why
  std::filesystem::path proc_root = "/proc";
  int stop_fd = -1;  // readable: a watch ends; -1: it ends with the process
  // nullptr on a kernel without notifications. Opened before the first reading, so that nothing
  // falls between the two.
  netlink::MembershipMonitor* monitor = nullptr;

  // On stderr, with the command's name.
  void complain(std::string_view message) const;
  // The same; returns `code`.
  [[nodiscard]] int fail_with(std::string_view message, int code = kFailed) const;
  void print(const Screen& screen) const;
};

// All return the exit code. A watch of an agent ends with an error when the agent goes away.
[[nodiscard]] int run_status(const StatusOptions& options, const StatusContext& context);
[[nodiscard]] int run_agent_status(const StatusOptions& options, const StatusContext& context);
// kConditionMet if something is wrong. Ends before the time is over once everything is seen to
// arrive.
[[nodiscard]] int run_why(const StatusOptions& options, const StatusContext& context);

}  // namespace mcast::cli
