#include "netlink/rtnetlink/decode.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mcast::netlink {
namespace {

// IFLA_LINKINFO: of what kind it is; "" where it does not say.
Result<std::string> kind_of(Bytes link_info) {
  constexpr std::string_view kWhat = "netlink link: kind";
  // Longer than any of the kernel's, which has no bound of its own.
  constexpr std::size_t kCapacity = 64;
  std::string kind;
  auto read =
      for_each_attribute(link_info, kWhat, [&](std::uint16_t type, Bytes value) -> Result<void> {
        if (type != IFLA_INFO_KIND) return {};
        auto text = text_of(value, kCapacity, kWhat);
        if (!text) return std::unexpected(text.error());
        kind = std::move(*text);
        return {};
      });
  if (!read) return std::unexpected(read.error());
  return kind;
}

}  // namespace

Result<Link> decode_link(Bytes message) {
  constexpr std::string_view kWhat = "netlink link";
  const auto header = header_of<ifinfomsg>(message, kWhat);
  if (!header) return std::unexpected(header.error());
  Link link{.index = header->ifi_index,
            .name = "",
            .up = (header->ifi_flags & IFF_UP) != 0,
            .carrier = (header->ifi_flags & IFF_LOWER_UP) != 0,
            .loopback = (header->ifi_flags & IFF_LOOPBACK) != 0,
            .multicast = (header->ifi_flags & IFF_MULTICAST) != 0,
            .mtu = 0,
            .master = 0,
            .kind = ""};
  auto read = for_each_attribute(
      behind<ifinfomsg>(message), kWhat, [&](std::uint16_t type, Bytes value) -> Result<void> {
        if (type == IFLA_IFNAME) {
          auto name = text_of(value, IFNAMSIZ, "netlink link: a name");
          if (!name) return std::unexpected(name.error());
          link.name = std::move(*name);
        } else if (type == IFLA_MTU) {
          const auto mtu = value_of<std::uint32_t>(value, "netlink link: MTU");
          if (!mtu) return std::unexpected(mtu.error());
          link.mtu = *mtu;
        } else if (type == IFLA_MASTER) {
          const auto master = value_of<std::int32_t>(value, "netlink link: master");
          if (!master) return std::unexpected(master.error());
          link.master = *master;
        } else if (type == IFLA_LINKINFO) {
          auto kind = kind_of(value);
          if (!kind) return std::unexpected(kind.error());
          link.kind = std::move(*kind);
        }
        return {};
      });
  if (!read) return std::unexpected(read.error());
  if (link.index <= 0 || link.name.empty()) return fail("netlink link: no index or no name");
  return link;
}

Result<InterfaceAddress> decode_address(Bytes message) {
  constexpr std::string_view kWhat = "netlink address";
  const auto header = header_of<ifaddrmsg>(message, kWhat);
  if (!header) return std::unexpected(header.error());
  // On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL ours; IPv6
  // has IFA_LOCAL only then.
  std::optional<IpAddress> local;
  std::optional<IpAddress> any;
  auto read = for_each_attribute(behind<ifaddrmsg>(message), kWhat,
                                 [&](std::uint16_t type, Bytes value) -> Result<void> {
                                   if (type != IFA_LOCAL && type != IFA_ADDRESS) return {};
                                   auto parsed = address_of(value, header->ifa_family, kWhat);
                                   if (!parsed) return std::unexpected(parsed.error());
                                   (type == IFA_LOCAL ? local : any) = *parsed;
                                   return {};
                                 });
  if (!read) return std::unexpected(read.error());
  if (!local) local = any;
  if (!local || header->ifa_index == 0) return fail("netlink address: no address or no interface");
  return InterfaceAddress{.ifindex = static_cast<int>(header->ifa_index),
                          .address = *local,
                          .prefix_length = header->ifa_prefixlen};
}

Result<Route> decode_route(Bytes message) {
  constexpr std::string_view kWhat = "netlink route";
  const auto header = header_of<rtmsg>(message, kWhat);
  if (!header) return std::unexpected(header.error());
  if (header->rtm_type == RTN_UNREACHABLE || header->rtm_type == RTN_PROHIBIT ||
      header->rtm_type == RTN_BLACKHOLE) {
    return fail_errno("netlink route", ENETUNREACH);
  }
  Route route;
  auto read = for_each_attribute(
      behind<rtmsg>(message), kWhat, [&](std::uint16_t type, Bytes value) -> Result<void> {
        if (type == RTA_OIF) {
          const auto index = value_of<std::uint32_t>(value, "netlink route: interface");
          if (!index) return std::unexpected(index.error());
          route.ifindex = static_cast<int>(*index);
        } else if (type == RTA_PREFSRC || type == RTA_GATEWAY) {
          auto parsed = address_of(value, header->rtm_family, kWhat);
          if (!parsed) return std::unexpected(parsed.error());
          (type == RTA_PREFSRC ? route.preferred_source : route.gateway) = *parsed;
        }
        return {};
      });
  if (!read) return std::unexpected(read.error());
  if (route.ifindex <= 0) return fail("netlink route: no outgoing interface");
  return route;
}

Result<Membership> decode_membership(Bytes message) {
  constexpr std::string_view kWhat = "netlink membership";
  const auto header = header_of<ifaddrmsg>(message, kWhat);
  if (!header) return std::unexpected(header.error());
  std::optional<IpAddress> group;
  auto read = for_each_attribute(behind<ifaddrmsg>(message), kWhat,
                                 [&](std::uint16_t type, Bytes value) -> Result<void> {
                                   if (type != IFA_MULTICAST) return {};
                                   auto parsed = address_of(value, header->ifa_family, kWhat);
                                   if (!parsed) return std::unexpected(parsed.error());
                                   group = *parsed;
                                   return {};
                                 });
  if (!read) return std::unexpected(read.error());
  if (!group || header->ifa_index == 0) {
    return fail("netlink membership: no group or no interface");
  }
  if (!group->is_multicast()) {
    return fail("netlink membership: " + group->to_string() + " is no group");
  }
  return Membership{.ifindex = static_cast<int>(header->ifa_index), .group = *group, .users = 0};
}

std::vector<std::uint8_t> encode_link_request() {
  return bytes_of(ifinfomsg{});
}

std::vector<std::uint8_t> encode_address_request(std::uint8_t family) {
  ifaddrmsg header{};
  header.ifa_family = family;
  return bytes_of(header);
}

std::vector<std::uint8_t> encode_route_request(const IpAddress& destination,
                                               const IpAddress* from) {
  rtmsg header{};
  header.rtm_family = destination.is_v4() ? AF_INET : AF_INET6;
  const auto bits = static_cast<std::uint8_t>(destination.bytes().size() * 8);
  header.rtm_dst_len = bits;
  header.rtm_src_len = from != nullptr ? bits : std::uint8_t{0};
  auto message = bytes_of(header);
  append_attribute(message, RTA_DST, destination.bytes());
  if (from != nullptr) append_attribute(message, RTA_SRC, from->bytes());
  return message;
}

}  // namespace mcast::netlink
