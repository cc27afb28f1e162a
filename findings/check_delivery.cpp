#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "findings/checks.h"
#include "findings/firewall.h"
#include "findings/remedy.h"
#include "findings/router_commands.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

std::uint64_t packets_of(const Flows& flows) {
  std::uint64_t packets = 0;
  for (const netlink::WireFlow* flow : flows) packets += flow->packets;
  return packets;
}

}  // namespace

std::optional<Dropper> dropper_in(const SubjectView& view, FilteredPacket::Way way,
                                  const netlink::WireFlow& flow) {
  if (!view.host.filters) return std::nullopt;
  const int ifindex = bridge_or_self(view.host, flow.ifindex);
  // What was seen on a bridge came in on one of its ports, if it did not start here.
  const auto on_port = std::ranges::find_if(view.group_flows, [&](const auto* seen) {
    return seen->ifindex != ifindex && bridge_or_self(view.host, seen->ifindex) == ifindex &&
           seen->source == flow.source;
  });
  return dropper_of(
      *view.host.filters,
      {.way = way,
       .interface = link_name(view.host, ifindex),
       .bridge_port =
           on_port != view.group_flows.end() ? link_name(view.host, (*on_port)->ifindex) : "",
       .source = flow.source,
       .group = view.subject.group,
       .port = flow.destination_port});
}

