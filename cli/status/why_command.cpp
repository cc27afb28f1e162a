#include "cli/status/status_command.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments/exit_code.h"
#include "cli/status/why_report.h"
#include "findings/arrivals.h"
#include "streams/diagnosis.h"

namespace mcast::cli {
namespace {

// What waits in the sockets is taken so often.
constexpr Nanoseconds kDrainInterval = 100 * kMillisecond;
// So many datagrams of each subject, after at least this time, are proof that it
// arrives.
constexpr std::uint64_t kProof = 3;
constexpr Nanoseconds kShortestProof = 500 * kMillisecond;

class WhyCommand {
 public:
  WhyCommand(const StatusOptions& options, const StatusContext& context)
      : options_(options), context_(context) {}

  int run() {
    const auto host = context_.read_host();
    if (!host) return context_.fail_with(host.error().message);
    if (const std::string& name = options_.why->interface; !name.empty()) {
      const auto known = std::ranges::find(host->links, name, &netlink::Link::name);
      if (known == host->links.end()) {
        return context_.fail_with("--interface: there is no '" + name + "' here", kWrongUse);
      }
    }
    const auto streams = context_.read_streams();
    if (!streams) return context_.fail_with(streams.error().message);
    const auto about = why_subjects(*options_.why, host->links, *streams);

    std::vector<findings::Subject> subjects;
    subjects.reserve(about.size());
    for (const WhySubject& subject : about) subjects.push_back(subject.subject);
    IgmpHearing igmp(context_.clock);
    watch_igmp(igmp, host->links);
    findings::ArrivalCounter arrivals(subjects, host->links, context_.proc_root);
    findings::Examination examination = begin_examination(
        {.host = *context_.host,
         .read = context_.read_host,
         .clock = context_.clock,
         .proc_root = context_.proc_root},
        igmp, [&](const findings::Subject& subject) { return arrivals.count(subject); }, subjects);
    listen(examination, arrivals, igmp, subjects);
    auto outcome = examination.finish();
    if (!outcome) return context_.fail_with(outcome.error().message);

    WhyReport report{.watched = outcome->watched, .answers = {}};
    for (std::size_t i = 0; i < about.size(); ++i) {
      report.answers.push_back(
          {.about = about[i], .findings = std::move(outcome->judged[i].findings)});
    }
    print(report);
    if (!context_.out) return context_.fail_with("cannot write the answer");
    return something_is_wrong(report) ? kConditionMet : kSuccess;
  }

 private:
  static void watch_igmp(IgmpHearing& igmp, const std::vector<netlink::Link>& links) {
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

  void listen(findings::Examination& examination, findings::ArrivalCounter& arrivals,
              IgmpHearing& igmp, const std::vector<findings::Subject>& subjects) {
    const Nanoseconds started = context_.clock.monotonic();
    const Nanoseconds end = started + options_.why_watch;
    Nanoseconds next_count = started;
    for (Nanoseconds now = started; now < end; now = context_.clock.monotonic()) {
      std::array polled{pollfd{.fd = examination.fd(), .events = POLLIN, .revents = 0},
                        pollfd{.fd = igmp.fd(), .events = POLLIN, .revents = 0}};
      const Nanoseconds wait = std::min(kDrainInterval, end - now);
      (void)::poll(polled.data(), polled.size(),
                   static_cast<int>((wait + kMillisecond - 1) / kMillisecond));
      examination.drain();
      // Not with each packet: counting reads a file.
      const Nanoseconds then = context_.clock.monotonic();
      if (then < next_count) continue;
      next_count = then + kDrainInterval;
      arrivals.drain();
      // What fails is what the examination says of it.
      (void)igmp.drain();
      const bool all_arrive = std::ranges::all_of(subjects, [&](const findings::Subject& subject) {
        const auto delivery = arrivals.count(subject);
        return delivery && delivery->datagrams >= kProof;
      });
      if (all_arrive && context_.clock.monotonic() - started >= kShortestProof) return;
    }
  }

  void print(const WhyReport& report) {
    if (options_.json) {
      context_.out << why_json(report) << std::flush;
    } else {
      context_.print(why_screen(report, context_.form.columns));
    }
  }

  const StatusOptions& options_;
  const StatusContext& context_;
};

}  // namespace

int run_why(const StatusOptions& options, const StatusContext& context) {
  return WhyCommand(options, context).run();
}

}  // namespace mcast::cli
