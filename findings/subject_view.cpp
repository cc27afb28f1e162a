#include "findings/subject_view.h"

#include <algorithm>

#include "base/text.h"

namespace mcast::findings {
namespace {

Flows incoming(const HostEvidence& host, const IpAddress& group) {
  Flows result;
  if (!host.flows) return result;
  for (const netlink::WireFlow& flow : *host.flows) {
    // A tagged packet is seen once more on its VLAN's interface, where it counts.
    if (!flow.outgoing && flow.vlan == 0 && flow.group == group) result.push_back(&flow);
  }
  return result;
}

std::vector<int> joined_interfaces(const HostEvidence& host, const IpAddress& group) {
  std::vector<int> result;
  // The loopback interface last: seldom is a group wanted only from there.
  for (const bool loopback : {false, true}) {
    for (const netlink::Membership& membership : host.memberships) {
      if (membership.group != group) continue;
      const netlink::Link* link = link_at(host, membership.ifindex);
      if ((link != nullptr && link->loopback) == loopback) result.push_back(membership.ifindex);
    }
  }
  return result;
}

const netlink::Link* ingress_of(const SubjectView& view) {
  const HostEvidence& host = view.host;
  if (const std::string& name = view.subject.interface; !name.empty()) {
    return find_by(host.links, &netlink::Link::name, name);
  }
  for (const netlink::WireFlow* flow : view.flows) {
    if (view.is_joined_on(flow->ifindex)) return link_at(host, flow->ifindex);
  }
  if (!view.joined.empty()) return link_at(host, view.joined.front());
  if (!view.flows.empty()) return link_at(host, view.flows.front()->ifindex);
  for (const netlink::MulticastRoute* route : view.routes) {
    if (route->incoming != 0) return link_at(host, route->incoming);
  }
  const auto& route = view.evidence.route_to_group;
  return route ? link_at(host, route->ifindex) : nullptr;
}

bool only_passes_on(const SubjectView& view) {
  // Whoever names a port means a socket of this host.
  if (!view.subject.stream.empty() || view.subject.port) return false;
  if (is_router(view.host, view.family)) return true;
  // A bridge of this host carries it from port to port.
  if (!view.joined.empty()) return false;
  const auto& entries = view.host.bridge_entries;
  if (entries && std::ranges::any_of(*entries, [&](const netlink::BridgeEntry& entry) {
        return entry.group == view.subject.group && entry.port != entry.bridge;
      })) {
    return true;
  }
  return std::ranges::any_of(view.group_flows, [&](const netlink::WireFlow* flow) {
    return bridge_or_self(view.host, flow->ifindex) != flow->ifindex;
  });
}

}  // namespace

SubjectView::SubjectView(const Evidence& subjects_own, const HostEvidence& whole_host)
    : evidence(subjects_own),
      host(whole_host),
      subject(evidence.subject),
      joined(joined_interfaces(host, subject.group)),
      group_flows(incoming(host, subject.group)),
      flows(group_flows),
      family(subject.group.family()) {
  const auto& wanted = subject.wanted_source();
  std::erase_if(flows, [&](const auto* flow) { return wanted && flow->source != *wanted; });
  if (host.routes) {
    for (const netlink::MulticastRoute& route : *host.routes) {
      if (route.group == subject.group && (!wanted || route.source == *wanted)) {
        routes.push_back(&route);
      }
    }
  }
  interface = ingress_of(*this);
  if (interface != nullptr) name = printable(interface->name);
  only_forwards = only_passes_on(*this);
}

bool SubjectView::takes_source(int ifindex, const IpAddress& source) const {
  const auto judged = std::ranges::find_if(evidence.sources, [&](const SourceEvidence& known) {
    return known.source == source && known.ifindex == ifindex && known.accepted;
  });
  const bool is_judged = judged != evidence.sources.end();
  if (is_judged && *judged->accepted) return true;
  std::uint32_t users = 0;
  for (const netlink::Membership& membership : host.memberships) {
    if (membership.ifindex == ifindex && membership.group == subject.group) {
      users += membership.users;
    }
  }
  std::uint64_t all_includes = 0;
  std::uint32_t most_includes = 0;
  for (const netlink::SourceFilter& filter : host.source_filters) {
    if (filter.ifindex != ifindex || filter.group != subject.group) continue;
    if (filter.source == source && filter.includes > 0) return true;
    all_includes += filter.includes;
    most_includes = std::max(most_includes, filter.includes);
  }
  // A socket without a filter is in no line: with more users than includes there is one.
  // One with several sources is in several lines, so the sum proves nothing by itself.
  if (users > all_includes) return true;
  return !is_judged && most_includes != users;
}

bool SubjectView::is_wanted_port(const netlink::WireFlow& flow) const {
  if (flow.destination_port == 0) return true;
  return subject.port ? flow.destination_port == *subject.port
                      : host.open_ports.contains(flow.destination_port);
}

Flows on_interface(Flows flows, int ifindex) {
  std::erase_if(flows, [&](const auto* flow) { return flow->ifindex != ifindex; });
  return flows;
}

const netlink::Link* link_at(const HostEvidence& host, int ifindex) {
  return find_by(host.links, &netlink::Link::index, ifindex);
}

int bridge_or_self(const HostEvidence& host, int ifindex) {
  const netlink::Link* link = link_at(host, ifindex);
  return link != nullptr && link->master != 0 ? link->master : ifindex;
}

bool is_at(const HostEvidence& host, int ifindex, const netlink::Link& interface) {
  return ifindex == interface.index || bridge_or_self(host, ifindex) == interface.index;
}

bool is_usable(const HostEvidence& host, const netlink::Link& link) {
  const bool has_any = find_by(host.addresses, &netlink::InterfaceAddress::ifindex, link.index);
  return link.up && link.carrier && (has_any || link.master != 0);
}

bool has_address(const HostEvidence& host, int ifindex, Family family) {
  return std::ranges::any_of(host.addresses, [&](const netlink::InterfaceAddress& address) {
    return address.ifindex == ifindex && address.address.family() == family;
  });
}

bool is_own_address(const HostEvidence& host, const IpAddress& address) {
  return find_by(host.addresses, &netlink::InterfaceAddress::address, address) != nullptr;
}

std::vector<IpAddress> included_sources(const HostEvidence& host, int ifindex,
                                        const IpAddress& group) {
  std::vector<IpAddress> result;
  for (const netlink::SourceFilter& filter : host.source_filters) {
    if (filter.ifindex == ifindex && filter.group == group && filter.includes > 0) {
      result.push_back(filter.source);
    }
  }
  return result;
}

const netlink::InterfaceActivity* heard_on(const HostEvidence& host, int ifindex, Family family) {
  return host.igmp_activity ? netlink::activity_on(*host.igmp_activity, ifindex, family) : nullptr;
}

const Result<ProtocolCounters>& counters_of(const HostEvidence& host, Family family) {
  return family == Family::kIpv4 ? host.counters : host.counters_ipv6;
}

bool forwards(const HostEvidence& host, int ifindex, Family family) {
  const auto settings = host.settings.find(ifindex);
  return settings != host.settings.end() && settings->second.forwards_multicast.contains(family);
}

bool is_router(const HostEvidence& host, Family family) {
  return std::ranges::any_of(host.settings, [&](const auto& entry) {
    return entry.second.forwards_multicast.contains(family);
  });
}

}  // namespace mcast::findings
