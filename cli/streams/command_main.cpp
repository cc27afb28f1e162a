#include "cli/streams/command_main.h"

#include <csignal>
#include <exception>
#include <iostream>
#include <random>

#include "base/crash_handler.h"
#include "cli/terminal/terminal.h"
#include "netlink/forcing/forced_igmp_version.h"

namespace mcast::cli {

int print_and_end(const EndNow& end) {
  (end.code == kSuccess ? std::cout : std::cerr) << end.text << std::flush;
  return end.code;
}

int run_with_parts(bool wants_view, std::string_view command,
                   const std::function<int(const CommandParts&)>& run) {
  try {
    const OutputForm form = output_form();
    // Before any thread: threads inherit what is blocked here.
    auto signals = Signals::block({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE});
    if (!signals) {
      std::cerr << command << ": cannot handle signals: " << signals.error().message << "\n";
      return kFailed;
    }
    CommandLog log(command, std::cerr);
    netlink::ForcedIgmpVersions igmp_versions("/proc", netlink::kStateDirectory);
    put_back_igmp_versions(igmp_versions, log);
    const CrashHandler crash_handler;
    restore_in_a_crash(igmp_versions);
    const SystemClock clock;
    std::random_device random;
    return run({.clock = clock,
                .random = [&random] { return random(); },
                .igmp_versions = igmp_versions,
                .log = log,
                .signals = *signals,
                .out = std::cout,
                .err = std::cerr,
                .view = wants_view && Terminal::usable(),
                .colour = form.colour});
  } catch (const std::exception& error) {
    // Out of memory, or a bug: nothing in here throws on purpose.
    std::cerr << command << ": " << error.what() << "\n";
    return kFailed;
  }
}

}  // namespace mcast::cli
