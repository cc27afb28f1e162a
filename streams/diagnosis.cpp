#include "streams/diagnosis.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "findings/checks.h"
#include "netlink/proc/protocol_versions.h"
#include "probe/wire.h"
#include "streams/running_streams.h"

namespace mcast {
namespace {

// How long an examination listens to the wire: the slowest streams that are usual send
// once a second.
constexpr Nanoseconds kExamination = 2 * kSecond;
constexpr Nanoseconds kSenderInterval = 5 * kSecond;
constexpr Nanoseconds kSenderWindow = 10 * kSecond;

std::uint64_t datagrams_of(const ReceiverSnapshot& receiver) {
  const RejectedPackets& rejected = receiver.rejected;
  std::uint64_t datagrams = receiver.untracked_packets + rejected.foreign + rejected.version +
                            rejected.truncated + rejected.stale + rejected.implausible;
  for (const SourceSnapshot& source : receiver.sources) datagrams += source.counters.packets;
  return datagrams;
}

}  // namespace

findings::Origin ad_hoc_origin(const std::string& socket) {
  return {
      .command = {},
      .file = {},
      .agent = socket.empty() || socket == kDefaultAgentSocket ? "--agent" : "--agent=" + socket};
}

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
          .failure = receiver.error,
          .version = receiver.spec.wanted_version()};
}

findings::Subject subject_of(const SenderSnapshot& sender) {
  return {.stream = sender.spec.name,
          .group = sender.spec.group,
          .source = std::nullopt,
          .interface = sender.interface,
          .port = sender.spec.port,
          .failure = sender.state == SenderState::kFailed ? sender.error : "",
          .sending = findings::Sending{.packets_per_second = sender.spec.packets_per_second,
                                       .size = sender.spec.size,
                                       .ttl = sender.spec.ttl,
                                       .address = sender.local_address,
                                       .interface_chosen = sender.spec.interface.empty()}};
}

Result<void> ProtocolHearing::open() {
  watch_ = netlink::ProtocolWatch::open();
  failure_.reset();
  since_ = clock_.monotonic();
  if (!watch_) return std::unexpected(watch_.error());
  return {};
}

void ProtocolHearing::listen_on(netlink::Host& host, const std::string& interface) {
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

Result<void> ProtocolHearing::drain() {
  if (!watch_ || failure_) return {};
  auto drained = watch_->drain(clock_);
  if (!drained) failure_ = drained.error();
  return drained;
}

findings::WatchedProtocols ProtocolHearing::heard() const {
  if (!watch_) return {.activity = std::unexpected(watch_.error()), .watched = 0};
  if (failure_) return {.activity = std::unexpected(*failure_), .watched = 0};
  const Nanoseconds now = clock_.monotonic();
  return {.activity = watch_->activity().snapshot(now), .watched = now - since_};
}

findings::Examination begin_examination(
    const ExaminedHost& host, ProtocolHearing& igmp,
    std::function<Result<findings::Delivery>(const findings::Subject&)> delivery,
    std::vector<findings::Subject> subjects, netlink::GroupWatch::Outgoing outgoing) {
  return {{.host = host.host,
           .read_host = host.read,
           .delivery = std::move(delivery),
           .igmp = [&igmp] { return igmp.heard(); },
           .clock = host.clock,
           .proc_root = host.proc_root,
           .signature = {kProbeMagicBytes.begin(), kProbeMagicBytes.end()}},
          std::move(subjects),
          outgoing};
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
    look(now, progress);
    if (!examination_ && now >= next_begin_) begin(now);
  }
  if (examination_ && now >= end_) finish(now, progress);
  return progress;
}

void Diagnosis::read_links() {
  if (!std::exchange(links_changed_, false)) return;
  auto links = parts_.host.host.links();
  faulty_.clear();
  if (!links) return;
  links_.links = std::move(*links);
  for (const netlink::Link& link : links_.links) {
    if (!link.up || !link.carrier) faulty_.insert(link.name);
  }
}

