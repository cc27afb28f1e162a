#include "cli/session/silence_examiner.h"

#include <algorithm>
#include <utility>

#include "netlink/types.h"
#include "probe/wire.h"

namespace mcast::cli {
namespace {

constexpr const char* kProcRoot = "/proc";
// Silent receivers are looked for so often.
constexpr Nanoseconds kLookInterval = 500 * kMillisecond;
// How long an examination listens to the wire: the slowest streams that are usual send
// once a second.
constexpr Nanoseconds kExamination = 2 * kSecond;

}  // namespace

SilenceExaminer::~SilenceExaminer() = default;

std::array<int, 2> SilenceExaminer::fds() const {
  return {examination_ ? examination_->fd() : -1, tools_ && tools_->igmp ? tools_->igmp->fd() : -1};
}

std::vector<findings::Schedule::New> SilenceExaminer::advance() {
  const Nanoseconds now = parts_.clock.monotonic();
  if (examination_) examination_->drain();
  hear_igmp();
  if (now >= next_look_) {
    look(now);
    if (!examination_ && now >= next_begin_) begin(now);
  }
  return examination_ && now >= examination_end_ ? end(now)
                                                 : std::vector<findings::Schedule::New>{};
}

void SilenceExaminer::look(Nanoseconds now) {
  next_look_ = now + kLookInterval;
  const ProbeSnapshot snapshot = parts_.look();
  silent_.look(snapshot.receivers, snapshot.sockets);
  schedule_.set_silent(silent_.subjects(), now);
  if (silent_.subjects().empty()) {
    // The sockets cost every packet that arrives a little.
    examination_.reset();
    tools_.reset();
  }
}

void SilenceExaminer::begin(Nanoseconds now) {
  auto due = schedule_.due(now);
  if (due.empty()) return;
  if (!tools_) {
    if (const auto opened = open_tools(); !opened) {
      parts_.log.warning("why nothing arrives cannot be found out",
                         {{"reason", opened.error().message}});
      next_begin_ = now + kRepeat;
      return;
    }
  }
  watch_igmp_on(due.front().interface);
  examination_.emplace(
      findings::Examination::Parts{
          .host = tools_->host,
          .read_host = [this] { return tools_->reader.read(); },
          .delivery =
              [this](const findings::Subject& subject) { return silent_.delivery(subject); },
          .igmp = [this] { return watched_igmp(); },
          .clock = parts_.clock,
          .proc_root = kProcRoot,
          .signature = {kProbeMagicBytes.begin(), kProbeMagicBytes.end()}},
      std::move(due));
  examination_end_ = now + kExamination;
}

std::vector<findings::Schedule::New> SilenceExaminer::end(Nanoseconds now) {
  look(now);
  if (!examination_) return {};
  auto outcome = examination_->finish();
  examination_.reset();
  if (!outcome) {
    parts_.log.warning("why nothing arrives cannot be found out",
                       {{"reason", outcome.error().message}});
    next_begin_ = now + kRepeat;
    return {};
  }
  return schedule_.take(outcome->judged, parts_.clock.monotonic(), parts_.clock.realtime());
}

Result<void> SilenceExaminer::open_tools() {
  auto host = netlink::Host::open();
  if (!host) return std::unexpected(host.error());
  auto reader = netlink::HostReader::open(kProcRoot);
  if (!reader) return std::unexpected(reader.error());
  tools_ = std::make_unique<Tools>(Tools{.host = std::move(*host),
                                         .reader = std::move(*reader),
                                         .igmp = fail("IGMP is not watched yet"),
                                         .igmp_since = 0,
                                         .igmp_interface = {}});
  return {};
}

// All streams of a command are on one interface; which one may change.
void SilenceExaminer::watch_igmp_on(const std::string& interface) {
  if (tools_->igmp && tools_->igmp_interface == interface) return;
  const auto opened = [&]() -> Result<netlink::IgmpWatch> {
    const auto links = tools_->host.links();
    if (!links) return std::unexpected(links.error());
    const auto link = std::ranges::find(*links, interface, &netlink::Link::name);
    if (link == links->end()) return fail("there is no interface '" + interface + "'");
    auto watch = netlink::IgmpWatch::open();
    if (!watch) return watch;
    const std::vector<netlink::WatchedInterface> watched{
        {.ifindex = link->index, .outgoing = false}};
    if (const auto failures = watch->watch(watched); !failures.empty()) {
      return std::unexpected(failures.front().error);
    }
    return watch;
  };
  tools_->igmp = opened();
  tools_->igmp_interface = interface;
  tools_->igmp_since = parts_.clock.monotonic();
}

void SilenceExaminer::hear_igmp() {
  if (!tools_ || !tools_->igmp) return;
  if (const auto drained = tools_->igmp->drain(parts_.clock); !drained) {
    tools_->igmp = std::unexpected(drained.error());
  }
}

findings::WatchedIgmp SilenceExaminer::watched_igmp() const {
  if (!tools_->igmp) return {.activity = std::unexpected(tools_->igmp.error()), .watched = 0};
  const Nanoseconds now = parts_.clock.monotonic();
  return {.activity = tools_->igmp->activity().snapshot(now), .watched = now - tools_->igmp_since};
}

}  // namespace mcast::cli
