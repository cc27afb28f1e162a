// mcast-status: puts the parts of the command together.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "cli/status/agent_status_command.h"
#include "cli/status/status_command.h"
#include "cli/status/why_command.h"
#include "cli/streams/command_log.h"
#include "cli/streams/notices.h"
#include "netlink/forcing/forced_igmp_version.h"
#include "netlink/host.h"
#include "netlink/host_reader.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "streams/running_streams.h"

namespace mcast::cli {
namespace {

int fail_start(const Error& error) {
  std::cerr << "mcast-status: " << error.message << "\n" << std::flush;
  return kFailed;
}

// Before there is any thread.
std::string_view environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

bool output_shows_colour() {
  const std::string_view terminal = environment("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() && !terminal.empty() &&
         terminal != "dumb";
}

// Ctrl-C is how a watch ends, and nothing is left to do then: what it joined to read
// goes with its sockets. Not a descriptor to poll, because it has to end also while it
// waits for somebody who does not read its output.
void end_quietly_at(std::initializer_list<int> signals) {
  struct sigaction action{};
  action.sa_handler = [](int) { ::_exit(kSuccess); };
  for (const int signal : signals) (void)::sigaction(signal, &action, nullptr);
}

// Of the terminal; 80 where there is none.
int output_columns() {
  constexpr int kNarrowest = 40;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::max<int>(kNarrowest, size.ws_col);
}

int run(int argc, const char* const* argv) {
  const auto parsed = parse_status_options(arguments_of(argc, argv));
  if (const auto* end = std::get_if<EndNow>(&parsed); end != nullptr) {
    (end->code == kSuccess ? std::cout : std::cerr) << end->text << std::flush;
    return end->code;
  }
  const auto& options = std::get<StatusOptions>(parsed);
  if (options.agent) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there is any thread
    (void)std::setlocale(LC_CTYPE, "");
    if (options.watch) end_quietly_at({SIGINT, SIGTERM});
    const SystemClock clock;
    return run_agent_status(options, {.clock = clock,
                                      .output = std::cout,
                                      .errors = std::cerr,
                                      .colour = output_shows_colour(),
                                      .columns = output_columns(),
                                      .unicode = MB_CUR_MAX > 1});
  }

  CommandLog log;
  netlink::ForcedIgmpVersions igmp_versions("/proc", netlink::kStateDirectory);
  put_back_igmp_versions(igmp_versions, log);
  auto host = netlink::Host::open();
  if (!host) return fail_start(host.error());
  if (!host->has_netlink()) {
    log.warning("netlink is not available here", {{"reason", host->what_is_unknown()}});
  }
  auto reader = netlink::HostReader::open("/proc");
  if (!reader) return fail_start(reader.error());
  Notices("mcast-status", log, std::cout, std::cerr).print_warnings();
  const SystemClock clock;
  if (options.why) {
    return run_why(options, {.host = *host,
                             .read_host = [&] { return reader->read(); },
                             .read_streams = [] { return read_running_streams("/proc"); },
                             .proc_root = "/proc",
                             .clock = clock,
                             .output = std::cout,
                             .errors = std::cerr,
                             .colour = output_shows_colour(),
                             .columns = output_columns()});
  }
  StatusParts parts{.read_host = [&] { return reader->read(); },
                    .read_streams = [] { return read_running_streams("/proc"); },
                    .clock = clock,
                    .output = std::cout,
                    .errors = std::cerr,
                    .colour = output_shows_colour(),
                    .monitor = nullptr};

  std::optional<netlink::MembershipMonitor> monitor;
  if (options.watch) end_quietly_at({SIGINT, SIGTERM});
  if (options.watch && host->has_netlink()) {
    auto opened = netlink::MembershipMonitor::open();
    if (opened) {
      parts.monitor = &monitor.emplace(std::move(*opened));
    } else if (opened.error().code != EOPNOTSUPP) {
      return fail_start(opened.error());
    }
  }
  return run_status(options, parts);
}

}  // namespace
}  // namespace mcast::cli

int main(int argc, char** argv) {
  try {
    return mcast::cli::run(argc, argv);
  } catch (const std::exception& error) {
    // Out of memory, or a bug: nothing in here throws on purpose.
    std::cerr << "mcast-status: " << error.what() << "\n" << std::flush;
    return EXIT_FAILURE;
  }
}
