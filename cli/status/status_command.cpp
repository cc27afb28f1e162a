#include "cli/status/status_command.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/status/membership_watch.h"
#include "cli/status/status_json.h"
#include "cli/status/status_table.h"
#include "cli/terminal/screen.h"
#include "netlink/proc/source_filter_anchor.h"
#include "streams/membership_report.h"

namespace mcast::cli {
namespace {

// What no notification tells (users, sources, interfaces that vanish) is looked at so
// often; everything, on a kernel without notifications.
constexpr Nanoseconds kReadInterval = kSecond;
constexpr Nanoseconds kReadIntervalWithoutMonitor = 250 * kMillisecond;
// From a notification to the reading: several joins come together, and a program of
// ours says right after its join which stream it is for.
constexpr Nanoseconds kSettleTime = 30 * kMillisecond;
constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();

class StatusCommand {
 public:
  StatusCommand(const StatusOptions& options, const StatusParts& parts)
      : options_(options), parts_(parts) {}

  int run() {
    auto report = read();
    if (!report) return fail_with(report.error());
    if (const auto known = check_interface(*report); !known) {
      complain(known.error().message);
      return kWrongUse;
    }
    print(*report);
    return options_.watch ? watch(std::move(*report)) : kSuccess;
  }

 private:
  void complain(const std::string& message) {
    parts_.errors << "mcast-status: " << message << "\n" << std::flush;
  }
  int fail_with(const Error& error) {
    complain(error.message);
    return kFailed;
  }

  [[nodiscard]] Result<MembershipReport> read() const {
    const auto host = parts_.read_host();
    if (!host) return std::unexpected(host.error());
    const auto streams = parts_.read_streams();
    if (!streams) return std::unexpected(streams.error());
    return membership_report(*host, *streams);
  }

  [[nodiscard]] Result<void> check_interface(const MembershipReport& report) const {
    const std::string& wanted = options_.selection.interface;
    if (wanted.empty()) return {};
    std::string names;
    for (const InterfaceMemberships& interface : report.interfaces) {
      if (interface.name == wanted) return {};
      names += (names.empty() ? "" : ", ") + mcast::printable(interface.name);
    }
    return fail("--interface: there is no '" + mcast::printable(wanted) + "' here, only " +
                (names.empty() ? "none" : names));
  }

  [[nodiscard]] std::string text_of(const Screen& screen) const {
    return parts_.colour ? ansi_text(screen) : plain_text(screen);
  }

  void print(const MembershipReport& everything) {
    const MembershipReport report = selected(everything, options_.selection);
    if (options_.json) {
      const auto form = options_.watch ? JsonForm::kOneLine : JsonForm::kIndented;
      parts_.output << status_json(report, form) << std::flush;
      return;
    }
    parts_.output << text_of(status_table(report)) << std::flush;
    if (const std::size_t number = report.unreadable_programs; number > 0) {
      complain("run as root to see the streams of " + std::to_string(number) +
               (number == 1 ? " more program" : " more programs"));
    }
    if (const std::size_t number = report.garbled_programs; number > 0) {
      complain(std::to_string(number) + (number == 1 ? " program says" : " programs say") +
               " of its streams what this version does not understand");
    }
  }

  void print(const MembershipChange& change) {
    parts_.output << (options_.json
                          ? change_json(change)
                          : text_of({{change_line(change, local_time_of_day(change.realtime))}}))
                  << std::flush;
  }

  // Until `deadline`, a notification or the end; true: the end.
  [[nodiscard]] bool wait(Nanoseconds deadline) const {
    std::array polled{pollfd{.fd = parts_.stop_fd, .events = POLLIN, .revents = 0},
                      pollfd{.fd = parts_.monitor != nullptr ? parts_.monitor->fd() : -1,
                             .events = POLLIN,
                             .revents = 0}};
    const Nanoseconds left = std::max<Nanoseconds>(0, deadline - parts_.clock.monotonic());
    const Nanoseconds milliseconds = (left + kMillisecond - 1) / kMillisecond;
    (void)::poll(polled.data(), polled.size(), static_cast<int>(milliseconds));
    return polled[0].revents != 0;
  }

  int watch(MembershipReport first) {
    if (!options_.json) parts_.output << "\n" << std::flush;
    MembershipWatch watch(std::move(first), options_.selection);
    const Nanoseconds interval =
        parts_.monitor != nullptr ? kReadInterval : kReadIntervalWithoutMonitor;
    std::vector<TimedEvent> events;
    Nanoseconds read_at = parts_.clock.monotonic() + interval;
    Nanoseconds settled_at = kNever;
    Nanoseconds reading_took = 0;
    while (!wait(std::min(read_at, settled_at))) {
      if (parts_.monitor != nullptr) {
        const auto changes = parts_.monitor->drain();
        if (!changes) return fail_with(changes.error());
        const Nanoseconds realtime = parts_.clock.realtime();
        bool look = changes->lost;
        for (const auto& event : changes->events) {
          // Every reading makes some: they must not lead to the next one.
          if (netlink::is_source_filter_anchor(event.ifindex, event.group)) continue;
          events.push_back({realtime, event});
          look = true;
        }
        if (look && settled_at == kNever) {
          // A host with very many groups does not make this program read all the time.
          settled_at = parts_.clock.monotonic() + std::max(kSettleTime, 2 * reading_took);
        }
      }
      const Nanoseconds started = parts_.clock.monotonic();
      if (started < std::min(read_at, settled_at)) continue;
      auto now = read();
      if (!now) return fail_with(now.error());
      for (const MembershipChange& change :
           watch.update(std::exchange(events, {}), std::move(*now), parts_.clock.realtime())) {
        print(change);
      }
      reading_took = parts_.clock.monotonic() - started;
      read_at = started + reading_took + interval;
      settled_at = kNever;
    }
    return kSuccess;
  }

  const StatusOptions& options_;
  const StatusParts& parts_;
};

}  // namespace

int run_status(const StatusOptions& options, const StatusParts& parts) {
  return StatusCommand(options, parts).run();
}

}  // namespace mcast::cli
