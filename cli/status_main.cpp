// mcast-status: puts the parts of the command together.
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <variant>

#include "base/clock.h"
#include "base/thread.h"
#include "cli/status/status_command.h"
#include "cli/streams/command_main.h"
#include "netlink/forcing/forced_versions.h"
#include "netlink/host.h"
#include "netlink/host_reader.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "streams/running_streams.h"

namespace mcast::cli {
namespace {

// Ctrl-C is how a watch ends, and nothing is left to do then: what it joined to read
// goes with its sockets. Not a descriptor to poll, because it has to end also while it
// waits for somebody who does not read its output.
void end_quietly_at_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { ::_exit(kSuccess); };
  for (const int signal : {SIGINT, SIGTERM}) (void)::sigaction(signal, &action, nullptr);
}

// And `| head -1`: that nobody reads any more is otherwise heard of only with the next line.
void end_with_the_reader() {
  auto waiting = start_thread("stdout", [] {
    pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    while (::poll(&out, 1, -1) < 0 && errno == EINTR) continue;
    if ((out.revents & (POLLERR | POLLHUP)) != 0) ::_exit(kSuccess);
  });
  if (waiting) waiting->detach();
}

int run(int argc, const char* const* argv) {
  const auto parsed = parse_status_options(arguments_of(argc, argv));
  if (const auto* end = std::get_if<EndNow>(&parsed); end != nullptr) {
    return print_and_end("mcast-status", *end);
  }
  const auto& options = std::get<StatusOptions>(parsed);
  if (options.watch) {
    end_quietly_at_signals();
    end_with_the_reader();
  }
  const SystemClock clock;
  StatusContext context{.clock = clock, .out = std::cout, .err = std::cerr, .form = output_form()};
  if (options.agent) return run_agent_status(options, context);

  CommandLog log("mcast-status", std::cerr);
  netlink::ForcedVersions forced_versions("/proc", netlink::kStateDirectory);
  put_back_versions(forced_versions, log);
  auto reader = netlink::HostReader::open("/proc");
  if (!reader) return context.fail_with(reader.error().message);
  netlink::Host& host = reader->host();
  if (!host.has_netlink()) {
    log.warning("netlink is not available here", {{"reason", host.what_is_unknown()}});
  }
  log.print();

  context.host = &host;
  context.read_host = [&] { return reader->read(); };
  context.read_streams = [] { return read_running_streams("/proc"); };
  if (options.why) return run_why(options, context);

  std::optional<netlink::MembershipMonitor> monitor;
  if (options.watch && host.has_netlink()) {
    auto opened = netlink::MembershipMonitor::open();
    if (opened) {
      context.monitor = &monitor.emplace(std::move(*opened));
    } else if (opened.error().code != EOPNOTSUPP) {
      return context.fail_with(opened.error().message);
    }
  }
  return run_status(options, context);
}

}  // namespace
}  // namespace mcast::cli

int main(int argc, char** argv) {
  try {
    return mcast::cli::end_with("mcast-status", mcast::cli::run(argc, argv));
  } catch (const std::exception& error) {
    // Out of memory, or a bug: nothing in here throws on purpose.
    std::cerr << "mcast-status: " << error.what() << "\n" << std::flush;
    return mcast::cli::kFailed;
  }
}
