#include "findings/examination.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "findings/arrivals.h"
#include "findings/checks.h"
#include "findings/wording.h"
#include "netlink/proc/proc_net.h"
#include "netlink/proc/sysctls.h"

namespace mcast::findings {
namespace {

// Sources of one group that are judged; of a group that has more, they tell enough.
constexpr std::size_t kMaxSources = 8;

Result<ProtocolCounters> read_counters(const std::filesystem::path& proc_root, Family family) {
  const bool v4 = family == Family::kIpv4;
  const auto udp = v4 ? netlink::read_table(proc_root / "net/snmp", netlink::parse_proc_snmp)
                      : netlink::read_table(proc_root / "net/snmp6", netlink::parse_proc_snmp6);
  if (!udp) return std::unexpected(udp.error());
  ProtocolCounters counters{.checksum_errors = udp->checksum_errors,
                            .fragments = udp->fragments,
                            .reassembled = udp->reassembled};
  if (!v4) return counters;
  const auto ip = netlink::read_table(proc_root / "net/netstat", netlink::parse_proc_netstat);
  if (!ip) return std::unexpected(ip.error());
  counters.reverse_path_drops = ip->reverse_path_filtered.value_or(0);
  return counters;
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

void ask_for_routes(netlink::Host& host, SenderEvidence& evidence,
                    const std::vector<netlink::Link>& links) {
  const Subject& subject = evidence.subject;
  const bool v4 = subject.group.is_v4();
  const auto* const link = find_by(links, &netlink::Link::name, subject.interface);
  if (subject.interface.empty()) {
    evidence.route_to_group = host.route_to(subject.group, subject.sending->address);
  } else if (!v4 && link != nullptr) {
    evidence.route_to_group = host.route_to(subject.group, std::nullopt, link->index);
  } else {
    evidence.route_to_group = fail("an interface is named");
  }
  if (v4 || !subject.sending->interface_chosen) return;
  // An address that is nobody's (2000::1): the default route leads there.
  const auto way_out = host.route_to(
      IpAddress::v6({0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), std::nullopt);
  if (way_out && way_out->gateway) evidence.gateway_ifindex = way_out->ifindex;
}

Examination::Examination(Parts parts, std::vector<Subject> subjects,
                         netlink::GroupWatch::Outgoing outgoing)
    : parts_(std::move(parts)),
      subjects_(std::move(subjects)),
      outgoing_(outgoing),
      started_(parts_.clock.monotonic()),
      watch_(netlink::GroupWatch::open(groups_of(subjects_), parts_.signature, outgoing)),
      routes_before_(parts_.host.multicast_routes()),
      counters_before_(read_counters(parts_.proc_root, Family::kIpv4)),
      counters_ipv6_before_(read_counters(parts_.proc_root, Family::kIpv6)) {
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
    SenderEvidence evidence{.subject = subject,
                            .route_to_group = fail("nobody asked for the route"),
                            .sent = fail("only its program knows")};
    ask_for_routes(parts_.host, evidence, host.links);
    // What a program that names no interface gets from the kernel; one that names the same cannot
    // be told from it. Its router is nobody's proof.
    const auto choice = parts_.host.route_to(subject.group, std::nullopt);
    evidence.subject.sending->interface_chosen =
        choice && link_name(host, choice->ifindex) == subject.interface;
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
    InterfaceSettings settings{.rp_filter =
                                   netlink::reverse_path_filter(parts_.proc_root, link.name)};
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      if (netlink::forwards_multicast(parts_.proc_root, link.name, family).value_or(false)) {
        settings.forwards_multicast.insert(family);
      }
    }
    host.settings.emplace(link.index, std::move(settings));
  }
  host.routes_before = routes_before_;
  host.routes = parts_.host.multicast_routes();
  host.bridges = parts_.host.bridges();
  host.bridge_entries = parts_.host.bridge_entries();

  host.now = parts_.clock.monotonic();
  host.watched = host.now - started_;
  if (watch_) host.flows = watch_->flows();
  if (!watch_) host.flows = std::unexpected(watch_.error());
  host.sees_outgoing = outgoing_ == netlink::GroupWatch::Outgoing::kSeen;
  auto [activity, igmp_watched] = parts_.igmp();
  host.igmp_activity = std::move(activity);
  host.igmp_watched = igmp_watched;

  host.counters = counted_since(counters_before_, Family::kIpv4);
  host.counters_ipv6 = counted_since(counters_ipv6_before_, Family::kIpv6);
  host.open_ports = open_ports(parts_.proc_root);
  // A large ruleset is read only where there is something that it may have dropped.
  const bool may_drop =
      (host.flows && !host.flows->empty()) || host.sees_outgoing ||
      (host.igmp_activity && std::ranges::any_of(*host.igmp_activity, [&](const auto& heard) {
         return heard.is_unanswered(host.now);
       }));
  if (may_drop) host.filters = parts_.host.packet_filter();
  return host;
}

Result<ProtocolCounters> Examination::counted_since(const Result<ProtocolCounters>& before,
                                                    Family family) const {
  auto now = read_counters(parts_.proc_root, family);
  if (!now || !before) return before ? now : before;
  for (const auto counter :
       {&ProtocolCounters::checksum_errors, &ProtocolCounters::reverse_path_drops,
        &ProtocolCounters::fragments, &ProtocolCounters::reassembled}) {
    (*now).*counter = growth((*before).*counter, (*now).*counter);
  }
  return now;
}

std::vector<Finding> Examination::judge(std::size_t subject, const HostEvidence& host) {
  Evidence evidence;
  evidence.subject = subjects_[subject];
  if (evidence.subject.sending) {
    SenderEvidence of_sender{.subject = std::move(evidence.subject),
                             .route_to_group = fail("nobody asked for the route"),
                             .sent = fail("only its program knows")};
    ask_for_routes(parts_.host, of_sender, host.links);
    return examine_sender(of_sender, host);
  }
  evidence.route_to_group = parts_.host.route_to(evidence.subject.group, std::nullopt);
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
