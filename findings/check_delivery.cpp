#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "findings/checks.h"
#include "findings/host_view.h"

namespace mcast::findings {
namespace {

std::uint64_t packets_of(const std::vector<const netlink::WireFlow*>& flows) {
  std::uint64_t packets = 0;
  for (const netlink::WireFlow* flow : flows) packets += flow->packets;
  return packets;
}

// Those that the subject's socket should get, on the interface where it should.
std::vector<const netlink::WireFlow*> deliverable_flows(const Evidence& evidence,
                                                        const HostEvidence& host,
                                                        const netlink::Link& place) {
  auto flows = incoming_flows(evidence, host, place.index);
  std::erase_if(flows, [&](const netlink::WireFlow* flow) {
    return !is_wanted_port(evidence.subject, host, *flow);
  });
  return flows;
}

// A receiver of the other source is here, too: two senders that stand in for each other.
bool of_another_join(const netlink::WireFlow& flow, const Evidence& evidence,
                     const HostEvidence& host) {
  const auto included = included_sources(host, flow.ifindex, evidence.subject.group);
  return std::ranges::find(included, flow.source) != included.end();
}

bool is_found(const Finding& finding) {
  return finding.verdict == Verdict::kFound;
}

}  // namespace

Finding check_delivery(const Evidence& evidence, const HostEvidence& host) {
  constexpr Check kCheck = Check::kNotDelivered;
  const netlink::Link* place = place_of(evidence, host);
  if (place == nullptr) return unknown(kCheck, "no interface is known for it");
  if (only_forwards(evidence, host)) {
    return unknown(kCheck, "this host passes the group on; of a receiver here name the UDP port");
  }
  if (!is_joined(host, place->index, evidence.subject.group)) {
    return unknown(kCheck, "no socket of this host has joined it on " + printable(place->name));
  }
  if (!evidence.arrived) return unknown(kCheck, evidence.arrived.error().message);
  if (*evidence.arrived > 0) {
    return fine(kCheck, count_text(*evidence.arrived, "packet") + " reached the socket");
  }
  if (!host.flows) return unknown(kCheck, host.flows.error().message);
  const auto flows = deliverable_flows(evidence, host, *place);
  const std::uint64_t on_wire = packets_of(flows);
  const std::string name = printable(place->name);
  if (on_wire == 0) return unknown(kCheck, "no packet that should reach it was seen on " + name);
  // The routing code refuses it before a packet filter sees it: other checks say why.
  for (const Finding& cause :
       {check_join(evidence, host), check_reverse_path_filter(evidence, host),
        check_route_to_source(evidence, host)}) {
    if (is_found(cause)) return unknown(kCheck, "it is dropped before it gets there");
  }
  const std::string seen = count_text(on_wire, "packet") + " came in on " + name + " in " +
                           seconds_text(host.watched) + ", none reached the socket";
  // The kernel's own routing, asked for each source that came.
  const auto refuses = [&](const netlink::WireFlow* flow) {
    return std::ranges::any_of(evidence.sources, [&](const SourceEvidence& source) {
      return source.source == flow->source && source.accepted && !*source.accepted;
    });
  };
  if (std::ranges::all_of(flows, refuses)) {
    const IpAddress& source = flows.front()->source;
    return found(kCheck,
                 seen + ", because " +
                     (is_own_address(host, source)
                          ? source.to_string() + " is an address of this host, too"
                          : "the kernel's routing refuses packets of " + source.to_string()),
                 "the kernel drops what no other host can have sent, and what its rules refuse",
                 "ip route get " + evidence.subject.group.to_string() + " from " +
                     source.to_string() + " iif " + shell_word(place->name));
  }
  // The counter is of the whole host: it proves nothing unless there are enough of them.
  if (host.counters && host.counters->checksum_errors >= on_wire) {
    return found(kCheck,
                 seen + ", and " + count_text(host.counters->checksum_errors, "datagram") +
                     " had a wrong UDP checksum",
                 "the kernel drops datagrams whose checksum is wrong",
                 "find who breaks it on the way; where a virtual interface leaves it unfinished: "
                 "ethtool -K INTERFACE tx-checksum-ip-generic off at the sender");
  }
  std::uint64_t malformed = 0;
  for (const netlink::WireFlow* flow : flows) {
    malformed += flow->bad_ip_checksum + flow->bad_udp_length;
  }
  if (malformed > 0) {
    return found(kCheck,
                 seen + ", and " + count_text(malformed, "packet") +
                     " had a wrong IP checksum or UDP length",
                 "the kernel drops packets whose headers are wrong",
                 "find who breaks them on the way: capture at the sender and here, and compare");
  }
  const bool some_wrong = host.counters && host.counters->checksum_errors > 0;
  return found(
      kCheck,
      seen + (some_wrong ? ", and " + count_text(host.counters->checksum_errors, "datagram") +
                               " of this host had a wrong checksum"
              : host.counters ? ", and no checksum was wrong"
                              : ""),
      "a packet filter of this host drops it (nftables, iptables), in prerouting or input",
      "nft -a list ruleset, and delete the rule that drops it (iptables: iptables -S)");
}

Finding check_expected_traffic(const Evidence& evidence, const HostEvidence& host) {
  constexpr Check kCheck = Check::kUnexpectedTraffic;
  const Subject& subject = evidence.subject;
  if (!host.flows) return unknown(kCheck, host.flows.error().message);
  const netlink::Link* place = place_of(evidence, host);
  const int ifindex = place != nullptr ? place->index : 0;
  auto of_any_source = incoming_flows_of_any_source(evidence, host, ifindex);
  if (of_any_source.empty()) return unknown(kCheck, "nothing was seen to judge");
  const std::string group = subject.group.to_string();
  auto flows = incoming_flows(evidence, host, ifindex);
  if (flows.empty() && only_forwards(evidence, host)) {
    return unknown(kCheck, "only other sources were seen, and this host passes on what comes");
  }
  if (flows.empty() && of_another_join(*of_any_source.front(), evidence, host)) {
    return unknown(kCheck, "only " + of_any_source.front()->source.to_string() +
                               " was seen, which is joined, too");
  }
  if (flows.empty()) {
    const std::string source = of_any_source.front()->source.to_string();
    return found(
        kCheck,
        group + " comes from " + source + ", not from " + subject.wanted_source()->to_string(),
        "a source-specific join takes the sources that it names and no others",
        "mcast-receive " + group + " " + source);
  }
  if (only_forwards(evidence, host)) return fine(kCheck, "this host passes on what comes");
  if (!subject.port && joined_interfaces(host, subject.group).empty()) {
    return unknown(kCheck, "nobody here has joined the group: no port is expected");
  }
  // Fragments say nothing where their first one is there, too.
  if (std::ranges::any_of(flows, [](const auto* flow) { return flow->destination_port != 0; })) {
    std::erase_if(flows, [](const auto* flow) { return flow->destination_port == 0; });
  }
  const auto wanted = [&](const netlink::WireFlow* flow) {
    return is_wanted_port(subject, host, *flow);
  };
  const auto first_wanted = std::ranges::find_if(flows, wanted);
  const auto* const first = first_wanted == flows.end() ? flows.front() : *first_wanted;
  if (first_wanted == flows.end()) {
    const std::string port = std::to_string(first->destination_port);
    return found(kCheck,
                 first->source.to_string() + " sends to UDP port " + port + ", " +
                     (subject.port ? "the receiver listens on " + std::to_string(*subject.port)
                                   : "and no socket that could get it is bound to that port"),
                 "a socket gets what is sent to its own port alone",
                 "mcast-receive " + group + " --port " + port +
                     (subject.port ? ", or at the sender: mcast-send " + group + " --port " +
                                         std::to_string(*subject.port)
                                   : ""));
  }
  if (subject.expects_probe_packets &&
      std::ranges::none_of(flows, [&](const netlink::WireFlow* flow) {
        return wanted(flow) && flow->signature_packets > 0;
      })) {
    return found(kCheck,
                 first->source.to_string() + " sends " + count_text(first->packets, "packet") +
                     " in " + seconds_text(host.watched) + " that are not of mcast-send",
                 "the receiver measures packets of mcast-send and mcast-agent and rejects others "
                 "as foreign",
                 "mcast-send " + group + " at the sender");
  }
  return fine(kCheck, first->source.to_string() + " sends " + group + " to port " +
                          std::to_string(first->destination_port));
}

Finding check_socket_buffer(const Evidence& evidence, const HostEvidence& host) {
  constexpr Check kCheck = Check::kSocketOverflow;
  if (!evidence.socket_drops) return unknown(kCheck, evidence.socket_drops.error().message);
  if (*evidence.socket_drops == 0) return fine(kCheck, "no socket buffer overflowed");
  // Other groups may share the port; then it is their loss.
  const netlink::Link* place = place_of(evidence, host);
  const bool arrives = evidence.arrived && *evidence.arrived > 0;
  if (!arrives && (place == nullptr || deliverable_flows(evidence, host, *place).empty())) {
    return unknown(kCheck, "a socket on that port overflowed, but no packet of this group came");
  }
  return found(kCheck,
               count_text(*evidence.socket_drops, "datagram") + " found the socket's buffer full " +
                   "in " + seconds_text(host.watched),
               "the program reads more slowly than packets come; what does not fit is dropped",
               "sysctl -w net.core.rmem_max=67108864, and restart the receiver");
}

Finding check_traffic(const Evidence& evidence, const HostEvidence& host,
                      const std::vector<Finding>& others) {
  constexpr Check kCheck = Check::kNoTraffic;
  const std::string what = stream_text(evidence.subject);
  if (evidence.arrived && *evidence.arrived > 0) {
    return fine(kCheck, count_text(*evidence.arrived, "packet") + " arrived in " +
                            seconds_text(host.watched));
  }
  if (std::ranges::any_of(others, is_found)) {
    return unknown(kCheck, "something else was found that explains it");
  }
  if (!host.flows) return unknown(kCheck, host.flows.error().message);
  const netlink::Link* place = place_of(evidence, host);
  auto flows = incoming_flows(evidence, host);
  if (place != nullptr) {
    std::erase_if(flows, [&](const auto* flow) { return !is_at(host, flow->ifindex, *place); });
  }
  if (!flows.empty()) {
    return fine(kCheck, count_text(packets_of(flows), "packet") + " came in on " +
                            name_of(host, flows.front()->ifindex) + " in " +
                            seconds_text(host.watched));
  }
  return found(
      kCheck,
      "no packet to " + what + " was seen" +
          (place != nullptr ? " on " + printable(place->name) : "") + " in " +
          seconds_text(host.watched),
      "nobody sends, or sends less often; or a router or switch on the way does not pass it "
      "on; what this host itself sends elsewhere does not come back",
      "on the next router towards the source: mcast-status --why " +
          evidence.subject.group.to_string() +
          (evidence.subject.wanted_source() ? "," + evidence.subject.wanted_source()->to_string()
                                            : ""));
}

std::vector<Finding> examine(const Evidence& evidence, const HostEvidence& host) {
  std::vector<Finding> findings{check_interface(evidence, host),
                                check_join(evidence, host),
                                check_reverse_path_filter(evidence, host),
                                check_route_to_source(evidence, host),
                                check_igmp_version(evidence, host),
                                check_querier(evidence, host),
                                check_bridge_entry(evidence, host),
                                check_delivery(evidence, host),
                                check_ttl(evidence, host),
                                check_multicast_route(evidence, host),
                                check_expected_traffic(evidence, host),
                                check_socket_buffer(evidence, host)};
  findings.push_back(check_traffic(evidence, host, findings));
  return findings;
}

}  // namespace mcast::findings
