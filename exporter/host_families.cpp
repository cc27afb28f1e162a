#include "exporter/families.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/address.h"

namespace mcast::exporter {
namespace {

LabelSet membership_labels(const std::string& interface, const IpAddress& group) {
  LabelSet labels;
  labels.add("family", to_string(group.family()))
      .add("interface", interface)
      .add("group", group.to_string());
  return labels;
}

}  // namespace

void add_socket_families(const std::vector<SocketSnapshot>& sockets, Families& families) {
  FamilyBuilder drops(families, Kind::kCounter, "mcast_socket_drops_total",
                      "Datagrams that the receive socket dropped because its buffer was full.");
  FamilyBuilder datagrams(families, Kind::kCounter, "mcast_socket_datagrams_total",
                          "Datagrams read from the receive socket.");
  FamilyBuilder unmatched(families, Kind::kCounter, "mcast_socket_unmatched_datagrams_total",
                          "Datagrams read that belong to no receiver.");
  for (const SocketSnapshot& socket : sockets) {
    LabelSet labels;
    labels.add("port", std::to_string(socket.port)).add("family", to_string(socket.family));
    drops.add(labels, socket.drops);
    datagrams.add(labels, socket.datagrams);
    unmatched.add(labels, socket.not_joined);
  }
}

void add_membership_families(const netlink::HostSnapshot& host, Families& families) {
  const netlink::InterfaceNames names(host.links);
  FamilyBuilder users(families, Kind::kGauge, "mcast_membership_users",
                      "Sockets, and the kernel itself, that hold the membership.");
  FamilyBuilder sources(families, Kind::kGauge, "mcast_membership_sources",
                        "Sources that sockets include in or exclude from the membership.");
  FamilyBuilder joins(families, Kind::kCounter, "mcast_membership_joins_total",
                      "Memberships that appeared since the agent started.");
  FamilyBuilder leaves(families, Kind::kCounter, "mcast_membership_leaves_total",
                       "Memberships that went away since the agent started.");

  // The maps fold entries that would come out as one series.
  using Key = std::pair<std::string, IpAddress>;
  std::map<Key, std::uint64_t> user_counts;
  for (const netlink::Membership& entry : host.memberships) {
    user_counts[{names.of(entry.ifindex), entry.group}] += entry.users;
  }
  for (const auto& [key, count] : user_counts) {
    users.add(membership_labels(key.first, key.second), count);
  }

  struct Modes {
    std::uint64_t include = 0;
    std::uint64_t exclude = 0;
  };
  std::map<Key, Modes> modes;
  for (const netlink::SourceFilter& filter : host.source_filters) {
    Modes& entry = modes[{names.of(filter.ifindex), filter.group}];
    if (filter.includes > 0) ++entry.include;
    if (filter.excludes > 0) ++entry.exclude;
  }
  for (const auto& [key, entry] : modes) {
    const LabelSet labels = membership_labels(key.first, key.second);
    sources.add(labels.with("mode", "include"), entry.include);
    sources.add(labels.with("mode", "exclude"), entry.exclude);
  }

  for (const netlink::HostSnapshot::MembershipChanges& change : host.changes) {
    LabelSet labels;
    labels.add("family", to_string(change.family)).add("interface", change.interface);
    joins.add(labels, change.joins);
    leaves.add(labels, change.leaves);
  }
}

void add_protocol_families(const netlink::HostSnapshot& host,
                           const std::vector<netlink::InterfaceActivity>& activities,
                           Families& families) {
  const netlink::InterfaceNames names(host.links);
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const bool is_v4 = family == Family::kIpv4;
    const std::string protocol(membership_protocol(family));
    const std::string prefix = is_v4 ? "mcast_igmp_" : "mcast_mld_";
    FamilyBuilder version(families, Kind::kGauge, prefix + "version",
                          protocol + " version that the interface uses at present.");
    FamilyBuilder forced(
        families, Kind::kGauge, prefix + "forced_version",
        protocol +
            (is_v4 ? " version that force_igmp_version" : " version that force_mld_version") +
            " sets; 0 when it sets none.");
    for (const netlink::ProtocolInterface& interface : host.protocols) {
      if (interface.family != family) continue;
      const LabelSet labels("interface", interface.name);
      if (interface.version > 0) version.add(labels, static_cast<double>(interface.version));
      forced.add(labels, static_cast<double>(interface.forced_version));
    }
    FamilyBuilder querier(
        families, Kind::kGauge, prefix + "querier_info",
        "The " + protocol + " querier that is present on the interface. Always 1.");
    FamilyBuilder queries(families, Kind::kCounter, prefix + "queries_total",
                          protocol + " queries seen on the interface.");
    FamilyBuilder last(families, Kind::kGauge, prefix + "last_query_timestamp_seconds",
                       "When the last " + protocol + " query was seen on the interface.");
    FamilyBuilder reports(families, Kind::kCounter, prefix + "reports_sent_total",
                          protocol + " reports that this host sent, by their version.");
    FamilyBuilder invalid(families, Kind::kCounter, prefix + "invalid_queries_total",
                          protocol + " queries that no host answers.");
    FamilyBuilder bad(families, Kind::kCounter, prefix + "undecodable_messages_total",
                      protocol + " messages that could not be decoded.");
    const std::size_t versions = is_v4 ? 3 : 2;
    for (const netlink::InterfaceActivity& activity : activities) {
      if (activity.family != family) continue;
      const LabelSet labels("interface", names.of(activity.ifindex));
      if (activity.querier) {
        querier.add(labels.with("querier", activity.querier->address.to_string())
                        .with("version", std::to_string(activity.querier->version)),
                    1.0);
      }
      queries.add(labels, activity.queries);
      if (activity.last_query) last.add(labels, to_seconds(activity.last_query->realtime));
      for (std::size_t i = 0; i < versions; ++i) {
        reports.add(labels.with("version", std::to_string(i + 1)), activity.reports_sent[i]);
      }
      // Of IGMP every query is answered.
      if (!is_v4) invalid.add(labels, activity.invalid_queries);
      bad.add(labels, activity.bad_messages);
    }
  }
}

