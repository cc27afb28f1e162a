#include "netlink/rtnetlink/decode.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/in_route.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <string>
#include <tuple>

#include "netlink/rtnetlink/attributes.h"

namespace mcast::netlink {
namespace {

constexpr std::string_view kBridge = "netlink bridge";
constexpr std::string_view kEntry = "netlink bridge entry";
constexpr std::uint8_t kInclude = 1;  // MCAST_INCLUDE, what MDBA_MDB_EATTR_GROUP_MODE holds

// MDBA_MDB_ENTRY_INFO: struct br_mdb_entry and MDBA_MDB_EATTR_* attributes.
Result<void> read_entry(int bridge, Bytes info, std::vector<BridgeEntry>& entries) {
  const auto fixed = header_of<br_mdb_entry>(info);
  const auto protocol = ntohs(fixed.addr.proto);
  const bool v4 = protocol == ETH_P_IP;
  const std::uint8_t family = v4 ? AF_INET : AF_INET6;
  BridgeEntry entry{.bridge = bridge,
                    .port = static_cast<int>(fixed.ifindex),
                    .group = {},
                    .source = std::nullopt,
                    .blocked = (fixed.flags & MDB_FLAGS_BLOCKED) != 0};
  std::uint8_t mode = 0;
  // Those of which the timer does not run are excluded.
  std::vector<std::pair<IpAddress, std::uint32_t>> sources_with_timers;
  const auto read_source = [&](Bytes source) -> Result<void> {
    std::optional<IpAddress> of_source;
    std::uint32_t timer = 0;
    auto read =
        read_attributes(source, kEntry, address(MDBA_MDB_SRCATTR_ADDRESS, family, of_source),
                        value<std::uint32_t>(MDBA_MDB_SRCATTR_TIMER, timer));
    if (read && of_source) sources_with_timers.emplace_back(*of_source, timer);
    return read;
  };
  if (info.size() >= sizeof fixed) {
    if (!v4 && protocol != ETH_P_IPV6) return {};
    const Bytes raw(reinterpret_cast<const std::uint8_t*>(&fixed.addr.u), v4 ? 4 : 16);
    entry.group = *IpAddress::from_bytes(raw);
    // A VXLAN device lists what is for no group, as one of all zeros, in the same dump.
    if (!entry.group.is_multicast()) return {};
  }
  auto read = read_message<br_mdb_entry>(
      info, kEntry, address(MDBA_MDB_EATTR_SOURCE, family, entry.source),
      value<std::uint8_t>(MDBA_MDB_EATTR_GROUP_MODE, mode),
      nested(MDBA_MDB_EATTR_SRC_LIST, each(MDBA_MDB_SRCLIST_ENTRY, read_source)));
  if (!read) return read;
  if (entry.port <= 0) return fail(std::string(kEntry) + ": no port");
  // br_multicast_flood() in net/bridge/br_forward.c passes over such a (*,G).
  if (entry.source || mode != kInclude) entries.push_back(entry);
  if (entry.source) return {};
  for (const auto& [source, timer] : sources_with_timers) {
    entry.source = source;
    entry.blocked = timer == 0;
    entries.push_back(entry);
  }
  return {};
}

constexpr std::string_view kMulticastRoute = "netlink multicast route";

// RTA_MULTIPATH: struct rtnexthop, whose rtnh_hops is the TTL threshold here.
Result<void> read_outputs(Bytes hops, std::vector<MulticastRoute::Output>& outputs) {
  outputs.clear();
  while (hops.size() >= sizeof(rtnexthop)) {
    const auto hop = load<rtnexthop>(hops);
    if (hop.rtnh_len < sizeof hop || hop.rtnh_len > hops.size()) {
      return fail(std::string(kMulticastRoute) + ": an output claims " +
                  std::to_string(hop.rtnh_len) + " bytes, " + std::to_string(hops.size()) +
                  " are there");
    }
    if (hop.rtnh_ifindex <= 0)
      return fail(std::string(kMulticastRoute) + ": an output without interface");
    outputs.push_back({.ifindex = hop.rtnh_ifindex, .ttl_threshold = hop.rtnh_hops});
    hops = hops.subspan(std::min<std::size_t>(hops.size(), RTNH_ALIGN(hop.rtnh_len)));
  }
  if (hops.empty()) return {};
  return fail(std::string(kMulticastRoute) + ": " + std::to_string(hops.size()) +
              " bytes left over behind its outputs");
}

}  // namespace

Result<Link> decode_link(Bytes message) {
  const auto header = header_of<ifinfomsg>(message);
  Link link{.index = header.ifi_index,
            .name = "",
            .up = (header.ifi_flags & IFF_UP) != 0,
            .carrier = (header.ifi_flags & IFF_LOWER_UP) != 0,
            .loopback = (header.ifi_flags & IFF_LOOPBACK) != 0,
            .multicast = (header.ifi_flags & IFF_MULTICAST) != 0};
  auto read = read_message<ifinfomsg>(
      message, "netlink link", text(IFLA_IFNAME, IFNAMSIZ, link.name),
      value<std::uint32_t>(IFLA_MTU, link.mtu), value<std::int32_t>(IFLA_MASTER, link.master),
      nested(IFLA_LINKINFO, text(IFLA_INFO_KIND, kLinkKindCapacity, link.kind)));
  if (!read) return std::unexpected(read.error());
  if (link.index <= 0 || link.name.empty()) return fail("netlink link: no index or no name");
  return link;
}

Result<InterfaceAddress> decode_address(Bytes message) {
  const auto header = header_of<ifaddrmsg>(message);
  // On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL ours; IPv6
  // has IFA_LOCAL only then.
  std::optional<IpAddress> local;
  std::optional<IpAddress> any;
  auto read = read_message<ifaddrmsg>(message, "netlink address",
                                      address(IFA_LOCAL, header.ifa_family, local),
                                      address(IFA_ADDRESS, header.ifa_family, any));
  if (!read) return std::unexpected(read.error());
  if (!local) local = any;
  if (!local || header.ifa_index == 0) return fail("netlink address: no address or no interface");
  return InterfaceAddress{.ifindex = static_cast<int>(header.ifa_index),
                          .address = *local,
                          .prefix_length = header.ifa_prefixlen,
                          .tentative = (header.ifa_flags & IFA_F_TENTATIVE) != 0 &&
                                       (header.ifa_flags & IFA_F_OPTIMISTIC) == 0,
                          .duplicate = (header.ifa_flags & IFA_F_DADFAILED) != 0};
}

Result<Route> decode_route(Bytes message) {
  const auto header = header_of<rtmsg>(message);
  if (header.rtm_type == RTN_UNREACHABLE || header.rtm_type == RTN_PROHIBIT ||
      header.rtm_type == RTN_BLACKHOLE) {
    return fail_errno("netlink route", ENETUNREACH);
  }
  Route route;
  rta_cacheinfo cached{};
  auto read =
      read_message<rtmsg>(message, "netlink route", value<std::int32_t>(RTA_OIF, route.ifindex),
                          address(RTA_PREFSRC, header.rtm_family, route.preferred_source),
                          address(RTA_GATEWAY, header.rtm_family, route.gateway),
                          nested(RTA_METRICS, value<std::uint32_t>(RTAX_MTU, route.mtu)),
                          value<rta_cacheinfo>(RTA_CACHEINFO, cached));
  if (!read) return std::unexpected(read.error());
  if (route.ifindex <= 0) return fail("netlink route: no outgoing interface");
  // In hundredths of a second (USER_HZ); below 0 of one that is over.
  if (route.mtu != 0 && cached.rta_expires > 0) {
    route.mtu_expires = (static_cast<std::uint32_t>(cached.rta_expires) + 99) / 100;
  }
  return route;
}

Result<Membership> decode_membership(Bytes message) {
  const auto header = header_of<ifaddrmsg>(message);
  std::optional<IpAddress> group;
  auto read = read_message<ifaddrmsg>(message, "netlink membership",
                                      address(IFA_MULTICAST, header.ifa_family, group));
  if (!read) return std::unexpected(read.error());
  if (!group || header.ifa_index == 0) {
    return fail("netlink membership: no group or no interface");
  }
  if (!group->is_multicast()) {
    return fail("netlink membership: " + group->to_string() + " is no group");
  }
  return Membership{.ifindex = static_cast<int>(header.ifa_index), .group = *group, .users = 0};
}

Result<bool> decode_accepted(Bytes message) {
  auto whole = read_message<rtmsg>(message, "netlink input route");
  if (!whole) return std::unexpected(whole.error());
  const auto header = header_of<rtmsg>(message);
  return header.rtm_type == RTN_MULTICAST && (header.rtm_flags & RTCF_LOCAL) != 0;
}

Result<std::optional<Bridge>> decode_bridge(Bytes message) {
  Bridge bridge;
  bridge.ifindex = header_of<ifinfomsg>(message).ifi_index;
  std::string kind;
  // What it means depends on the kind, which may come behind it.
  Bytes settings;
  auto read =
      read_message<ifinfomsg>(message, kBridge,
                              nested(IFLA_LINKINFO, text(IFLA_INFO_KIND, kLinkKindCapacity, kind),
                                     each(IFLA_INFO_DATA, [&](Bytes data) -> Result<void> {
                                       settings = data;
                                       return {};
                                     })));
  if (!read) return std::unexpected(read.error());
  if (kind != "bridge") return std::optional<Bridge>();
  if (bridge.ifindex <= 0) return fail(std::string(kBridge) + ": no index");
  const auto read_querier = [&](Bytes querier) {
    bridge.knows_querier = true;
    return read_attributes(
        querier, kBridge, address(BRIDGE_QUERIER_IP_ADDRESS, AF_INET, bridge.heard_querier),
        address(BRIDGE_QUERIER_IPV6_ADDRESS, AF_INET6, bridge.heard_mld_querier));
  };
  read = read_attributes(settings, kBridge,
                         value<std::uint8_t>(IFLA_BR_MCAST_SNOOPING, bridge.snooping),
                         value<std::uint8_t>(IFLA_BR_MCAST_QUERIER, bridge.querier),
                         each(IFLA_BR_MCAST_QUERIER_STATE, read_querier));
  if (!read) return std::unexpected(read.error());
  return bridge;
}

Result<std::vector<BridgeEntry>> decode_bridge_entries(Bytes message) {
  const auto bridge = static_cast<int>(header_of<br_port_msg>(message).ifindex);
  std::vector<BridgeEntry> entries;
  auto read = read_message<br_port_msg>(
      message, kEntry,
      nested(MDBA_MDB, nested(MDBA_MDB_ENTRY, each(MDBA_MDB_ENTRY_INFO, [&](Bytes info) {
                                return read_entry(bridge, info, entries);
                              }))));
  if (!read) return std::unexpected(read.error());
  if (bridge <= 0) return fail(std::string(kEntry) + ": no bridge");
  sort_bridge_entries(entries);
  return entries;
}

std::vector<std::uint8_t> encode_bridge_entries_request() {
  br_port_msg header{};
  header.family = PF_BRIDGE;
  return encode_request(RTM_GETMDB, header);
}

void sort_bridge_entries(std::vector<BridgeEntry>& entries) {
  std::ranges::sort(entries, {}, [](const BridgeEntry& entry) {
    return std::tie(entry.bridge, entry.group, entry.source, entry.port, entry.blocked);
  });
  const auto repeated = std::ranges::unique(entries);
  entries.erase(repeated.begin(), repeated.end());
}

Result<std::optional<MulticastRoute>> decode_multicast_route(Bytes message) {
  const auto header = header_of<rtmsg>(message);
  const bool v4 = header.rtm_family == RTNL_FAMILY_IPMR;
  if (message.size() >= sizeof header && !v4 && header.rtm_family != RTNL_FAMILY_IP6MR) {
    return std::optional<MulticastRoute>();
  }
  const std::uint8_t family = v4 ? AF_INET : AF_INET6;
  MulticastRoute route;
  std::optional<IpAddress> source;
  std::optional<IpAddress> group;
  rta_mfc_stats stats{};
  auto read = read_message<rtmsg>(
      message, kMulticastRoute, address(RTA_SRC, family, source), address(RTA_DST, family, group),
      value<std::int32_t>(RTA_IIF, route.incoming), value<rta_mfc_stats>(RTA_MFC_STATS, stats),
      each(RTA_MULTIPATH, [&](Bytes hops) { return read_outputs(hops, route.outgoing); }));
  if (!read) return std::unexpected(read.error());
  // The group of an entry for every group, which a proxy may install, is unspecified:
  // ipmr_mfc_add() in net/ipv4/ipmr.c.
  if (!source || !group || (!group->is_multicast() && !group->is_unspecified())) {
    return fail(std::string(kMulticastRoute) + ": no source or no group");
  }
  if ((header.rtm_flags & RTNH_F_UNRESOLVED) != 0) route.incoming = 0;
  if (route.incoming < 0) return fail(std::string(kMulticastRoute) + ": an interface below 0");
  route.source = *source;
  route.group = *group;
  route.packets = stats.mfcs_packets;
  route.bytes = stats.mfcs_bytes;
  route.wrong_interface_packets = stats.mfcs_wrong_if;
  return route;
}

std::vector<std::uint8_t> encode_multicast_route_request(Family family) {
  rtmsg header{};
  header.rtm_family = family == Family::kIpv4 ? RTNL_FAMILY_IPMR : RTNL_FAMILY_IP6MR;
  return encode_request(RTM_GETROUTE, header);
}

void sort_multicast_routes(std::vector<MulticastRoute>& routes) {
  const auto key = [](const MulticastRoute& route) {
    return std::tie(route.group, route.source, route.incoming);
  };
  std::ranges::sort(routes, {}, key);
  std::vector<MulticastRoute> merged;
  for (MulticastRoute& route : routes) {
    if (merged.empty() || key(merged.back()) != key(route)) {
      merged.push_back(std::move(route));
      continue;
    }
    MulticastRoute& before = merged.back();
    before.packets += route.packets;
    before.bytes += route.bytes;
    before.wrong_interface_packets += route.wrong_interface_packets;
    for (const MulticastRoute::Output& output : route.outgoing) {
      if (std::ranges::find(before.outgoing, output.ifindex, &MulticastRoute::Output::ifindex) ==
          before.outgoing.end()) {
        before.outgoing.push_back(output);
      }
    }
  }
  routes = std::move(merged);
}

std::vector<std::uint8_t> encode_link_request() {
  return encode_request(RTM_GETLINK, ifinfomsg{});
}

std::vector<std::uint8_t> encode_address_request(std::uint16_t type, std::uint8_t family) {
  ifaddrmsg header{};
  header.ifa_family = family;
  return encode_request(type, header);
}

std::vector<std::uint8_t> encode_route_request(const IpAddress& destination,
                                               const std::optional<IpAddress>& from, int ifindex) {
  rtmsg header{};
  header.rtm_family = destination.is_v4() ? AF_INET : AF_INET6;
  header.rtm_dst_len = static_cast<std::uint8_t>(destination.bytes().size() * 8);
  // Attributes that are not asked for have no bytes.
  const auto* const outgoing = reinterpret_cast<const std::uint8_t*>(&ifindex);
  if (from) header.rtm_src_len = header.rtm_dst_len;
  return encode_request(RTM_GETROUTE, header,
                        {{RTA_DST, destination.bytes()},
                         {RTA_SRC, from ? from->bytes() : Bytes()},
                         {RTA_OIF, ifindex != 0 ? Bytes(outgoing, sizeof ifindex) : Bytes()}});
}

std::vector<std::uint8_t> encode_accepted_request(const IpAddress& group, const IpAddress& source,
                                                  int ifindex) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_dst_len = 32;
  header.rtm_src_len = 32;
  const auto* const incoming = reinterpret_cast<const std::uint8_t*>(&ifindex);
  return encode_request(
      RTM_GETROUTE, header,
      {{RTA_DST, group.bytes()}, {RTA_SRC, source.bytes()}, {RTA_IIF, {incoming, sizeof ifindex}}});
}

}  // namespace mcast::netlink
