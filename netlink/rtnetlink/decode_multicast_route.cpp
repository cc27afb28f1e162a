#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "netlink/rtnetlink/attributes.h"
#include "netlink/rtnetlink/decode.h"

namespace mcast::netlink {
namespace {

constexpr std::string_view kWhat = "netlink multicast route";

// RTA_MULTIPATH: struct rtnexthop, whose rtnh_hops is the TTL threshold here.
Result<void> read_outputs(Bytes hops, std::vector<MulticastRoute::Output>& outputs) {
  outputs.clear();
  while (hops.size() >= sizeof(rtnexthop)) {
    const auto hop = load<rtnexthop>(hops);
    if (hop.rtnh_len < sizeof hop || hop.rtnh_len > hops.size()) {
      return fail(std::string(kWhat) + ": an output claims " + std::to_string(hop.rtnh_len) +
                  " bytes, " + std::to_string(hops.size()) + " are there");
    }
    if (hop.rtnh_ifindex <= 0) return fail(std::string(kWhat) + ": an output without interface");
    outputs.push_back({.ifindex = hop.rtnh_ifindex, .ttl_threshold = hop.rtnh_hops});
    hops = hops.subspan(std::min<std::size_t>(hops.size(), RTNH_ALIGN(hop.rtnh_len)));
  }
  if (hops.empty()) return {};
  return fail(std::string(kWhat) + ": " + std::to_string(hops.size()) +
              " bytes left over behind its outputs");
}

}  // namespace

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
      message, kWhat, address(RTA_SRC, family, source), address(RTA_DST, family, group),
      value<std::int32_t>(RTA_IIF, route.incoming), value<rta_mfc_stats>(RTA_MFC_STATS, stats),
      each(RTA_MULTIPATH, [&](Bytes hops) { return read_outputs(hops, route.outgoing); }));
  if (!read) return std::unexpected(read.error());
  // The group of an entry for every group, which a proxy may install, is unspecified:
  // ipmr_mfc_add() in net/ipv4/ipmr.c.
  if (!source || !group || (!group->is_multicast() && !group->is_unspecified())) {
    return fail(std::string(kWhat) + ": no source or no group");
  }
  if ((header.rtm_flags & RTNH_F_UNRESOLVED) != 0) route.incoming = 0;
  if (route.incoming < 0) return fail(std::string(kWhat) + ": an interface below 0");
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

}  // namespace mcast::netlink