void add_route_families(const netlink::HostSnapshot& host, Families& families) {
  const netlink::InterfaceNames names(host.links);
  FamilyBuilder packets(families, Kind::kCounter, "mcast_route_packets_total",
                        "Packets that arrived for the multicast route.");
  FamilyBuilder bytes(families, Kind::kCounter, "mcast_route_bytes_total",
                      "Bytes of these packets, with their IP headers.");
  FamilyBuilder wrong(families, Kind::kCounter, "mcast_route_wrong_interface_packets_total",
                      "Packets that arrived for the route on another interface than its own.");
  FamilyBuilder outputs(families, Kind::kGauge, "mcast_route_outgoing_interfaces",
                        "Interfaces that the route sends packets to.");
  for (const netlink::MulticastRoute& route : host.routes) {
    // One that waits for the routing daemon's answer has counted nothing yet.
    if (route.incoming == 0) continue;
    LabelSet labels;
    labels.add("source", route.source.is_unspecified() ? "*" : route.source.to_string())
        .add("group", route.group.to_string())
        .add("interface", names.of(route.incoming));
    packets.add(labels, route.packets);
    bytes.add(labels, route.bytes);
    wrong.add(labels, route.wrong_interface_packets);
    outputs.add(labels, static_cast<double>(route.outgoing.size()));
  }
}

void add_address_families(const netlink::HostSnapshot& host, Families& families) {
  const netlink::InterfaceNames names(host.links);
  FamilyBuilder info(families, Kind::kGauge, "mcast_agent_address_info",
                     "An address of this host, to find it by. Always 1.");
  // One address may stand on an interface with two prefix lengths.
  std::set<std::pair<std::string, IpAddress>> addresses;
  for (const netlink::InterfaceAddress& entry : host.addresses) {
    addresses.emplace(names.of(entry.ifindex), entry.address);
  }
  for (const auto& [interface, address] : addresses) {
    LabelSet labels;
    labels.add("address", address.to_string()).add("interface", interface);
    info.add(labels, 1.0);
  }
}

}  // namespace mcast::exporter
