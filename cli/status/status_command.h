// mcast-status in its three forms: memberships of this host, an agent's streams, and why
// nothing arrives: its command line as checked values, and what each does with them: it reads,
// prints, and watches if asked to. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "cli/arguments/exit_code.h"
#include "cli/terminal/screen.h"
#include "cli/terminal/terminal.h"
#include "findings/evidence.h"
#include "netlink/host.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "netlink/types.h"
#include "streams/membership_report.h"
#include "streams/running_streams.h"

namespace mcast::cli {

struct StatusOptions {
  MembershipSelection selection;
  std::optional<std::string> agent = {};  // the socket of the agent to ask
  bool json = false;
  bool watch = false;
  std::optional<findings::Subject> why = {};
  Nanoseconds why_watch = 3 * kSecond;
  bool verbose = false;  // with `why`: also what is fine and what is unknown
};
[[nodiscard]] std::variant<StatusOptions, EndNow> parse_status_options(
    std::span<const std::string_view> arguments);

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
  void complain(std::string_view message) const {
    err << "mcast-status: " << message << "\n" << std::flush;
  }
  // The same; returns `code`.
  [[nodiscard]] int fail_with(std::string_view message, int code = kFailed) const {
    complain(message);
    return code;
  }
  [[nodiscard]] std::string text(const Screen& screen) const {
    return form.colour ? ansi_text(screen) : plain_text(screen);
  }
};

// All return the exit code. A watch of an agent ends with an error when the agent goes away.
[[nodiscard]] int run_status(const StatusOptions& options, const StatusContext& context);
[[nodiscard]] int run_agent_status(const StatusOptions& options, const StatusContext& context);
// kConditionMet if something is wrong, kTooLittleKnown if that cannot be said. Ends before the time
// is over once everything is seen to arrive.
[[nodiscard]] int run_why(const StatusOptions& options, const StatusContext& context);

}  // namespace mcast::cli
