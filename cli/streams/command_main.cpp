#include "cli/streams/command_main.h"

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <random>

#include "base/crash_handler.h"

#include "cli/terminal/terminal.h"

namespace mcast::cli {

int print_and_end(const EndNow& end) {
  (end.code == kSuccess ? std::cout : std::cerr) << end.text << std::flush;
  return end.code;
}

int run_with_parts(bool wants_view, std::string_view command,
                   const std::function<int(const CommandParts&)>& run) {
  try {
    // For the view's characters; numbers keep their point.
    // NOLINTBEGIN(concurrency-mt-unsafe): before any thread
    (void)std::setlocale(LC_CTYPE, "");
    const char* no_colour = std::getenv("NO_COLOR");
    // NOLINTEND(concurrency-mt-unsafe)
    const bool colour = no_colour == nullptr || *no_colour == '\0';

    // Before any thread: threads inherit what is blocked here.
    auto signals = Signals::block({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE});
    if (!signals) {
      std::cerr << command << ": cannot handle signals: " << signals.error().message << "\n";
      return kFailed;
    }
    CommandLog log;
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
                .colour = colour});
  } catch (const std::exception& error) {
    // Out of memory, or a bug: nothing in here throws on purpose.
    std::cerr << command << ": " << error.what() << "\n";
    return kFailed;
  }
}

}  // namespace mcast::cli
