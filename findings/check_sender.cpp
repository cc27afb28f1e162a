#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "findings/checks.h"
#include "findings/remedy.h"
#include "findings/router_commands.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

// Fewer may be due between two looks at the wire.
constexpr double kEnoughPackets = 3;
// Of what should be sent; more may be missing without a word.
constexpr double kTolerance = 0.02;
constexpr double kToleranceOnWire = 0.05;

struct SenderView {
  const SenderEvidence& evidence;
  const HostEvidence& host;
  const Subject& subject = evidence.subject;
  const Sending& sending = *evidence.subject.sending;
  const netlink::Link* link = nullptr;
  std::string name = {};  // of the link, for sentences
  // What left by it, as far as the wire was watched.
  std::uint64_t left = 0;
  bool fragments = false;  // some of that were
  double due_on_wire = 0;
};

SenderView view_of(const SenderEvidence& evidence, const HostEvidence& host) {
  SenderView view{.evidence = evidence, .host = host};
  const Subject& subject = evidence.subject;
  if (!subject.interface.empty()) {
    view.link = find_by(host.links, &netlink::Link::name, subject.interface);
  } else if (evidence.route_to_group) {
    view.link = link_at(host, evidence.route_to_group->ifindex);
  }
  if (view.link == nullptr) return view;
  view.name = printable(view.link->name);
  view.due_on_wire = view.sending.packets_per_second * to_seconds(host.watched);
  if (!host.flows) return view;
  for (const netlink::WireFlow& flow : *host.flows) {
    const bool is_ours = flow.outgoing && flow.vlan == 0 && flow.group == subject.group &&
                         flow.ifindex == view.link->index &&
                         (!subject.port || flow.destination_port == *subject.port) &&
                         (!view.sending.address || flow.source == *view.sending.address);
    // A fast stream leaves in super-packets, which are one packet on this side of the card.
    // Those behind the first one do not say their port.
    view.fragments = view.fragments || (is_ours && flow.fragments > 0);
    if (is_ours) {
      view.left += view.sending.size > 0 ? std::max(flow.packets, flow.bytes / view.sending.size)
                                         : flow.packets;
    }
  }
  return view;
}

Finding check_sending_interface(const SenderView& view) {
  if (auto wrong = link_finding(view.host, view.subject, view.link)) return std::move(*wrong);
  if (view.link == nullptr) {
    return unknown("no interface is named and no route leads to " + view.subject.group.to_string());
  }
  return fine(view.name + " is up and has a carrier");
}

Finding check_route_to_group(const SenderView& view) {
  if (!view.subject.interface.empty()) return fine("an interface is known: no route is needed");
  const auto& route = view.evidence.route_to_group;
  const std::string group = view.subject.group.to_string();
  if (route) return fine("the route to " + group + " leaves by " + view.name);
  const netlink::Link* const only = only_usable_link(view.host);
  return found("no interface is named and there is no route to " + group,
               "the kernel does not know where to send the packets",
               only != nullptr ? change(view.subject, Setting::kInterface, only->name)
               : view.subject.group.is_v4()
                   ? "ip route add 224.0.0.0/4 dev INTERFACE"
                   : change(view.subject, Setting::kInterface, "INTERFACE"));
}

// What says that others of the group are behind an interface; "" where nothing does.
std::string members_behind(const SenderView& view, const netlink::Link& link) {
  const HostEvidence& host = view.host;
  const IpAddress& group = view.subject.group;
  const std::string name = printable(link.name);
  const auto* const heard = heard_on(host, link.index, group.family());
  if (heard != nullptr && heard->querier && !heard->querier->outgoing) {
    return "the querier " + with_zone(heard->querier->address, name) + " is behind " + name;
  }
  if (std::ranges::any_of(host.memberships, [&](const netlink::Membership& membership) {
        return membership.ifindex == link.index && membership.group == group;
      })) {
    return "the group is joined on " + name;
  }
  return view.evidence.gateway_ifindex == link.index ? "the router is behind " + name : "";
}