// Where streams go on until the querier forgets their groups: they are examined before that.
std::set<std::string> Diagnosis::unanswered() const {
  std::set<std::string> names;
  if (parts_.igmp == nullptr) return names;
  const auto heard = parts_.igmp->heard().activity;
  if (!heard) return names;
  for (const netlink::InterfaceActivity& activity : *heard) {
    const auto* const link =
        findings::find_by(links_.links, &netlink::Link::index, activity.ifindex);
    if (link == nullptr || !activity.is_unanswered(parts_.host.clock.monotonic())) continue;
    // Where an older version is in use, another member may have answered.
    const int newest = activity.family == Family::kIpv4 ? 3 : 2;
    if (netlink::version_in_operation(parts_.host.proc_root, activity.family, link->name) ==
        newest) {
      names.insert(link->name);
    }
  }
  return names;
}

// What is wrong with an interface needs no listening, and neither does its end.
void Diagnosis::tell_interfaces(const std::vector<findings::Subject>& subjects, Nanoseconds now,
                                Progress& progress) {
  for (const findings::Subject& subject : subjects) {
    if (!faulty_.contains(subject.interface)) continue;
    const auto* const known = schedule_.result_of(subject.stream);
    const auto is_told = [](const findings::Finding& finding) {
      return finding.check == findings::Check::kInterfaceDown &&
             finding.verdict == findings::Verdict::kFound;
    };
    if (known != nullptr && std::ranges::any_of(known->findings, is_told)) continue;
    auto finding = findings::link_finding(
        links_, subject, findings::find_by(links_.links, &netlink::Link::name, subject.interface));
    if (!finding) continue;
    finding->check = findings::Check::kInterfaceDown;
    std::ranges::move(schedule_.take({{.subject = subject,
                                       .examined = parts_.host.clock.realtime(),
                                       .findings = {std::move(*finding)}}},
                                     now),
                      std::back_inserter(progress.news));
  }
}

void Diagnosis::look(Nanoseconds now, Progress& progress) {
  progress.looked = true;
  next_look_ = now + parts_.look_interval;
  read_links();
  std::set<std::string> interfaces = unanswered();
  interfaces.insert(faulty_.begin(), faulty_.end());
  const ProbeSnapshot snapshot = parts_.silent(interfaces);
  std::map<std::pair<Family, std::uint16_t>, std::uint64_t> drops;  // by port
  for (const SocketSnapshot& socket : snapshot.sockets) {
    drops[{socket.family, socket.port}] += socket.drops;
  }
  std::vector<findings::Subject> subjects;
  deliveries_.clear();
  for (const ReceiverSnapshot& receiver : snapshot.receivers) {
    subjects.push_back(subject_of(receiver));
    if (parts_.origin) subjects.back().origin = parts_.origin(receiver.spec.origin);
    deliveries_[receiver.spec.name] = {
        .datagrams = datagrams_of(receiver),
        .drops = drops[{receiver.spec.group.family(), receiver.spec.port}]};
  }
  schedule_.set_silent(subjects, now);
  tell_interfaces(subjects, now, progress);
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
  look(now, progress);
  if (!examination_) return;
  auto outcome = examination_->finish();
  malformed_ += examination_->malformed();
  examination_.reset();
  if (outcome) {
    std::ranges::move(schedule_.take(std::move(outcome->judged), parts_.host.clock.monotonic()),
                      std::back_inserter(progress.news));
  } else {
    progress.error = outcome.error();
    next_begin_ = now + parts_.repeat;
  }
}

void Diagnosis::make_due() {
  schedule_.make_due(parts_.host.clock.monotonic());
  links_changed_ = true;
  next_look_ = 0;
  next_begin_ = 0;
}

Result<findings::Delivery> Diagnosis::delivery(const findings::Subject& subject) const {
  const auto found = deliveries_.find(subject.stream);
  if (found == deliveries_.end()) return fail("the stream is not silent any more");
  return found->second;
}

