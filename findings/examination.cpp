#include "findings/examination.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "findings/arrivals.h"
#include "findings/checks.h"
#include "netlink/proc/proc_net.h"
#include "netlink/proc/sysctls.h"

namespace mcast::findings {
namespace {

// Sources of one group that are judged; of a group that has more, they tell enough.
constexpr std::size_t kMaxSources = 8;

Result<ProtocolCounters> read_counters(const std::filesystem::path& proc_root) {
  const auto udp = netlink::read_table(proc_root / "net/snmp", netlink::parse_proc_snmp);
  if (!udp) return std::unexpected(udp.error());
  const auto ip = netlink::read_table(proc_root / "net/netstat", netlink::parse_proc_netstat);
  if (!ip) return std::unexpected(ip.error());
  return ProtocolCounters{.checksum_errors = udp->checksum_errors,
                          .reverse_path_drops = ip->reverse_path_filtered.value_or(0)};
}

// A sum over sockets is smaller when one of them was closed.
std::uint64_t growth(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : 0;
}

std::vector<IpAddress> groups_of(const std::vector<Subject>& subjects) {
  std::set<IpAddress> groups;
  for (const Subject& subject : subjects) groups.insert(subject.group);
  return {groups.begin(), groups.end()};
}

}  // namespace

Examination::Examination(Parts parts, std::vector<Subject> subjects,
                         netlink::GroupWatch::Outgoing outgoing)
    : parts_(std::move(parts)),
      subjects_(std::move(subjects)),
      outgoing_(outgoing),
      started_(parts_.clock.monotonic()),
      watch_(netlink::GroupWatch::open(groups_of(subjects_), parts_.signature, outgoing)),
      routes_before_(parts_.host.multicast_routes()),
      counters_before_(read_counters(parts_.proc_root)) {
  deliveries_before_.reserve(subjects_.size());
  for (const Subject& subject : subjects_) {
    deliveries_before_.push_back(subject.sending ? fail("a sender receives nothing")
                                                 : parts_.delivery(subject));
  }
}

void Examination::drain() {
  if (!watch_) return;
  if (auto drained = watch_->drain(); !drained) watch_ = std::unexpected(drained.error());
}

Result<Examination::Outcome> Examination::finish() {
  drain();
  auto snapshot = parts_.read_host();
  if (!snapshot) return std::unexpected(snapshot.error());
  const HostEvidence host = gather_host(std::move(*snapshot));
  Outcome outcome{.watched = host.watched, .judged = {}, .others = {}};
  outcome.judged.reserve(subjects_.size());
  const Nanoseconds now = parts_.clock.realtime();
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    outcome.judged.push_back(
        {.subject = subjects_[i], .examined = now, .findings = judge(i, host)});
  }
  for (Subject& subject : other_senders(host)) {
    const SenderEvidence evidence{.subject = subject,
                                  .route_to_group = fail("an interface is known"),
                                  .sent = fail("only its program knows")};
    outcome.others.push_back({.subject = std::move(subject),
                              .examined = now,
                              .findings = examine_sender(evidence, host)});
  }
  return outcome;
}

HostEvidence Examination::gather_host(netlink::HostSnapshot snapshot) {
  HostEvidence host;
  host.links = std::move(snapshot.links);
  host.addresses = std::move(snapshot.addresses);
  host.memberships = std::move(snapshot.memberships);
  host.source_filters = std::move(snapshot.source_filters);
  host.protocols = std::move(snapshot.protocols);
  for (const netlink::Link& link : host.links) {
    const auto forwards = netlink::forwards_multicast(parts_.proc_root, link.name);
    host.settings.emplace(
        link.index,
        InterfaceSettings{.rp_filter = netlink::reverse_path_filter(parts_.proc_root, link.name),
                          .forwards_multicast = forwards.value_or(false)});
  }
  host.routes_before = routes_before_;
  host.routes = parts_.host.multicast_routes();
  host.bridges = parts_.host.bridges();
  host.bridge_entries = parts_.host.bridge_entries();

  host.watched = parts_.clock.monotonic() - started_;
  if (watch_) host.flows = watch_->flows();
  if (!watch_) host.flows = std::unexpected(watch_.error());
  host.sees_outgoing = outgoing_ == netlink::GroupWatch::Outgoing::kSeen;
  auto [activity, igmp_watched] = parts_.igmp();
  host.igmp_activity = std::move(activity);
  host.igmp_watched = igmp_watched;

  host.counters = read_counters(parts_.proc_root);
  if (!counters_before_) host.counters = std::unexpected(counters_before_.error());
  if (host.counters) {
    auto& [errors, drops] = *host.counters;
    errors = growth(counters_before_->checksum_errors, errors);
    drops = growth(counters_before_->reverse_path_drops, drops);
  }
  host.open_ports = open_ports(parts_.proc_root);
  // A large ruleset is read only where there is something that it may have dropped.
  const bool may_drop = (host.flows && !host.flows->empty()) || host.sees_outgoing;
  if (may_drop) host.filters = parts_.host.packet_filter();
  return host;
}

