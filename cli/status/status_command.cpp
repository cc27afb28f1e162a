#include "cli/status/status_command.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/status/status_report.h"
#include "cli/status/why_report.h"
#include "findings/arrivals.h"
#include "netlink/proc/source_filter_anchor.h"
#include "streams/diagnosis.h"

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

// How often what waits in the sockets is taken.
constexpr Nanoseconds kDrainInterval = 100 * kMillisecond;
// So many datagrams of each subject, after at least this time, are proof that it
// arrives.
constexpr std::uint64_t kProof = 3;
constexpr Nanoseconds kShortestProof = 500 * kMillisecond;

// Until one of the descriptors is readable (-1: none) or the time is over. True: the first one is.
bool wait_for(Nanoseconds longest, int fd, int other_fd) {
  std::array polled{pollfd{.fd = fd, .events = POLLIN, .revents = 0},
                    pollfd{.fd = other_fd, .events = POLLIN, .revents = 0}};
  const Nanoseconds rounded_up = std::max<Nanoseconds>(0, longest) + kMillisecond - 1;
  (void)::poll(polled.data(), polled.size(), static_cast<int>(rounded_up / kMillisecond));
  return polled[0].revents != 0;
}

Result<MembershipReport> read(const StatusContext& context) {
  const auto host = context.read_host();
  if (!host) return std::unexpected(host.error());
  const auto streams = context.read_streams();
  if (!streams) return std::unexpected(streams.error());
  return membership_report(*host, *streams);
}

// `programs`: a report, or the streams themselves.
void complain_of(const auto& programs, const StatusContext& context) {
  if (const std::size_t number = programs.unreadable_programs; number > 0) {
    context.complain("run as root to see the streams of " + std::to_string(number) +
                     (number == 1 ? " more program" : " more programs"));
  }
  if (const std::size_t number = programs.garbled_programs; number > 0) {
    context.complain("the streams of " + std::to_string(number) +
                     (number == 1 ? " program" : " programs") +
                     " cannot be read: of another version than this one");
  }
}

// Of a report alone: --why tells by its findings.
void complain_of_family(const MembershipReport& report, const StatusContext& context) {
  if (!report.has_ipv6) context.complain("this host has no IPv6: only IPv4 is shown");
}

void print(const MembershipReport& report, const StatusOptions& options,
           const StatusContext& context) {
  context.out << (options.json ? status_json(report) : context.text(status_table(report)))
              << std::flush;
  if (options.json) return;
  complain_of(report, context);
  complain_of_family(report, context);
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
      context.out << (options.json ? change_json(change) : context.text({{change_line(change)}}));
    }
    context.out << std::flush;
    events.clear();
    last = std::move(*now);
    reading_took = context.clock.monotonic() - started;
    read_at = started + reading_took + interval;
    settled_at = kNever;
  }
  return kSuccess;
}

void watch_igmp(ProtocolHearing& igmp, const std::vector<netlink::Link>& links) {
  if (!igmp.open()) return;
  std::vector<netlink::WatchedInterface> interfaces;
  for (const netlink::Link& link : links) {
    if (link.multicast && link.up && !link.loopback) {
      interfaces.push_back({.ifindex = link.index, .outgoing = true});
    }
  }
  // One that cannot be watched has no activity: the check says that none was heard.
  (void)igmp.watch(interfaces);
}

}  // namespace

int run_status(const StatusOptions& options, const StatusContext& context) {
  auto report = read(context);
  if (!report) return context.fail_with(report.error().message);
  const std::string& wanted = options.selection.interface;
  if (!wanted.empty() &&
      std::ranges::count(report->interfaces, wanted, &InterfaceMemberships::name) == 0) {
    const auto name_of = [](const auto& each) { return mcast::printable(each.name); };
    return context.fail_with(
        "--interface: there is no '" + mcast::printable(wanted) + "' here, only " +
        (report->interfaces.empty() ? "none" : listed(report->interfaces, name_of)));
  }
  print(selected(*report, options.selection), options, context);
  return options.watch ? watch_memberships(std::move(*report), options, context) : kSuccess;
}

int run_why(const StatusOptions& options, const StatusContext& context) {
  const auto host = context.read_host();
  if (!host) return context.fail_with(host.error().message);
  const std::string& name = options.why->interface;
  if (!name.empty() && std::ranges::count(host->links, name, &netlink::Link::name) == 0) {
    return context.fail_with("--interface: there is no '" + name + "' here", kWrongUse);
  }
  const auto streams = context.read_streams();
  if (!streams) return context.fail_with(streams.error().message);
  WhyReport report{.answers = why_subjects(*options.why, host->links, *streams)};
  std::vector<findings::Subject> subjects;
  subjects.reserve(report.answers.size());
  for (const WhyAnswer& answer : report.answers) subjects.push_back(answer.subject);

  ProtocolHearing igmp(context.clock);
  watch_igmp(igmp, host->links);
  findings::ArrivalCounter arrivals(subjects, host->links, context.proc_root);
  const auto delivery = [&](const findings::Subject& each) { return arrivals.count(each); };
  const auto arrives = [&](const findings::Subject& each) {
    if (each.sending) return false;  // its rate takes the whole time
    const auto delivered = delivery(each);
    return delivered && delivered->datagrams >= kProof;
  };
  findings::Examination examination =
      begin_examination({.host = *context.host,
                         .read = context.read_host,
                         .clock = context.clock,
                         .proc_root = context.proc_root},
                        igmp, delivery, subjects, netlink::GroupWatch::Outgoing::kSeen);
  const Nanoseconds started = context.clock.monotonic();
  Nanoseconds next_count = started;
  for (Nanoseconds now = started; now < started + options.why_watch;
       now = context.clock.monotonic()) {
    (void)wait_for(std::min(kDrainInterval, started + options.why_watch - now), examination.fd(),
                   igmp.fd());
    examination.drain();
    // Not with each packet: counting reads a file.
    now = context.clock.monotonic();
    if (now < next_count) continue;
    next_count = now + kDrainInterval;
    arrivals.drain();
    // What fails is what the examination says of it.
    (void)igmp.drain();
    if (now - started >= kShortestProof && std::ranges::all_of(subjects, arrives)) break;
  }
  auto outcome = examination.finish();
  if (!outcome) return context.fail_with(outcome.error().message);

  report.watched = outcome->watched;
  for (std::size_t i = 0; i < report.answers.size(); ++i) {
    report.answers[i].findings = std::move(outcome->judged[i].findings);
  }
  for (findings::StreamFindings& other : outcome->others) {
    report.answers.push_back(
        {.subject = std::move(other.subject), .findings = std::move(other.findings)});
  }
  const bool is_joined = std::ranges::any_of(host->memberships, [&](const auto& membership) {
    return membership.group == options.why->group;
  });
  if (!is_joined) leave_to_senders(report);
  if (!options.json) complain_of(*streams, context);
  context.out << (options.json
                      ? why_json(report)
                      : context.text(why_screen(report, context.form.columns, options.verbose)))
              << std::flush;
  if (something_is_wrong(report)) return kConditionMet;
  return enough_is_known(report) ? kSuccess : kTooLittleKnown;
}

}  // namespace mcast::cli
