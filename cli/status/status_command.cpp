#include "cli/status/status_command.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/status/membership_watch.h"
#include "cli/status/status_report.h"
#include "cli/terminal/screen.h"
#include "netlink/proc/source_filter_anchor.h"
#include "streams/membership_report.h"

namespace mcast::cli {
namespace {

// How often what no notification tells (users, sources, interfaces that vanish) is read;
// everything, on a kernel without notifications.
constexpr Nanoseconds kReadInterval = kSecond;
constexpr Nanoseconds kReadIntervalWithoutMonitor = 250 * kMillisecond;
// From a notification to the reading: several joins come together, and a program of
// ours says right after its join which stream it is for.
constexpr Nanoseconds kSettleTime = 30 * kMillisecond;
constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();

Result<MembershipReport> read(const StatusContext& context) {
  const auto host = context.read_host();
  if (!host) return std::unexpected(host.error());
  const auto streams = context.read_streams();
  if (!streams) return std::unexpected(streams.error());
  return membership_report(*host, *streams);
}

void print(const MembershipReport& report, const StatusOptions& options,
           const StatusContext& context) {
  if (options.json) {
    context.out << status_json(report) << std::flush;
    return;
  }
  context.print(status_table(report));
  if (const std::size_t number = report.unreadable_programs; number > 0) {
    context.complain("run as root to see the streams of " + std::to_string(number) +
                     (number == 1 ? " more program" : " more programs"));
  }
  if (const std::size_t number = report.garbled_programs; number > 0) {
    context.complain(std::to_string(number) + (number == 1 ? " program says" : " programs say") +
                     " of its streams what this version does not understand");
  }
}

int watch_memberships(MembershipReport last, const StatusOptions& options,
                      const StatusContext& context) {
  if (!options.json) context.out << "\n" << std::flush;
  const bool is_notified = context.monitor != nullptr;
  const Nanoseconds interval = is_notified ? kReadInterval : kReadIntervalWithoutMonitor;
  std::vector<TimedEvent> events;
  Nanoseconds read_at = context.clock.monotonic() + interval;
  Nanoseconds settled_at = kNever;
  Nanoseconds reading_took = 0;
  const auto wait = [&] {
    return wait_for(std::min(read_at, settled_at) - context.clock.monotonic(), context.stop_fd,
                    is_notified ? context.monitor->fd() : -1);
  };
  while (!wait()) {
    if (is_notified) {
      const auto changes = context.monitor->drain();
      if (!changes) return context.fail_with(changes.error().message);
      const Nanoseconds realtime = context.clock.realtime();
      bool is_changed = changes->lost;
      for (const auto& event : changes->events) {
        // Every reading makes some: they must not lead to the next one.
        if (netlink::is_source_filter_anchor(event.ifindex, event.group)) continue;
        events.push_back({realtime, event});
        is_changed = true;
      }
      if (is_changed && settled_at == kNever) {
        // A host with very many groups does not make this program read all the time.
        settled_at = context.clock.monotonic() + std::max(kSettleTime, 2 * reading_took);
      }
    }
    const Nanoseconds started = context.clock.monotonic();
    if (started < std::min(read_at, settled_at)) continue;
    auto now = read(context);
    if (!now) return context.fail_with(now.error().message);
    for (const MembershipChange& change :
         membership_changes(last, *now, events, options.selection, context.clock.realtime())) {
      if (options.json) {
        context.out << change_json(change) << std::flush;
      } else {
        context.print({{change_line(change)}});
      }
    }
    events.clear();
    last = std::move(*now);
    reading_took = context.clock.monotonic() - started;
    read_at = started + reading_took + interval;
    settled_at = kNever;
  }
  return kSuccess;
}

}  // namespace

bool has_interface(const MembershipReport& report, const std::string& name) {
  return std::ranges::find(report.interfaces, name, &InterfaceMemberships::name) !=
         report.interfaces.end();
}

void StatusContext::complain(std::string_view message) const {
  err << "mcast-status: " << message << "\n" << std::flush;
}

int StatusContext::fail_with(std::string_view message, int code) const {
  complain(message);
  return code;
}

void StatusContext::print(const Screen& screen) const {
  out << (form.colour ? ansi_text(screen) : plain_text(screen)) << std::flush;
}

bool wait_for(Nanoseconds longest, int fd, int other_fd) {
  std::array polled{pollfd{.fd = fd, .events = POLLIN, .revents = 0},
                    pollfd{.fd = other_fd, .events = POLLIN, .revents = 0}};
  const Nanoseconds rounded_up = std::max<Nanoseconds>(0, longest) + kMillisecond - 1;
  (void)::poll(polled.data(), polled.size(), static_cast<int>(rounded_up / kMillisecond));
  return polled[0].revents != 0;
}

int run_status(const StatusOptions& options, const StatusContext& context) {
  auto report = read(context);
  if (!report) return context.fail_with(report.error().message);
  const std::string& wanted = options.selection.interface;
  if (!wanted.empty() && !has_interface(*report, wanted)) {
    const auto name_of = [](const auto& each) { return mcast::printable(each.name); };
    return context.fail_with(
        "--interface: there is no '" + mcast::printable(wanted) + "' here, only " +
            (report->interfaces.empty() ? "none" : listed(report->interfaces, name_of)),
        kWrongUse);
  }
  print(selected(*report, options.selection), options, context);
  return options.watch ? watch_memberships(std::move(*report), options, context) : kSuccess;
}

}  // namespace mcast::cli