Finding check_egress(const SenderView& view) {
  const HostEvidence& host = view.host;
  if (view.link == nullptr) return unknown("no interface is known for it");
  if (!view.sending.interface_chosen) return fine("an interface is named, or there is no choice");
  std::vector<const netlink::Link*> others;
  for (const netlink::Link& link : host.links) {
    if (link.index != view.link->index && !link.loopback && link.multicast && link.master == 0 &&
        is_usable(host, link)) {
      others.push_back(&link);
    }
  }
  if (others.empty()) return fine("only " + view.name + " can send");
  if (const std::string here = members_behind(view, *view.link); !here.empty()) return fine(here);
  for (const netlink::Link* const link : others) {
    const std::string there = members_behind(view, *link);
    if (there.empty()) continue;
    return found("no interface is named, and the kernel chose " + view.name + "; " + there,
                 "packets leave by one interface, and members behind another one get none",
                 change(view.subject, Setting::kInterface, link->name));
  }
  return fine("nothing says that another interface than " + view.name + " is meant");
}

// The IP and UDP headers of a datagram.
constexpr std::size_t kIpv6AndUdp = 48;

Finding check_path_mtu(const SenderView& view) {
  const Family family = view.subject.group.family();
  // Their routers send no such answer for a group (RFC 1122 section 3.2.2), and fragment.
  if (family == Family::kIpv4) return fine(has_none(family));
  const auto& route = view.evidence.route_to_group;
  if (!route) return unknown(route.error().message);
  const std::uint32_t mtu = route->mtu;
  if (view.link == nullptr || mtu == 0 || (view.link->mtu != 0 && mtu >= view.link->mtu)) {
    return fine("the path MTU is that of " + (view.link != nullptr ? view.name : "the interface"));
  }
  const std::string text = std::to_string(mtu);
  if (view.sending.size > 0 && view.sending.size + kIpv6AndUdp <= mtu) {
    return fine("the path MTU is " + text + ", and packets fit");
  }
  if (view.sending.size == 0 && !view.fragments) {
    return fine("the path MTU is " + text + ", and no fragment was seen to leave");
  }
  const std::string room = std::to_string(mtu - std::min<std::uint32_t>(mtu, kIpv6AndUdp));
  return found(
      "the path MTU to " + view.subject.group.to_string() + " is " + text +
          (view.sending.size > 0
               ? ", and datagrams of " + std::to_string(view.sending.size) + " bytes are fragmented"
               : ", and packets leave in fragments") +
          (route->mtu_expires > 0
               ? "; " + view.name + " has " + std::to_string(view.link->mtu) +
                     ", a hop on the way said so (Packet Too Big), and it is believed for " +
                     std::to_string(route->mtu_expires) + " s more"
               : "; the route says so"),
      "one narrow hop to one receiver makes this host fragment for every receiver of the group, "
      "for 10 minutes each time",
      change(view.subject, Setting::kSize, room));
}

// The command that lets it out, where nftables keeps it in.
std::optional<Dropper> dropper_of(const SenderView& view) {
  if (!view.host.filters || view.link == nullptr) return std::nullopt;
  return findings::dropper_of(*view.host.filters,
                              {.way = FilteredPacket::Way::kOut,
                               .interface = view.link->name,
                               .source = view.sending.address,
                               .group = view.subject.group,
                               .port = view.subject.port.value_or(std::uint16_t{0})});
}

Finding filtered(const SenderView& view, const std::string& seen, const std::string& otherwise) {
  const auto dropper = dropper_of(view);
  return found(seen + (dropper ? "; " + dropper->seen : ""),
               dropper ? "a packet filter of this host drops them"
                       : "they are dropped between the socket and the wire: by a packet filter, by "
                         "tc, or by the driver",
               dropper ? dropper->remedy : otherwise);
}

Finding check_sent(const SenderView& view, const std::vector<Finding>& before) {
  if (is_found(before,
               {Check::kInterfaceDown, Check::kDad, Check::kScope, Check::kNoRouteToGroup})) {
    return unknown("something else was found that explains it");
  }
  if (!view.subject.failure.empty()) {
    return found("the sender could not start: " + printable(view.subject.failure, 300),
                 "nothing is sent; it is tried again every second", "ip address show");
  }
  const std::string watched = " in " + seconds_text(view.host.watched);
  if (view.left > 0) {
    return fine(count_text(view.left, "packet") + " left by " + view.name + watched);
  }
  const auto& sent = view.evidence.sent;
  if (sent && sent->packets == 0 && !sent->refused.empty()) {
    const auto& [error, number] = *sent->refused.begin();
    const std::string seen = "the kernel refused " + count_text(number, "packet") + " (" + error +
                             "), and no packet was sent in " + seconds_text(view.evidence.counted);
    if (error == "EPERM") return filtered(view, seen, "nft list ruleset");
    return found(seen, "nothing is sent", "ip route get " + view.subject.group.to_string());
  }
  if (view.host.sees_outgoing && view.host.flows && view.link != nullptr && !view.link->loopback) {
    if (view.due_on_wire < kEnoughPackets) {
      return unknown("too few packets are due" + watched + ": watch for longer (--for)");
    }
    return filtered(view, "no packet left by " + view.name + watched,
                    "tc -s qdisc show dev " + interface_word(view.link->name));
  }
  if (sent && sent->packets > 0) {
    return fine(count_text(sent->packets, "packet") + " sent in " +
                seconds_text(view.evidence.counted));
  }
  return unknown(view.host.flows ? "nobody knows what left" : view.host.flows.error().message);
}

