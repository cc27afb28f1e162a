#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/text.h"
#include "findings/checks.h"
#include "findings/host_view.h"

namespace mcast::findings {
namespace {

std::string names_of_outputs(const HostEvidence& host, const netlink::MulticastRoute& route) {
  std::vector<std::string> names;
  for (const auto& output : route.outgoing) names.push_back(name_of(host, output.ifindex));
  return list_text(names);
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

std::string route_command(const HostEvidence& host, const Evidence& evidence, int incoming) {
  const auto flows = incoming_flows(evidence, host, incoming);
  const std::string source = evidence.subject.source ? evidence.subject.source->to_string()
                             : !flows.empty()        ? flows.front()->source.to_string()
                                                     : "SOURCE";
  return "smcroutectl add " + name_of(host, incoming) + " " + source + " " +
         evidence.subject.group.to_string() + " OUTGOING-INTERFACE";
}

// The interface, other than the route's, that packets of its source come in on.
int arrives_instead(const netlink::MulticastRoute& route, const Evidence& evidence,
                    const HostEvidence& host) {
  for (const netlink::WireFlow* flow : incoming_flows(evidence, host)) {
    if (flow->ifindex != route.incoming &&
        (route.source.is_unspecified() || flow->source == route.source)) {
      return flow->ifindex;
    }
  }
  return 0;
}

bool arrives(const netlink::MulticastRoute& route, const Evidence& evidence,
             const HostEvidence& host) {
  return std::ranges::any_of(incoming_flows(evidence, host, route.incoming),
                             [&](const netlink::WireFlow* flow) {
                               return route.source.is_unspecified() || flow->source == route.source;
                             });
}

}  // namespace

Finding check_ttl(const Evidence& evidence, const HostEvidence& host) {
  constexpr Check kCheck = Check::kTtlExpired;
  if (!is_router(host)) return fine(kCheck, "no TTL ends here: this host is no multicast router");
  if (!host.routes) return unknown(kCheck, host.routes.error().message);
  if (!host.flows) return unknown(kCheck, host.flows.error().message);
  std::string seen;
  for (const netlink::MulticastRoute* route : routes_of(evidence, host)) {
    for (const netlink::WireFlow* flow : incoming_flows(evidence, host, route->incoming)) {
      if (!route->source.is_unspecified() && route->source != flow->source) continue;
      for (const auto& output : route->outgoing) {
        const std::string where = flow->source.to_string() + " come in on " +
                                  name_of(host, route->incoming) + " with TTL " +
                                  std::to_string(flow->highest_ttl);
        // A router sends on what has more than the interface's threshold, which is at
        // least 1 (ip_mr_forward() in net/ipv4/ipmr.c).
        if (flow->highest_ttl > std::max(1, output.ttl_threshold)) {
          seen = "packets of " + where;
          continue;
        }
        return found(kCheck,
                     "packets of " + where + ", and " + name_of(host, output.ifindex) +
                         " sends on what has more than " +
                         std::to_string(std::max(1, output.ttl_threshold)),
                     "each router takes 1 from the TTL and drops what has none left",
                     "send with a higher TTL: mcast-send " + evidence.subject.group.to_string() +
                         " --ttl 16");
      }
    }
  }
  if (seen.empty()) return unknown(kCheck, "no packet that this router would send on was seen");
  return fine(kCheck, seen);
}

Finding check_multicast_route(const Evidence& evidence, const HostEvidence& host) {
  constexpr Check kCheck = Check::kMulticastRoute;
  if (!is_router(host)) return fine(kCheck, "no route is needed: this host is no multicast router");
  if (!host.routes) return unknown(kCheck, host.routes.error().message);
  const auto routes = routes_of(evidence, host);
  const auto flows = incoming_flows(evidence, host);
  // A route of the group with the same source decides; (*,G) does where there is none.
  std::string seen;
  for (const netlink::MulticastRoute* route : routes) {
    const std::string incoming = name_of(host, route->incoming);
    if (route->incoming == 0) {
      const int arrives_on = flows.empty() ? 0 : flows.front()->ifindex;
      return found(kCheck,
                   "packets wait for a route for " + text_of(*route) +
                       (arrives_on != 0 ? "; they come in on " + name_of(host, arrives_on) : ""),
                   "the kernel asked the routing daemon for a route, and got none",
                   arrives_on != 0 ? route_command(host, evidence, arrives_on)
                                   : "smcroutectl show, or: vtysh -c 'show ip mroute'");
    }
    const Progress progress = progress_of(*route, host);
    const int instead = arrives_instead(*route, evidence, host);
    const bool all_wrong =
        progress.wrong_interface > 0 && progress.wrong_interface == progress.packets;
    if ((all_wrong || instead != 0) && !arrives(*route, evidence, host)) {
      return found(kCheck,
                   "the route for " + text_of(*route) + " expects packets on " + incoming +
                       (instead != 0 ? ", they come in on " + name_of(host, instead)
                                     : ", they come in elsewhere") +
                       (progress.wrong_interface > 0
                            ? " (" + count_text(progress.wrong_interface, "packet") +
                                  " on a wrong interface in " + seconds_text(host.watched) + ")"
                            : ""),
                   "a multicast router forwards only what comes in on the route's own interface",
                   instead != 0 ? route_command(host, evidence, instead)
                                : "smcroutectl show, or: vtysh -c 'show ip rpf ADDRESS'");
    }
    if (route->outgoing.empty()) {
      return found(kCheck,
                   text_of(*route) + " comes in on " + incoming + " and has no outgoing interface",
                   "the router has nobody to send it to: no receiver joined behind it, or the "
                   "route was set up without one",
                   route_command(host, evidence, route->incoming));
    }
    seen = text_of(*route) + " from " + incoming + " to " + names_of_outputs(host, *route);
  }
  if (!seen.empty()) return fine(kCheck, seen);
  const bool arrives_without_route = std::ranges::any_of(flows, [&](const netlink::WireFlow* flow) {
    const auto settings = host.settings.find(flow->ifindex);
    return settings != host.settings.end() && settings->second.forwards_multicast;
  });
  if (!arrives_without_route) {
    return unknown(kCheck, "this router has no route for the group, and no packet came that " +
                               std::string("needs one"));
  }
  const int ifindex = flows.front()->ifindex;
  return found(kCheck,
               evidence.subject.group.to_string() + " comes in on " + name_of(host, ifindex) +
                   ", and this router has no route for it",
               "a router forwards only groups that it has a route for",
               route_command(host, evidence, ifindex));
}

}  // namespace mcast::findings