const SenderDiagnosis::Counted& SenderDiagnosis::count(const SenderSnapshot& sender,
                                                       Nanoseconds now) {
  Counted& counted = counted_[sender.spec.name];
  const bool failed = sender.state == SenderState::kFailed;
  if (!failed || counted.failed_since == 0) counted.failed_since = failed ? now : 0;
  // Over less time, a pause that is normal would be much of it; that nothing at all is sent shows
  // earlier.
  const Nanoseconds window = sender.packets > counted.total.packets ? kSenderWindow : kExamination;
  if (counted.at != 0 && now - counted.at < window) return counted;
  findings::SentPackets total{.packets = sender.packets, .skipped = sender.skipped};
  std::ranges::transform(sender.errors, std::inserter(total.refused, total.refused.end()),
                         std::identity());
  if (counted.at != 0 && total.packets >= counted.total.packets) {
    findings::SentPackets sent{.packets = total.packets - counted.total.packets,
                               .skipped = total.skipped - counted.total.skipped};
    for (const auto& [error, number] : total.refused) {
      const std::uint64_t before = counted.total.refused[error];
      if (number > before) sent.refused[error] = number - before;
    }
    counted.sent = std::move(sent);
    counted.counted = now - counted.at;
  }
  counted.total = std::move(total);
  counted.at = now;
  return counted;
}

std::vector<findings::Schedule::New> SenderDiagnosis::advance() {
  const Nanoseconds now = parts_.clock.monotonic();
  if (now < next_look_) return {};
  next_look_ = now + kSenderInterval;
  std::vector<SenderSnapshot> senders = parts_.senders();
  std::erase_if(
      senders, [](const SenderSnapshot& sender) { return sender.state == SenderState::kFinished; });
  std::set<std::string_view> names;
  for (const SenderSnapshot& sender : senders) names.insert(sender.spec.name);
  std::erase_if(counted_, [&](const auto& entry) { return !names.contains(entry.first); });
  if (senders.empty()) {
    schedule_.set_silent({}, now);
    return {};
  }
  findings::HostEvidence host;
  auto links = parts_.host.links();
  auto addresses = parts_.host.addresses();
  if (!links || !addresses) return {};
  host.links = std::move(*links);
  host.addresses = std::move(*addresses);
  host.igmp_activity = fail("nobody listens for queries");
  if (parts_.igmp != nullptr) host.igmp_activity = parts_.igmp->heard().activity;
  const auto is_chosen = [](const SenderSnapshot& sender) { return sender.spec.interface.empty(); };
  if (std::ranges::any_of(senders, is_chosen)) {
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      auto joined = parts_.host.memberships(family);
      if (joined) std::ranges::move(*joined, std::back_inserter(host.memberships));
    }
  }
  host.flows = fail("nobody listens to the wire for a sender's own packets");
  host.filters = fail("it was not needed");
  std::vector<findings::Subject> subjects;
  std::vector<findings::StreamFindings> wrong;
  for (const SenderSnapshot& sender : senders) {
    const Counted& counted = count(sender, now);
    findings::SenderEvidence evidence{.subject = subject_of(sender),
                                      .route_to_group = fail("nobody asked for the route"),
                                      .sent = counted.sent,
                                      .counted = counted.counted};
    if (parts_.origin) evidence.subject.origin = parts_.origin(sender.spec.origin);
    // One that is being attached has failed, too, for a moment.
    if (counted.failed_since != 0 && now - counted.failed_since < findings::Schedule::kSettle) {
      evidence.subject.failure.clear();
      next_look_ = std::min(next_look_, counted.failed_since + findings::Schedule::kSettle);
    }
    if (!evidence.subject.sending->address) evidence.subject.sending->address = sender.spec.source;
    findings::ask_for_routes(parts_.host, evidence, host.links);
    if (counted.sent && counted.sent->refused.contains("EPERM") && !host.filters) {
      host.filters = parts_.host.packet_filter();
    }
    auto judged = findings::examine_sender(evidence, host);
    if (std::ranges::none_of(judged, [](const auto& each) { return findings::is_found(each); })) {
      continue;
    }
    subjects.push_back(evidence.subject);
    wrong.push_back({.subject = std::move(evidence.subject),
                     .examined = parts_.clock.realtime(),
                     .findings = std::move(judged)});
  }
  schedule_.set_silent(subjects, now);
  return schedule_.take(std::move(wrong), now);
}

}  // namespace mcast
