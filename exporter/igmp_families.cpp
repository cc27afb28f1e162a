#include "exporter/families.h"

#include <cstddef>
#include <string>

#include "exporter/interface_names.h"

namespace mcast::exporter {
namespace {

using Kind = FamilyBuilder::Kind;

}  // namespace

void add_igmp_families(const netlink::HostSnapshot& host, Families& families) {
  FamilyBuilder version(families, Kind::kGauge, "mcast_igmp_version",
                        "IGMP version that the interface uses at present.");
  FamilyBuilder forced(families, Kind::kGauge, "mcast_igmp_forced_version",
                       "IGMP version that force_igmp_version sets; 0 when it sets none.");
  for (const netlink::IgmpInterface& interface : host.igmp) {
    const LabelSet labels("interface", interface.name);
    if (interface.version > 0) version.add(labels, static_cast<double>(interface.version));
    forced.add(labels, static_cast<double>(interface.forced_version));
  }
}

void add_igmp_activity_families(const std::vector<netlink::IgmpInterfaceActivity>& igmp,
                                const netlink::HostSnapshot& host, Families& families) {
  const InterfaceNames names(host.links);
  FamilyBuilder querier(families, Kind::kGauge, "mcast_igmp_querier_info",
                        "The IGMP querier that is present on the interface. Always 1.");
  FamilyBuilder queries(families, Kind::kCounter, "mcast_igmp_queries_total",
                        "IGMP queries seen on the interface.");
  FamilyBuilder last(families, Kind::kGauge, "mcast_igmp_last_query_timestamp_seconds",
                     "When the last IGMP query was seen on the interface.");
  FamilyBuilder reports(families, Kind::kCounter, "mcast_igmp_reports_sent_total",
                        "IGMP reports that this host sent, by their version.");
  FamilyBuilder bad(families, Kind::kCounter, "mcast_igmp_undecodable_messages_total",
                    "IGMP messages that could not be decoded.");
  for (const netlink::IgmpInterfaceActivity& activity : igmp) {
    const LabelSet labels("interface", names.of(activity.ifindex));
    if (activity.querier) {
      querier.add(labels.with("querier", activity.querier->address.to_string())
                      .with("version", std::to_string(activity.querier->version)),
                  1.0);
    }
    queries.add(labels, activity.queries);
    if (activity.last_query) last.add(labels, to_seconds(activity.last_query->realtime));
    for (std::size_t i = 0; i < activity.reports_sent.size(); ++i) {
      reports.add(labels.with("version", std::to_string(i + 1)), activity.reports_sent[i]);
    }
    bad.add(labels, activity.bad_messages);
  }
}

void add_route_families(const netlink::HostSnapshot& host, Families& families) {
  const InterfaceNames names(host.links);
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

}  // namespace mcast::exporter
