#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "findings/checks.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

std::uint64_t packets_of(const Flows& flows) {
  std::uint64_t packets = 0;
  for (const netlink::WireFlow* flow : flows) packets += flow->packets;
  return packets;
}

// Those that the subject's socket should get, on the interface where it should.
Flows deliverable_flows(const SubjectView& view) {
  Flows flows = on_interface(view.flows, view.interface->index);
  std::erase_if(flows, [&](const auto* flow) { return !view.is_wanted_port(*flow); });
  return flows;
}

}  // namespace

Finding check_delivery(const SubjectView& view, const std::vector<Finding>& before) {
  const HostEvidence& host = view.host;
  const netlink::Link* place = view.interface;
  if (place == nullptr) return unknown("no interface is known for it");
  if (view.only_forwards) {
    return unknown("this host passes the group on; of a receiver here name the UDP port");
  }
  if (!view.is_joined_on(place->index)) {
    return unknown("no socket of this host has joined it on " + view.name);
  }
  if (!view.evidence.arrived) return unknown(view.evidence.arrived.error().message);
  if (*view.evidence.arrived > 0) {
    return fine(count_text(*view.evidence.arrived, "packet") + " reached the socket");
  }
  if (!host.flows) return unknown(host.flows.error().message);
  const Flows flows = deliverable_flows(view);
  const std::uint64_t on_wire = packets_of(flows);
  const std::string& name = view.name;
  if (on_wire == 0) return unknown("no packet that should reach it was seen on " + name);
  // The routing code refuses it before a packet filter sees it: other checks say why.
  if (is_found(before, {Check::kNotJoined, Check::kReversePathFilter, Check::kNoRouteToSource})) {
    return unknown("it is dropped before it gets there");
  }
  const std::string seen = count_text(on_wire, "packet") + " came in on " + name + " in " +
                           seconds_text(host.watched) + ", none reached the socket";
  // The kernel's own routing, asked for each source that came.
  const auto refuses = [&](const netlink::WireFlow* flow) {
    return std::ranges::any_of(view.evidence.sources, [&](const SourceEvidence& source) {
      return source.source == flow->source && source.accepted && !*source.accepted;
    });
  };
  if (std::ranges::all_of(flows, refuses)) {
    const IpAddress& source = flows.front()->source;
    return found(seen + ", because " +
                     (is_own_address(host, source)
                          ? source.to_string() + " is an address of this host, too"
                          : "the kernel's routing refuses packets of " + source.to_string()),
                 "the kernel drops what no other host can have sent, and what its rules refuse",
                 "ip route get " + view.subject.group.to_string() + " from " + source.to_string() +
                     " iif " + interface_word(place->name));
  }
  // The counter is of the whole host: it proves nothing unless there are enough of them.
  if (host.counters && host.counters->checksum_errors >= on_wire) {
    return found(seen + ", and " + count_text(host.counters->checksum_errors, "datagram") +
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
    return found(seen + ", and " + count_text(malformed, "packet") +
                     " had a wrong IP checksum or UDP length",
                 "the kernel drops packets whose headers are wrong",
                 "find who breaks them on the way: capture at the sender and here, and compare");
  }
  const bool some_wrong = host.counters && host.counters->checksum_errors > 0;
  return found(
      seen + (some_wrong ? ", and " + count_text(host.counters->checksum_errors, "datagram") +
                               " of this host had a wrong checksum"
              : host.counters ? ", and no checksum was wrong"
                              : ""),
      "a packet filter of this host drops it (nftables, iptables), in prerouting or input",
      "nft -a list ruleset, and delete the rule that drops it (iptables: iptables -S)");
}

Finding check_expected_traffic(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  if (!host.flows) return unknown(host.flows.error().message);
  const netlink::Link* place = view.interface;
  const auto here = [&](const Flows& flows) {
    return place != nullptr ? on_interface(flows, place->index) : flows;
  };
  const Flows of_any_source = here(view.group_flows);
  if (of_any_source.empty()) return unknown("nothing was seen to judge");
  const std::string group = subject.group.to_string();
  Flows flows = here(view.flows);
  if (flows.empty() && view.only_forwards) {
    return unknown("only other sources were seen, and this host passes on what comes");
  }
  // A receiver of the other source is here, too: two senders that stand in for each other.
  const auto& other = *of_any_source.front();
  const auto joined = included_sources(host, other.ifindex, subject.group);
  if (flows.empty() && std::ranges::find(joined, other.source) != joined.end()) {
    return unknown("only " + of_any_source.front()->source.to_string() +
                   " was seen, which is joined, too");
  }
  if (flows.empty()) {
    const std::string source = of_any_source.front()->source.to_string();
    return found(
        group + " comes from " + source + ", not from " + subject.wanted_source()->to_string(),
        "a source-specific join takes the sources that it names and no others",
        "mcast-receive " + group + " " + source);
  }
  if (view.only_forwards) return fine("this host passes on what comes");
  if (!subject.port && view.joined.empty()) {
    return unknown("nobody here has joined the group: no port is expected");
  }
  // Fragments say nothing where their first one is there, too.
  if (std::ranges::any_of(flows, [](const auto* flow) { return flow->destination_port != 0; })) {
    std::erase_if(flows, [](const auto* flow) { return flow->destination_port == 0; });
  }
  const auto wanted = [&](const netlink::WireFlow* flow) { return view.is_wanted_port(*flow); };
  const auto first_wanted = std::ranges::find_if(flows, wanted);
  const auto* const first = first_wanted == flows.end() ? flows.front() : *first_wanted;
  if (first_wanted == flows.end()) {
    const std::string port = std::to_string(first->destination_port);
    return found(first->source.to_string() + " sends to UDP port " + port + ", " +
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
    return found(first->source.to_string() + " sends " + count_text(first->packets, "packet") +
                     " in " + seconds_text(host.watched) + " that are not of mcast-send",
                 "the receiver measures packets of mcast-send and mcast-agent and rejects others "
                 "as foreign",
                 "mcast-send " + group + " at the sender");
  }
  return fine(first->source.to_string() + " sends " + group + " to port " +
              std::to_string(first->destination_port));
}

Finding check_socket_buffer(const SubjectView& view) {
  const HostEvidence& host = view.host;
  if (!view.evidence.socket_drops) return unknown(view.evidence.socket_drops.error().message);
  if (*view.evidence.socket_drops == 0) return fine("no socket buffer overflowed");
  // Other groups may share the port; then it is their loss.
  if (!view.has_arrived() && (view.interface == nullptr || deliverable_flows(view).empty())) {
    return unknown("a socket on that port overflowed, but no packet of this group came");
  }
  return found(count_text(*view.evidence.socket_drops, "datagram") +
                   " found the socket's buffer full " + "in " + seconds_text(host.watched),
               "the program reads more slowly than packets come; what does not fit is dropped",
               "sysctl -w net.core.rmem_max=67108864, and restart the receiver");
}

Finding check_traffic(const SubjectView& view, const std::vector<Finding>& before) {
  const HostEvidence& host = view.host;
  const std::string what = stream_text(view.subject);
  if (view.has_arrived()) {
    return fine(count_text(*view.evidence.arrived, "packet") + " arrived in " +
                seconds_text(host.watched));
  }
  if (std::ranges::any_of(before, [](const Finding& cause) { return is_found(cause); })) {
    return unknown("something else was found that explains it");
  }
  if (!host.flows) return unknown(host.flows.error().message);
  const netlink::Link* place = view.interface;
  Flows flows = view.flows;
  if (place != nullptr) {
    std::erase_if(flows, [&](const auto* flow) { return !is_at(host, flow->ifindex, *place); });
  }
  if (!flows.empty()) {
    return fine(count_text(packets_of(flows), "packet") + " came in on " +
                name_of(host, flows.front()->ifindex) + " in " + seconds_text(host.watched));
  }
  return found(
      "no packet to " + what + " was seen" + (place != nullptr ? " on " + view.name : "") + " in " +
          seconds_text(host.watched),
      "nobody sends, or sends less often; or a router or switch on the way does not pass it "
      "on; what this host itself sends elsewhere does not come back",
      "on the next router towards the source: mcast-status --why " +
          view.subject.group.to_string() +
          (view.subject.wanted_source() ? "," + view.subject.wanted_source()->to_string() : ""));
}

std::vector<Finding> examine(const SubjectView& view) {
  std::vector<Finding> findings;
  const auto add = [&](Check check, Finding finding) {
    finding.check = check;
    findings.push_back(std::move(finding));
  };
  add(Check::kInterfaceDown, check_interface(view));
  add(Check::kNotJoined, check_join(view));
  add(Check::kReversePathFilter, check_reverse_path_filter(view));
  add(Check::kNoRouteToSource, check_route_to_source(view));
  add(Check::kIgmpVersion, check_igmp_version(view));
  add(Check::kNoQuerier, check_querier(view));
  add(Check::kNoBridgeEntry, check_bridge_entry(view));
  add(Check::kNotDelivered, check_delivery(view, findings));
  add(Check::kTtlExpired, check_ttl(view));
  add(Check::kMulticastRoute, check_multicast_route(view, findings));
  add(Check::kUnexpectedTraffic, check_expected_traffic(view));
  add(Check::kSocketOverflow, check_socket_buffer(view));
  add(Check::kNoTraffic, check_traffic(view, findings));
  return findings;
}

}  // namespace mcast::findings
