#include "cli/status/status_command.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/status/why_report.h"
#include "findings/arrivals.h"
#include "streams/diagnosis.h"

namespace mcast::cli {
namespace {

// How often what waits in the sockets is taken.
constexpr Nanoseconds kDrainInterval = 100 * kMillisecond;
// So many datagrams of each subject, after at least this time, are proof that it
// arrives.
constexpr std::uint64_t kProof = 3;
constexpr Nanoseconds kShortestProof = 500 * kMillisecond;

void watch_igmp(IgmpHearing& igmp, const std::vector<netlink::Link>& links) {
  if (!igmp.open()) return;
  std::vector<netlink::WatchedInterface> interfaces;
  for (const netlink::Link& link : links) {
    if (link.multicast && link.up && !link.loopback) {
      interfaces.push_back({.ifindex = link.index, .outgoing = false});
    }
  }
  // One that cannot be watched has no activity: the check says that none was heard.
  (void)igmp.watch(interfaces);
}

}  // namespace

int run_why(const StatusOptions& options, const StatusContext& context) {
  const auto host = context.read_host();
  if (!host) return context.fail_with(host.error().message);
  const std::string& name = options.why->interface;
  if (!name.empty() &&
      std::ranges::find(host->links, name, &netlink::Link::name) == host->links.end()) {
    return context.fail_with("--interface: there is no '" + name + "' here", kWrongUse);
  }
  const auto streams = context.read_streams();
  if (!streams) return context.fail_with(streams.error().message);
  WhyReport report{.answers = why_subjects(*options.why, host->links, *streams)};
  std::vector<findings::Subject> subjects;
  for (const WhyAnswer& answer : report.answers) subjects.push_back(answer.subject);

  IgmpHearing igmp(context.clock);
  watch_igmp(igmp, host->links);
  findings::ArrivalCounter arrivals(subjects, host->links, context.proc_root);
  const auto delivery = [&](const findings::Subject& each) { return arrivals.count(each); };
  const auto arrives = [&](const findings::Subject& each) {
    const auto delivered = delivery(each);
    return delivered && delivered->datagrams >= kProof;
  };
  findings::Examination examination = begin_examination({.host = *context.host,
                                                         .read = context.read_host,
                                                         .clock = context.clock,
                                                         .proc_root = context.proc_root},
                                                        igmp, delivery, subjects);
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
  if (options.json) {
    context.out << why_json(report) << std::flush;
  } else {
    context.print(why_screen(report, context.form.columns));
  }
  if (!context.out) return context.fail_with("cannot write the answer");
  return something_is_wrong(report) ? kConditionMet : kSuccess;
}

}  // namespace mcast::cli