Finding check_rate(const SenderView& view, const std::vector<Finding>& before) {
  const double rate = view.sending.packets_per_second;
  if (is_found(before, {Check::kInterfaceDown, Check::kDad, Check::kScope, Check::kNoRouteToGroup,
                        Check::kNotSent})) {
    return unknown("no packet leaves");
  }
  if (rate <= 0) return unknown("the rate that it should have is not known");
  const auto slow = [&](const std::string& seen, double reached) {
    return found(
        seen,
        "this host or its interface cannot keep up with " + rate_text(rate, "pps") +
            (view.sending.size > 0
                 ? ", " + rate_text(rate * static_cast<double>(view.sending.size) * 8, "bps")
                 : ""),
        change(
            view.subject, Setting::kRate,
            std::to_string(std::max<std::uint64_t>(1, static_cast<std::uint64_t>(reached * 0.95))) +
                "pps"));
  };
  if (view.evidence.sent) {
    const SentPackets& sent = *view.evidence.sent;
    std::uint64_t refused = 0;
    for (const auto& [error, number] : sent.refused) refused += number;
    const double missing = static_cast<double>(sent.skipped + refused);
    const double counted = static_cast<double>(sent.packets);
    if (missing > kEnoughPackets && missing > kTolerance * (missing + counted)) {
      return slow(count_text(sent.skipped + refused, "packet") + " of " +
                      std::to_string(sent.skipped + refused + sent.packets) + " were not sent in " +
                      seconds_text(view.evidence.counted) +
                      (sent.refused.empty()
                           ? ""
                           : ", " + std::to_string(refused) + " of them refused by the kernel (" +
                                 sent.refused.begin()->first + ")"),
                  counted / std::max(to_seconds(view.evidence.counted), 0.001));
    }
    return fine(rate_text(rate, "pps") + " are sent");
  }
  if (!view.host.sees_outgoing || !view.host.flows || view.due_on_wire < kEnoughPackets) {
    return unknown("too few packets were seen to judge");
  }
  const double left = static_cast<double>(view.left);
  const double reached = left / std::max(to_seconds(view.host.watched), 0.001);
  if (left < view.due_on_wire * (1 - kToleranceOnWire) - kEnoughPackets) {
    return slow(rate_text(reached, "pps") + " leave by " + view.name + ", where " +
                    rate_text(rate, "pps") + " should",
                reached);
  }
  return fine(rate_text(reached, "pps") + " leave");
}

}  // namespace

std::vector<Finding> examine_sender(const SenderEvidence& evidence, const HostEvidence& host) {
  const SenderView view = view_of(evidence, host);
  std::vector<Finding> findings;
  const auto add = [&](Check check, Finding finding) {
    finding.check = check;
    findings.push_back(std::move(finding));
  };
  add(Check::kInterfaceDown, check_sending_interface(view));
  add(Check::kDad, dad_finding(host, evidence.subject, view.link));
  add(Check::kScope, check_sending_scope(evidence.subject));
  add(Check::kLinkLocalSource, check_sending_source(host, evidence.subject, view.link));
  add(Check::kNoRouteToGroup, check_route_to_group(view));
  add(Check::kWrongEgress, check_egress(view));
  add(Check::kPathMtu, check_path_mtu(view));
  add(Check::kNotSent, check_sent(view, findings));
  add(Check::kRateNotReached, check_rate(view, findings));
  for (Finding& finding : findings) {
    if (is_found(finding)) {
      finding.router_commands = router_commands(finding.check, evidence.subject);
    }
  }
  return findings;
}

}  // namespace mcast::findings