namespace {

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
    return fine("this host forwards the group; if it also receives it, give --port");
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
  const bool v4 = view.family == Family::kIpv4;
  if (on_wire == 0) return unknown("no packet that should reach it was seen on " + name);
  // The routing code refuses it before a packet filter sees it: other checks say why.
  if (is_found(before, {Check::kNotJoined, Check::kReversePathFilter, Check::kNoRouteToSource})) {
    return unknown("it is dropped before it gets there");
  }
  const std::string seen = count_text(on_wire, "packet") + " came in on " + name + " in " +
                           seconds_text(host.watched) + ", none reached the socket";
  // What no host may have as its source (ip_route_input_mc() in net/ipv4/route.c, ip6_rcv_core()
  // in net/ipv6/ip6_input.c; of IPv6 the unspecified address passes).
  const auto is_martian = [](const netlink::WireFlow* flow) {
    constexpr auto kLoopback = IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    const IpAddress& source = flow->source;
    if (source == kLoopback) return true;
    return !source.is_unicast() && (source.is_v4() || !source.is_unspecified());
  };
  if (std::ranges::all_of(flows, is_martian)) {
    const std::string source = flows.front()->source.to_string();
    return found(seen + ", because " + source + " is no address that a host can send from",
                 "the kernel drops packets of such a source before any packet filter",
                 "at the sender: give its interface an address, and send from that");
  }
  // The kernel's own routing, asked for each source that came.
  const auto refuses = [&](const netlink::WireFlow* flow) {
    return std::ranges::any_of(view.evidence.sources, [&](const SourceEvidence& source) {
      return source.source == flow->source && source.accepted && !*source.accepted;
    });
  };
  if (std::ranges::all_of(flows, refuses)) {
    const IpAddress& source = flows.front()->source;
    const auto* const own = find_by(host.addresses, &netlink::InterfaceAddress::address, source);
    if (own != nullptr) {
      return found(seen + ", because " + source.to_string() + " is an address of this host, too",
                   "the kernel drops packets that claim to come from itself: two hosts have the "
                   "same address",
                   "ip address del " + source.to_string() + "/" +
                       std::to_string(own->prefix_length) + " dev " + word_of(host, own->ifindex));
    }
    return found(seen + ", because the kernel's routing refuses packets of " + source.to_string(),
                 "a rule or a route of this host refuses that source",
                 "ip rule show; ip route get " + view.subject.group.to_string() + " from " +
                     source.to_string() + " iif " + interface_word(place->name));
  }
  const Result<ProtocolCounters>& counters = counters_of(host, view.family);
  // The counter is of the whole host: it proves nothing unless there are enough of them.
  if (counters && counters->checksum_errors >= on_wire) {
    return found(seen + ", and " + count_text(counters->checksum_errors, "datagram") +
                     " had a wrong UDP checksum",
                 "the kernel drops datagrams whose checksum is wrong",
                 "find out where on the way it breaks; where a virtual interface of the sender "
                 "leaves it unfinished, on the sender: ethtool -K INTERFACE "
                 "tx-checksum-ip-generic off");
  }
  std::uint64_t malformed = 0;
  for (const netlink::WireFlow* flow : flows) {
    malformed += flow->bad_ip_checksum + flow->bad_udp_length;
  }
  if (malformed > 0) {
    return found(seen + ", and " + count_text(malformed, "packet") +
                     " had a wrong IP checksum or UDP length",
                 "the kernel drops packets whose headers are wrong",
                 "find out where on the way they break: capture at the sender and here, and "
                 "compare");
  }
  std::uint64_t fragments = 0;
  for (const netlink::WireFlow* flow : flows) fragments += flow->fragments;
  if (fragments > 0 && counters && counters->fragments > 0 && counters->reassembled == 0) {
    return found(seen + ": they are fragments, and no datagram could be put together of them",
                 "fragments are missing: something on the way drops those behind the first one, or "
                 "the first",
                 "send smaller datagrams, which need no fragments; or look for the packet filter "
                 "on the way that drops fragments");
  }
  const bool some_wrong = counters && counters->checksum_errors > 0;
  const auto dropper = dropper_in(view, FilteredPacket::Way::kIn, *flows.front());
  return found(
      seen +
          (some_wrong ? ", and " + count_text(counters->checksum_errors, "datagram") +
                            " of this host had a wrong checksum"
           : counters && !dropper ? ", and no checksum was wrong"
                                  : "") +
          (dropper ? "; " + dropper->seen : ""),
      dropper ? "a packet filter of this host drops them"
      : host.filters
          ? std::string("a packet filter of this host drops them, but none of nftables: ") +
                (v4 ? "ip" : "ip6") + "tables-legacy, or tc at the ingress of the interface"
          : "a packet filter of this host drops them (nftables, iptables), in prerouting "
            "or input",
      dropper        ? dropper->remedy
      : host.filters ? std::string(v4 ? "ip" : "ip6") + "tables-legacy -S; tc filter show dev " +
                           interface_word(place->name) + " ingress"
                     : "nft -a list ruleset, and delete the rule that drops it (iptables: "
                       "iptables -S)");
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
    return unknown("only other sources were seen, and this host forwards whatever arrives");
  }
  // A receiver of the other source is here, too: two senders that stand in for each other.
  const auto& other = *of_any_source.front();
  const auto joined = included_sources(host, other.ifindex, subject.group);
  if (flows.empty() && std::ranges::find(joined, other.source) != joined.end()) {
    return unknown("only " + source_of(host, other) + " was seen, which is joined, too");
  }
  if (flows.empty()) {
    const auto& first = *of_any_source.front();
    return found(group + " comes from " + source_of(host, first) + ", not from " +
                     address_on(host, *subject.wanted_source(), first.ifindex),
                 "a source-specific join only accepts the sources that it names",
                 change(subject, Setting::kSource, first.source.to_string()));
  }
  if (view.only_forwards) return fine("this host forwards whatever arrives");
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
    // Of a question that names no interface: where the packets arrive.
    Subject as_it_arrives = subject;
    if (as_it_arrives.interface.empty()) as_it_arrives.interface = view.name;
    return found(
        source_of(host, *first) + " sends to UDP port " + port + ", " +
            (subject.port
                 ? (view.joined.empty() ? "the question is about " : "the receiver listens on ") +
                       std::to_string(*subject.port)
                 : "and no socket that could get it is bound to that port"),
        "a socket only receives packets sent to its own port" +
            (subject.port ? ": receive on " + port + ", or send to " + std::to_string(*subject.port)
                          : ""),
        change(as_it_arrives, Setting::kPort, port));
  }
  if (subject.expects_probe_packets &&
      std::ranges::none_of(flows, [&](const netlink::WireFlow* flow) {
        return wanted(flow) && flow->signature_packets > 0;
      })) {
    // The socket counts exactly; on the wire several packets may be in one.
    const std::uint64_t packets =
        std::max(first->packets, view.evidence.arrived.value_or(std::uint64_t{0}));
    const double seconds = std::max(to_seconds(host.watched), 0.001);
    return found(count_text(packets, "packet") + " from " + source_of(host, *first) +
                     " arrived in " + seconds_text(host.watched) + " (" +
                     rate_text(static_cast<double>(packets) / seconds, "pps") + ", " +
                     rate_text(static_cast<double>(first->bytes) * 8 / seconds, "bps") +
                     "), but they are not mcast-send probes, so loss cannot be measured",
                 "the receiver measures the probes of mcast-send and mcast-agent and counts "
                 "other packets as foreign",
                 "send probes from there: mcast-send " + group + " --port " +
                     std::to_string(first->destination_port));
  }
  return fine(source_of(host, *first) + " sends " + group + " to port " +
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
  const std::string subject_again = again(view.subject);
  return found(count_text(*view.evidence.socket_drops, "datagram") +
                   " found the socket's buffer full " + "in " + seconds_text(host.watched),
               "the program reads more slowly than packets arrive; what does not fit is dropped",
               "sysctl -w net.core.rmem_max=67108864, and restart the receiver" +
                   (subject_again.empty() ? "" : ": " + subject_again));
}