std::vector<Finding> Examination::judge(std::size_t subject, const HostEvidence& host) {
  Evidence evidence;
  evidence.subject = subjects_[subject];
  evidence.route_to_group = parts_.host.route_to(evidence.subject.group, std::nullopt);
  if (evidence.subject.sending) {
    return examine_sender({.subject = std::move(evidence.subject),
                           .route_to_group = std::move(evidence.route_to_group),
                           .sent = fail("only its program knows")},
                          host);
  }
  const auto delivery = parts_.delivery(evidence.subject);
  const auto& before = deliveries_before_[subject];
  if (delivery && before) {
    evidence.arrived = growth(before->datagrams, delivery->datagrams);
    evidence.socket_drops = before->drops && delivery->drops
                                ? Result<std::uint64_t>(growth(*before->drops, *delivery->drops))
                                : fail("the receiver's UDP port is not known");
  } else {
    const Error& error = delivery ? before.error() : delivery.error();
    evidence.arrived = std::unexpected(error);
    evidence.socket_drops = std::unexpected(error);
  }
  const SubjectView view(evidence, host);
  evidence.sources = judge_sources(view);
  return examine(view);
}

std::vector<Subject> Examination::other_senders(const HostEvidence& host) const {
  std::vector<Subject> result;
  if (!host.flows) return result;
  for (const netlink::WireFlow& flow : *host.flows) {
    // A router sends what others have sent; a fragment does not say its port.
    if (!flow.outgoing || flow.vlan != 0 || flow.destination_port == 0 ||
        !is_own_address(host, flow.source)) {
      continue;
    }
    const netlink::Link* const link = link_at(host, flow.ifindex);
    const bool is_known = std::ranges::any_of(subjects_, [&](const Subject& subject) {
      return subject.sending && subject.group == flow.group &&
             subject.port == flow.destination_port &&
             (!subject.sending->address || *subject.sending->address == flow.source);
    });
    if (is_known || link == nullptr || result.size() == kMaxSources) continue;
    result.push_back(
        {.stream = "",
         .group = flow.group,
         .source = std::nullopt,
         .interface = link->name,
         .port = flow.destination_port,
         .sending = Sending{
             .packets_per_second = 0, .size = 0, .ttl = flow.lowest_ttl, .address = flow.source}});
  }
  return result;
}

std::vector<SourceEvidence> Examination::judge_sources(const SubjectView& view) {
  std::set<std::pair<IpAddress, int>> sources;
  const auto take = [&](bool only_at_interface) {
    for (const netlink::WireFlow* flow : view.flows) {
      if (sources.size() == kMaxSources) break;
      if (only_at_interface && !is_at(view.host, flow->ifindex, *view.interface)) continue;
      // What comes in on a port of a bridge is routed where the bridge is.
      sources.emplace(flow->source, bridge_or_self(view.host, flow->ifindex));
    }
  };
  // A second interface may see the same packets without being where they are wanted.
  if (view.interface != nullptr) take(true);
  if (sources.empty()) take(false);
  if (const auto& wanted = view.subject.wanted_source();
      sources.empty() && wanted && view.interface != nullptr) {
    sources.emplace(*wanted, view.interface->index);
  }
  std::vector<SourceEvidence> result;
  for (const auto& [source, ifindex] : sources) {
    // A packet may claim any source; nothing leads to one that is no host's.
    if (!source.is_unicast()) continue;
    result.push_back({.source = source,
                      .ifindex = ifindex,
                      .route_back = parts_.host.route_to(source, std::nullopt),
                      .accepted = parts_.host.accepts(view.subject.group, source, ifindex)});
  }
  return result;
}

}  // namespace mcast::findings
