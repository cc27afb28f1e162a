#include <algorithm>
#include <string>

#include "findings/checks.h"
#include "findings/remedy.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

constexpr const char* kWiderScope =
    "send and receive a group of a wider scope: ff15:: or ff18:: in place of ff12::, ff05:: of "
    "ff02::";

// "ff12::1 is of link-local scope", "224.0.0.5 is link-local"
std::string scope_of(const IpAddress& group) {
  return group.to_string() + (group.is_v4()                  ? " is link-local"
                              : group.multicast_scope() == 1 ? " is of interface-local scope"
                                                             : " is of link-local scope");
}

std::string wider_scope(const IpAddress& group) {
  return group.is_v4() ? "send and receive a group of 239.0.0.0/8" : kWiderScope;
}

// Leaves no interface, and what comes in by one is dropped (ip6_finish_output2() in
// net/ipv6/ip6_output.c, ip6_rcv_core() in net/ipv6/ip6_input.c).
bool stays_on_host(const IpAddress& group) {
  return !group.is_v4() && group.multicast_scope() <= 1;
}

std::string wide_address(const HostEvidence& host, const netlink::Link* link) {
  for (const netlink::InterfaceAddress& each : host.addresses) {
    if (link != nullptr && each.ifindex == link->index && !each.address.is_v4() &&
        !each.address.is_link_local_unicast() && !each.tentative && !each.duplicate) {
      return each.address.to_string();
    }
  }
  return "";
}

}  // namespace

Finding check_scope(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const IpAddress& group = view.subject.group;
  if (!group.is_never_routed()) return fine("routers may forward " + group.to_string());
  const std::string scope = scope_of(group);
  const netlink::Link* place = view.interface;
  if (stays_on_host(group) && place != nullptr && !place->loopback) {
    return found(scope + ", and is expected on " + view.name,
                 "packets to it never leave an interface, and what another host sends is dropped",
                 wider_scope(group));
  }
  // A router's question. What this host has joined for itself is a well-known group.
  const bool is_transient = !group.is_v4() && (group.bytes()[1] & 0x10U) != 0;
  if (view.only_forwards && is_router(host, view.family) &&
      (!view.routes.empty() || (!view.flows.empty() && (is_transient || view.joined.empty())))) {
    return found(scope + (view.flows.empty()
                              ? ", and this router has a route for it"
                              : " and comes in on " + name_of(host, view.flows.front()->ifindex)),
                 "no router forwards such a group, whatever route it has", wider_scope(group));
  }
  for (const SourceEvidence& source : view.evidence.sources) {
    if (view.subject.wanted_source() != source.source || !source.route_back ||
        !source.route_back->gateway || !view.flows.empty()) {
      continue;
    }
    return found(scope + ", and " + source.source.to_string() + " is behind the router " +
                     address_on(host, *source.route_back->gateway, source.route_back->ifindex),
                 "no router forwards such a group", wider_scope(group));
  }
  return fine(scope + ": it stays on the link" + (view.name.empty() ? "" : " of " + view.name));
}

Finding check_link_local_source(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const IpAddress& group = view.subject.group;
  if (group.is_v4()) return fine(has_none(view.family));
  if (group.is_never_routed()) return fine(group.to_string() + " is for the link alone");
  constexpr const char* kMeaning =
      "routers do not forward a link-local source (RFC 4291 section 2.5.6); Linux does, others do "
      "not, and none finds a way back to it";
  constexpr const char* kRemedy =
      "at the sender: give its interface a global or unique local address, or send from it: "
      "mcast-send --source ADDRESS";
  if (view.only_forwards && is_router(host, view.family)) {
    for (const netlink::WireFlow* flow : view.flows) {
      if (!flow->source.is_link_local_unicast()) continue;
      return found("packets of " + source_of(host, *flow) + " come in on " +
                       name_of(host, flow->ifindex) + ", to be forwarded",
                   kMeaning, kRemedy);
    }
    return view.flows.empty() ? unknown("no packet was seen to judge")
                              : fine("the sources that were seen are not link-local");
  }
  const auto& wanted = view.subject.wanted_source();
  if (wanted && wanted->is_link_local_unicast() && view.flows.empty()) {
    return found("packets of " + with_zone(*wanted, view.name) +
                     " are expected, and none was seen on " + view.name,
                 kMeaning, kRemedy);
  }
  return fine("no packet of a router is expected from a link-local source");
}

Finding check_sending_scope(const Subject& subject) {
  const IpAddress& group = subject.group;
  if (!stays_on_host(group)) {
    return fine(group.is_never_routed() ? scope_of(group) + ": it stays on the link"
                                        : "routers may forward " + group.to_string());
  }
  return found(scope_of(group), "packets to it never leave an interface: only this host gets them",
               wider_scope(group));
}

Finding check_sending_source(const HostEvidence& host, const Subject& subject,
                             const netlink::Link* link) {
  const IpAddress& group = subject.group;
  const auto& source = subject.sending->address;
  if (group.is_v4()) return fine(has_none(group.family()));
  if (group.is_never_routed()) return fine(group.to_string() + " is for the link alone");
  if (!source) return unknown("its source address is not known");
  if (!source->is_link_local_unicast()) {
    return fine(source->to_string() + " is no link-local address");
  }
  if (subject.sending->ttl <= 1) return fine("with hop limit 1 it is for the link alone");
  const std::string address = wide_address(host, link);
  return found(group.to_string() + " is sent from " +
                   with_zone(*source, link != nullptr ? name_of(host, link->index) : ""),
               "routers do not forward a link-local source (RFC 4291 section 2.5.6): only "
               "receivers on the link get it",
               address.empty() ? "ip address add ADDRESS/64 dev " +
                                     (link != nullptr ? interface_word(link->name) : "INTERFACE") +
                                     ", with a global or unique local address, and start it again"
                               : change(subject, Setting::kSource, address));
}

}  // namespace mcast::findings
