#include "streams/diagnosis.h"

#include <algorithm>
#include <utility>

#include "probe/wire.h"

namespace mcast {
namespace {

// How long an examination listens to the wire: the slowest streams that are usual send
// once a second.
constexpr Nanoseconds kExamination = 2 * kSecond;

std::uint64_t datagrams_of(const ReceiverSnapshot& receiver) {
  const RejectedPackets& rejected = receiver.rejected;
  std::uint64_t datagrams = receiver.untracked_packets + rejected.foreign + rejected.version +
                            rejected.truncated + rejected.stale + rejected.implausible;
  for (const SourceSnapshot& source : receiver.sources) datagrams += source.counters.packets;
  return datagrams;
}

}  // namespace

bool is_silent(const ReceiverSnapshot& receiver) {
  return receiver.state == ReceiverState::kWaiting || receiver.state == ReceiverState::kStalled;
}

findings::Subject subject_of(const ReceiverSnapshot& receiver) {
  return {.stream = receiver.spec.name,
          .group = receiver.spec.group,
          .source = receiver.spec.source,
          .interface = receiver.interface,
          .port = receiver.spec.port,
          .expects_probe_packets = true,
          .failure = receiver.error};
}

Result<void> IgmpHearing::open() {
  watch_ = netlink::IgmpWatch::open();
  failure_.reset();
  since_ = clock_.monotonic();
  if (!watch_) return std::unexpected(watch_.error());
  return {};
}

void IgmpHearing::listen_on(netlink::Host& host, const std::string& interface) {
  if (watch_ && !failure_ && interface_ == interface) return;
  interface_ = interface;
  if (!open()) return;
  const auto give_up = [&](const Error& error) { watch_ = std::unexpected(error); };
  const auto links = host.links();
  if (!links) return give_up(links.error());
  const auto link = std::ranges::find(*links, interface, &netlink::Link::name);
  if (link == links->end()) return give_up({"there is no interface '" + interface + "'", 0});
  // The reports of this host cost a fast sender on it much.
  const auto failures = watch({{.ifindex = link->index, .outgoing = false}});
  if (!failures.empty()) give_up(failures.front().error);
}

Result<void> IgmpHearing::drain() {
  if (!watch_ || failure_) return {};
  auto drained = watch_->drain(clock_);
  if (!drained) failure_ = drained.error();
  return drained;
}

findings::WatchedIgmp IgmpHearing::heard() const {
  if (!watch_) return {.activity = std::unexpected(watch_.error()), .watched = 0};
  if (failure_) return {.activity = std::unexpected(*failure_), .watched = 0};
  const Nanoseconds now = clock_.monotonic();
  return {.activity = watch_->activity().snapshot(now), .watched = now - since_};
}

findings::Examination begin_examination(
    const ExaminedHost& host, IgmpHearing& igmp,
    std::function<Result<findings::Delivery>(const findings::Subject&)> delivery,
    std::vector<findings::Subject> subjects) {
  return {{.host = host.host,
           .read_host = host.read,
           .delivery = std::move(delivery),
           .igmp = [&igmp] { return igmp.heard(); },
           .clock = host.clock,
           .proc_root = host.proc_root,
           .signature = {kProbeMagicBytes.begin(), kProbeMagicBytes.end()}},
          std::move(subjects)};
}

Diagnosis::Diagnosis(Parts parts)
    : parts_(std::move(parts)), schedule_(parts_.repeat), own_igmp_(parts_.host.clock) {}

Diagnosis::Progress Diagnosis::advance() {
  const Nanoseconds now = parts_.host.clock.monotonic();
  if (examination_) examination_->drain();
  // What fails is what an examination says of it.
  (void)own_igmp_.drain();
  Progress progress;
  if (now >= next_look_) {
    look(now);
    progress.looked = true;
    if (!examination_ && now >= next_begin_) begin(now);
  }
  if (examination_ && now >= end_) finish(now, progress);
  return progress;
}

void Diagnosis::look(Nanoseconds now) {
  next_look_ = now + parts_.look_interval;
  const ProbeSnapshot snapshot = parts_.silent();
  std::map<std::uint16_t, std::uint64_t> drops;  // by port
  for (const SocketSnapshot& socket : snapshot.sockets) drops[socket.port] += socket.drops;
  std::vector<findings::Subject> subjects;
  deliveries_.clear();
  for (const ReceiverSnapshot& receiver : snapshot.receivers) {
    subjects.push_back(subject_of(receiver));
    deliveries_[receiver.spec.name] = {.datagrams = datagrams_of(receiver),
                                       .drops = drops[receiver.spec.port]};
  }
  schedule_.set_silent(subjects, now);
  if (!subjects.empty()) return;
  // The sockets cost every packet that arrives a little.
  if (examination_) malformed_ += examination_->malformed();
  examination_.reset();
  own_igmp_.close();
}

void Diagnosis::begin(Nanoseconds now) {
  auto due = schedule_.due(now);
  if (due.empty()) return;
  if (parts_.igmp == nullptr) own_igmp_.listen_on(parts_.host.host, due.front().interface);
  examination_.emplace(begin_examination(
      parts_.host, parts_.igmp != nullptr ? *parts_.igmp : own_igmp_,
      [this](const findings::Subject& subject) { return delivery(subject); }, std::move(due)));
  end_ = now + kExamination;
}

void Diagnosis::finish(Nanoseconds now, Progress& progress) {
  look(now);
  progress.looked = true;
  if (!examination_) return;
  auto outcome = examination_->finish();
  malformed_ += examination_->malformed();
  examination_.reset();
  if (outcome) {
    progress.news = schedule_.take(std::move(outcome->judged), parts_.host.clock.monotonic());
  } else {
    progress.error = outcome.error();
    next_begin_ = now + parts_.repeat;
  }
}

void Diagnosis::make_due() {
  schedule_.make_due(parts_.host.clock.monotonic());
  next_begin_ = 0;
}

Result<findings::Delivery> Diagnosis::delivery(const findings::Subject& subject) const {
  const auto found = deliveries_.find(subject.stream);
  if (found == deliveries_.end()) return fail("the stream is not silent any more");
  return found->second;
}

}  // namespace mcast
