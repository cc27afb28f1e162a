#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "findings/checks.h"
#include "findings/firewall.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

// Fewer may have come between two readings.
constexpr std::uint64_t kEnoughPackets = 3;

std::string names_of_outputs(const HostEvidence& host, const netlink::MulticastRoute& route) {
  return list_text(route.outgoing,
                   [&](const auto& output) { return name_of(host, output.ifindex); });
}

std::string text_of(const netlink::MulticastRoute& route) {
  return "(" + (route.source.is_unspecified() ? "*" : route.source.to_string()) + ", " +
         route.group.to_string() + ")";
}

// What the route counted while somebody watched.
struct Progress {
  std::uint64_t packets = 0;
  std::uint64_t wrong_interface = 0;
};
Progress progress_of(const netlink::MulticastRoute& route, const HostEvidence& host) {
  Progress progress{.packets = route.packets, .wrong_interface = route.wrong_interface_packets};
  if (!host.routes_before) return progress;
  for (const netlink::MulticastRoute& before : *host.routes_before) {
    if (before.source != route.source || before.group != route.group) continue;
    // A route that was set up anew counts from 0.
    if (before.packets > route.packets) break;
    progress.packets -= before.packets;
    progress.wrong_interface -= std::min(progress.wrong_interface, before.wrong_interface_packets);
  }
  return progress;
}

// For smcroute; with PIM somebody has to join.
std::string route_command(const SubjectView& view, int incoming,
                          const netlink::MulticastRoute* route = nullptr) {
  const auto flows = on_interface(view.flows, incoming);
  const auto& wanted = view.subject.wanted_source();
  const std::string source = route != nullptr && !route->source.is_unspecified()
                                 ? route->source.to_string()
                             : wanted         ? wanted->to_string()
                             : !flows.empty() ? flows.front()->source.to_string()
                                              : "SOURCE";
  return "with smcroute: smcroutectl add " + word_of(view.host, incoming) + " " + source + " " +
         view.subject.group.to_string() + " OUTGOING-INTERFACE; with PIM: join behind this router";
}

// What is asked about is not what this router passes on.
std::optional<Finding> not_a_routers(const SubjectView& view, const std::string& what) {
  const char* const why = !is_router(view.host, view.family) ? "this host is no multicast router"
                          : view.subject.group.is_never_routed()
                              ? "no router forwards link-local groups"
                          : !view.only_forwards ? "a receiver on the router itself is asked about"
                                                : nullptr;
  return why == nullptr ? std::nullopt : std::optional(fine(what + ": " + why));
}

bool can_send(const HostEvidence& host, int ifindex) {
  const netlink::Link* link = link_at(host, ifindex);
  // A tunnel of the routing daemon, say, may be in no list.
  return link == nullptr || (link->up && link->carrier);
}

// The interface, other than the route's, that packets of its source come in on.
int arrives_instead(const netlink::MulticastRoute& route, const SubjectView& view) {
  for (const netlink::WireFlow* flow : view.flows) {
    if (flow->ifindex != route.incoming &&
        (route.source.is_unspecified() || flow->source == route.source)) {
      return flow->ifindex;
    }
  }
  return 0;
}

// That came in where the route expects them.
std::uint64_t packets_on_wire(const netlink::MulticastRoute& route, const SubjectView& view) {
  std::uint64_t packets = 0;
  for (const netlink::WireFlow* flow : on_interface(view.flows, route.incoming)) {
    if (route.source.is_unspecified() || flow->source == route.source) packets += flow->packets;
  }
  return packets;
}

}  // namespace

Finding check_ttl(const SubjectView& view) {
  // Each before the number: the option of the command, and the key of the configuration.
  constexpr std::array kTtlWords{"--ttl ", " (mcast-agent: ttl: "};
  constexpr std::array kHopLimitWords{"--hop-limit ", " (mcast-agent: hop_limit: "};
  const HostEvidence& host = view.host;
  if (auto other = not_a_routers(view, "no TTL ends here")) return std::move(*other);
  if (!host.routes) return unknown(host.routes.error().message);
  if (!host.flows) return unknown(host.flows.error().message);
  std::string seen;
  for (const netlink::MulticastRoute* route : view.routes) {
    for (const netlink::WireFlow* flow : on_interface(view.flows, route->incoming)) {
      if (!route->source.is_unspecified() && route->source != flow->source) continue;
      for (const auto& output : route->outgoing) {
        const std::string hops = hops_word(view.family);
        const std::string where = source_of(host, *flow) + " come in on " +
                                  name_of(host, route->incoming) + " with " + hops + " " +
                                  std::to_string(flow->highest_ttl);
        const bool v4 = view.family == Family::kIpv4;
        const std::string enough = std::to_string(std::max(16, output.ttl_threshold + 1));
        // A router sends on what has more than the interface's threshold, which is at
        // least 1 (ip_mr_forward() in net/ipv4/ipmr.c).
        if (flow->highest_ttl > std::max(1, output.ttl_threshold)) {
          seen = "packets of " + where;
          continue;
        }
        std::string remedy = "at " + source_of(host, *flow) + ": start the sender with ";
        for (const auto* words : v4 ? kTtlWords : kHopLimitWords) {
          remedy += words;
          remedy += enough;
        }
        remedy += ')';
        return found("packets of " + where + ", and " + name_of(host, output.ifindex) +
                         (v4 ? " only forwards packets with a TTL above "
                             : " only forwards packets with a hop limit above ") +
                         std::to_string(std::max(1, output.ttl_threshold)),
                     v4 ? "each router decrements the TTL, and only forwards what is above the "
                          "threshold"
                        : "each router decrements the hop limit, and only forwards what is above "
                          "the threshold",
                     remedy);
      }
    }
  }
  if (seen.empty()) return unknown("no packet that this router would forward was seen");
  return fine(seen);
}