Finding check_traffic(const SubjectView& view, const std::vector<Finding>& before) {
  const HostEvidence& host = view.host;
  const std::string what = stream_text(view.subject);
  if (view.has_arrived()) {
    return fine(count_text(*view.evidence.arrived, "packet") + " arrived in " +
                seconds_text(host.watched));
  }
  if (!host.flows) return unknown(host.flows.error().message);
  const netlink::Link* place = view.interface;
  const bool is_explained =
      std::ranges::any_of(before, [](const Finding& cause) { return is_found(cause); });
  Flows flows = view.flows;
  // What arrives elsewhere is no traffic for it, unless it is known why it arrives there.
  if (place != nullptr && !is_explained) {
    std::erase_if(flows, [&](const auto* flow) { return !is_at(host, flow->ifindex, *place); });
  }
  if (flows.empty() && is_explained) return unknown("something else was found that explains it");
  if (!flows.empty()) {
    return fine(count_text(packets_of(flows), "packet") + " came in on " +
                name_of(host, flows.front()->ifindex) + " in " + seconds_text(host.watched));
  }
  return found(
      "no packet to " + what + " was seen" + (place != nullptr ? " on " + view.name : "") + " in " +
          seconds_text(host.watched),
      std::string("nobody sends, or less often than that; or ") +
          (view.subject.group.is_never_routed()
               ? "the sender is on another link: no router forwards this group"
               : "a router or switch on the way does not forward it") +
          "; packets that this host sends out of another interface are not looped back to this one",
      "on the next router towards the source: mcast-status --why " +
          view.subject.group.to_string() +
          (view.subject.wanted_source() ? "," + view.subject.wanted_source()->to_string() : ""));
}

bool is_answered(const std::vector<Finding>& findings) {
  const bool sends = find_by(findings, &Finding::check, Check::kNotSent) != nullptr;
  const auto decides = [&](const Finding& finding) {
    return sends ? finding.check == Check::kNotSent
                 : finding.check == Check::kNoTraffic || finding.check == Check::kNotDelivered ||
                       finding.check == Check::kMulticastRoute;
  };
  return std::ranges::all_of(findings, [&](const Finding& finding) {
    return !decides(finding) || finding.verdict == Verdict::kFine;
  });
}

std::vector<Finding> examine(const SubjectView& view) {
  std::vector<Finding> findings;
  const auto add = [&](Check check, Finding finding) {
    finding.check = check;
    findings.push_back(std::move(finding));
  };
  add(Check::kInterfaceDown, check_interface(view));
  add(Check::kDad, check_dad(view));
  add(Check::kNotJoined, check_join(view));
  add(Check::kReversePathFilter, check_reverse_path_filter(view));
  add(Check::kNoRouteToSource, check_route_to_source(view));
  add(Check::kIgmpVersion, check_igmp_version(view));
  add(Check::kMldVersion, check_mld_version(view));
  add(Check::kQuerierInvalid, check_queries(view, findings));
  add(Check::kNoQuerier, check_querier(view));
  add(Check::kNoBridgeEntry, check_bridge_entry(view));
  add(Check::kNotDelivered, check_delivery(view, findings));
  add(Check::kTtlExpired, check_ttl(view));
  add(Check::kScope, check_scope(view));
  add(Check::kLinkLocalSource, check_link_local_source(view));
  add(Check::kMulticastRoute, check_multicast_route(view, findings));
  add(Check::kUnexpectedTraffic, check_expected_traffic(view));
  add(Check::kSocketOverflow, check_socket_buffer(view));
  add(Check::kNoTraffic, check_traffic(view, findings));
  for (Finding& finding : findings) {
    if (is_found(finding)) finding.router_commands = router_commands(finding.check, view.subject);
  }
  return findings;
}

}  // namespace mcast::findings
