#include "netlink/rtnetlink/decode.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/in_route.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "netlink/rtnetlink/attributes.h"

namespace mcast::netlink {

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
                          .prefix_length = header.ifa_prefixlen};
}

Result<Route> decode_route(Bytes message) {
  const auto header = header_of<rtmsg>(message);
  if (header.rtm_type == RTN_UNREACHABLE || header.rtm_type == RTN_PROHIBIT ||
      header.rtm_type == RTN_BLACKHOLE) {
    return fail_errno("netlink route", ENETUNREACH);
  }
  Route route;
  auto read =
      read_message<rtmsg>(message, "netlink route", value<std::int32_t>(RTA_OIF, route.ifindex),
                          address(RTA_PREFSRC, header.rtm_family, route.preferred_source),
                          address(RTA_GATEWAY, header.rtm_family, route.gateway));
  if (!read) return std::unexpected(read.error());
  if (route.ifindex <= 0) return fail("netlink route: no outgoing interface");
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

std::vector<std::uint8_t> encode_link_request() {
  return encode_request(RTM_GETLINK, ifinfomsg{});
}

std::vector<std::uint8_t> encode_address_request(std::uint16_t type, std::uint8_t family) {
  ifaddrmsg header{};
  header.ifa_family = family;
  return encode_request(type, header);
}

std::vector<std::uint8_t> encode_route_request(const IpAddress& destination,
                                               const std::optional<IpAddress>& from) {
  rtmsg header{};
  header.rtm_family = destination.is_v4() ? AF_INET : AF_INET6;
  header.rtm_dst_len = static_cast<std::uint8_t>(destination.bytes().size() * 8);
  if (!from) return encode_request(RTM_GETROUTE, header, {{RTA_DST, destination.bytes()}});
  header.rtm_src_len = header.rtm_dst_len;
  return encode_request(RTM_GETROUTE, header,
                        {{RTA_DST, destination.bytes()}, {RTA_SRC, from->bytes()}});
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