Finding check_multicast_route(const SubjectView& view, const std::vector<Finding>& before) {
  const HostEvidence& host = view.host;
  if (auto other = not_a_routers(view, "no route is needed")) return std::move(*other);
  if (is_found(before, {Check::kReversePathFilter, Check::kNoRouteToSource})) {
    return unknown("packets are dropped before they are routed");
  }
  if (!host.routes) return unknown(host.routes.error().message);
  const Flows& flows = view.flows;
  const std::string ip = view.family == Family::kIpv4 ? "ip" : "ipv6";
  // A route of the group with the same source decides; (*,G) does where there is none.
  std::string seen;
  for (const netlink::MulticastRoute* route : view.routes) {
    if (is_own_address(host, route->source)) {
      seen = "this host sends " + text_of(*route) + " itself";
      continue;
    }
    const std::string incoming = name_of(host, route->incoming);
    if (route->incoming == 0) {
      const int arrives_on = flows.empty() ? 0 : flows.front()->ifindex;
      return found("packets wait for a route for " + text_of(*route) +
                       (arrives_on != 0 ? "; they come in on " + name_of(host, arrives_on) : ""),
                   "the kernel asked the routing daemon for a route, and got none",
                   arrives_on != 0 ? route_command(view, arrives_on, route)
                                   : "smcroutectl show, or: vtysh -c 'show " + ip + " mroute'");
    }
    const Progress progress = progress_of(*route, host);
    const int instead = arrives_instead(*route, view);
    const bool all_wrong =
        progress.wrong_interface > 0 && progress.wrong_interface == progress.packets;
    if ((all_wrong || instead != 0) && packets_on_wire(*route, view) == 0) {
      return found("the route for " + text_of(*route) + " expects packets on " + incoming +
                       (instead != 0 ? ", they come in on " + name_of(host, instead)
                                     : ", they arrive on another interface") +
                       (progress.wrong_interface > 0
                            ? " (" + count_text(progress.wrong_interface, "packet") +
                                  " on a wrong interface in " + seconds_text(host.watched) + ")"
                            : ""),
                   "a multicast router forwards only what comes in on the route's own interface",
                   instead != 0 ? route_command(view, instead, route)
                                : "smcroutectl show, or: vtysh -c 'show " + ip + " rpf ADDRESS'");
    }
    if (route->outgoing.empty()) {
      return found(text_of(*route) + " comes in on " + incoming + " and has no outgoing interface",
                   "the router has nobody to send it to: no receiver joined behind it, or the "
                   "route was set up without one",
                   route_command(view, route->incoming, route));
    }
    if (std::ranges::none_of(route->outgoing,
                             [&](const auto& output) { return can_send(host, output.ifindex); })) {
      Subject leaving = view.subject;
      leaving.sending.emplace();
      const auto cause =
          link_finding(host, leaving, link_at(host, route->outgoing.front().ifindex));
      return found(text_of(*route) + " goes out by " + names_of_outputs(host, *route) +
                       ", which is down or has no carrier",
                   "the router cannot send on an interface that is down",
                   cause ? cause->remedy : "ip link show");
    }
    const std::uint64_t on_wire = packets_on_wire(*route, view);
    if (host.routes_before && progress.packets == 0 && on_wire >= kEnoughPackets) {
      const auto dropper = dropper_in(view, FilteredPacket::Way::kBeforeRouting,
                                      *on_interface(view.flows, route->incoming).front());
      return found(
          count_text(on_wire, "packet") + " of " + text_of(*route) + " came in on " + incoming +
              " in " + seconds_text(host.watched) + ", and the route counted none" +
              (dropper ? "; " + dropper->seen : ""),
          "a packet filter of this router drops them in prerouting, before they are "
          "routed",
          dropper ? dropper->remedy : "nft -a list ruleset, and delete the rule that drops them");
    }
    seen = text_of(*route) + " from " + incoming + " to " + names_of_outputs(host, *route);
  }
  if (!seen.empty()) return fine(seen);
  const bool arrives_without_route = std::ranges::any_of(flows, [&](const netlink::WireFlow* flow) {
    return forwards(host, flow->ifindex, view.family);
  });
  if (!arrives_without_route) {
    return unknown("this router has no route for the group, and no packet came that " +
                   std::string("needs one"));
  }
  const int ifindex = flows.front()->ifindex;
  return found(view.subject.group.to_string() + " comes in on " + name_of(host, ifindex) +
                   ", and this router has no route for it",
               "a router forwards only groups that it has a route for",
               route_command(view, ifindex));
}

}  // namespace mcast::findings
