#include "netlink/rtnetlink/decode_multicast_route.h"

#include <linux/in_route.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace mcast::netlink {
namespace {

constexpr std::string_view kWhat = "netlink multicast route";

// RTA_MULTIPATH: struct rtnexthop, whose rtnh_hops is the TTL threshold here.
Result<std::vector<MulticastRoute::Output>> outputs_of(Bytes value) {
  std::vector<MulticastRoute::Output> outputs;
  while (value.size() >= sizeof(rtnexthop)) {
    const auto hop = load<rtnexthop>(value);
    if (hop.rtnh_len < sizeof hop || hop.rtnh_len > value.size()) {
      return fail(std::string(kWhat) + ": an output claims " + std::to_string(hop.rtnh_len) +
                  " bytes, " + std::to_string(value.size()) + " are there");
    }
    if (hop.rtnh_ifindex <= 0) return fail(std::string(kWhat) + ": an output without interface");
    outputs.push_back({.ifindex = hop.rtnh_ifindex, .ttl_threshold = hop.rtnh_hops});
    value = value.subspan(std::min<std::size_t>(value.size(), RTNH_ALIGN(hop.rtnh_len)));
  }
  if (!value.empty()) {
    return fail(std::string(kWhat) + ": " + std::to_string(value.size()) +
                " bytes left over behind its outputs");
  }
  return outputs;
}

}  // namespace

Result<std::optional<MulticastRoute>> decode_multicast_route(Bytes message) {
  const auto header = header_of<rtmsg>(message, kWhat);
  if (!header) return std::unexpected(header.error());
  const bool v4 = header->rtm_family == RTNL_FAMILY_IPMR;
  if (!v4 && header->rtm_family != RTNL_FAMILY_IP6MR) return std::optional<MulticastRoute>();
  const std::uint8_t family = v4 ? AF_INET : AF_INET6;
  MulticastRoute route;
  std::optional<IpAddress> source;
  std::optional<IpAddress> group;
  auto read = for_each_attribute(
      behind<rtmsg>(message), kWhat, [&](std::uint16_t type, Bytes value) -> Result<void> {
        if (type == RTA_SRC || type == RTA_DST) {
          auto parsed = address_of(value, family, kWhat);
          if (!parsed) return std::unexpected(parsed.error());
          (type == RTA_SRC ? source : group) = *parsed;
        } else if (type == RTA_IIF) {
          const auto index = value_of<std::int32_t>(value, "netlink multicast route: interface");
          if (!index) return std::unexpected(index.error());
          route.incoming = *index;
        } else if (type == RTA_MULTIPATH) {
          auto outputs = outputs_of(value);
          if (!outputs) return std::unexpected(outputs.error());
          route.outgoing = std::move(*outputs);
        } else if (type == RTA_MFC_STATS) {
          const auto stats =
              value_of<rta_mfc_stats>(value, "netlink multicast route: its counters");
          if (!stats) return std::unexpected(stats.error());
          route.packets = stats->mfcs_packets;
          route.bytes = stats->mfcs_bytes;
          route.wrong_interface_packets = stats->mfcs_wrong_if;
        }
        return {};
      });
  if (!read) return std::unexpected(read.error());
  // Of an entry for every group, which a proxy may install, the group is unspecified:
  // ipmr_mfc_add() in net/ipv4/ipmr.c.
  if (!source || !group || (!group->is_multicast() && !group->is_unspecified())) {
    return fail(std::string(kWhat) + ": no source or no group");
  }
  if ((header->rtm_flags & RTNH_F_UNRESOLVED) != 0) route.incoming = 0;
  if (route.incoming < 0) return fail(std::string(kWhat) + ": an interface below 0");
  route.source = *source;
  route.group = *group;
  return route;
}

std::vector<std::uint8_t> encode_multicast_route_request(Family family) {
  rtmsg header{};
  header.rtm_family = family == Family::kIpv4 ? RTNL_FAMILY_IPMR : RTNL_FAMILY_IP6MR;
  return bytes_of(header);
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

Result<bool> decode_accepted(Bytes message) {
  constexpr std::string_view kInput = "netlink input route";
  const auto header = header_of<rtmsg>(message, kInput);
  if (!header) return std::unexpected(header.error());
  auto whole = for_each_attribute(behind<rtmsg>(message), kInput,
                                  [](std::uint16_t, Bytes) -> Result<void> { return {}; });
  if (!whole) return std::unexpected(whole.error());
  return header->rtm_type == RTN_MULTICAST && (header->rtm_flags & RTCF_LOCAL) != 0;
}

std::vector<std::uint8_t> encode_accepted_request(const IpAddress& group, const IpAddress& source,
                                                  int ifindex) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_dst_len = 32;
  header.rtm_src_len = 32;
  auto message = bytes_of(header);
  append_attribute(message, RTA_DST, group.bytes());
  append_attribute(message, RTA_SRC, source.bytes());
  append_attribute(message, RTA_IIF, bytes_of(static_cast<std::int32_t>(ifindex)));
  return message;
}

}  // namespace mcast::netlink
