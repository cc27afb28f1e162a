#include "netlink/decode.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcast::netlink {
namespace {

template <typename T>
T load(Bytes bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// Reads the fixed part at the front, `what` for the error.
template <typename T>
Result<T> header_of(Bytes message, std::string_view what) {
  if (message.size() < sizeof(T)) {
    return fail(std::string(what) + ": " + std::to_string(message.size()) +
                " bytes, too short for its header");
  }
  return load<T>(message);
}

// Calls on_attribute(type, value) for each attribute behind the fixed part. Bytes that
// are left over at the end are an error, as for the kernel's strict parser
// (NL_VALIDATE_TRAILING in lib/nlattr.c); the padding of the last attribute may be
// missing (nla_next()).
Result<void> for_each_attribute(
    Bytes attributes, std::string_view what,
    const std::function<Result<void>(std::uint16_t, Bytes)>& on_attribute) {
  while (attributes.size() >= sizeof(rtattr)) {
    const auto header = load<rtattr>(attributes);
    if (header.rta_len < sizeof header || header.rta_len > attributes.size()) {
      return fail(std::string(what) + ": attribute " + std::to_string(header.rta_type) +
                  " claims " + std::to_string(header.rta_len) + " bytes, " +
                  std::to_string(attributes.size()) + " are there");
    }
    const auto value = attributes.subspan(sizeof header, header.rta_len - sizeof header);
    const auto type = static_cast<std::uint16_t>(header.rta_type & NLA_TYPE_MASK);
    if (auto taken = on_attribute(type, value); !taken) return taken;
    attributes =
        attributes.subspan(std::min<std::size_t>(attributes.size(), RTA_ALIGN(header.rta_len)));
  }
  if (!attributes.empty()) {
    return fail(std::string(what) + ": " + std::to_string(attributes.size()) +
                " bytes left over behind its attributes");
  }
  return {};
}

Result<std::uint32_t> number(Bytes value, std::string_view what) {
  if (value.size() != sizeof(std::uint32_t)) {
    return fail(std::string(what) + ": a number of " + std::to_string(value.size()) + " bytes");
  }
  return load<std::uint32_t>(value);
}

// An address attribute, of the family that the message's header names.
Result<IpAddress> address(Bytes value, std::uint8_t family, std::string_view what) {
  const std::size_t expected = family == AF_INET ? 4 : 16;
  if ((family != AF_INET && family != AF_INET6) || value.size() != expected) {
    return fail(std::string(what) + ": an address of " + std::to_string(value.size()) +
                " bytes in family " + std::to_string(family));
  }
  return IpAddress::from_bytes(value);
}

template <typename T>
std::vector<std::uint8_t> bytes_of(const T& value) {
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

void append_address(std::vector<std::uint8_t>& message, std::uint16_t type,
                    const IpAddress& value) {
  rtattr header{};
  header.rta_type = type;
  header.rta_len = static_cast<std::uint16_t>(sizeof header + value.bytes().size());
  const auto bytes = bytes_of(header);
  message.insert(message.end(), bytes.begin(), bytes.end());
  message.insert(message.end(), value.bytes().begin(), value.bytes().end());
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
  auto read = for_each_attribute(message.subspan(NLMSG_ALIGN(sizeof(ifinfomsg))), kWhat,
                                 [&](std::uint16_t type, Bytes value) -> Result<void> {
                                   if (type == IFLA_IFNAME) {
                                     const auto end = std::ranges::find(value, 0);
                                     link.name.assign(value.begin(), end);
                                     if (end == value.end() || link.name.size() >= IFNAMSIZ) {
                                       return fail("netlink link: a name that does not end");
                                     }
                                   } else if (type == IFLA_MTU) {
                                     const auto mtu = number(value, "netlink link: MTU");
                                     if (!mtu) return std::unexpected(mtu.error());
                                     link.mtu = *mtu;
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
  auto read = for_each_attribute(message.subspan(NLMSG_ALIGN(sizeof(ifaddrmsg))), kWhat,
                                 [&](std::uint16_t type, Bytes value) -> Result<void> {
                                   if (type != IFA_LOCAL && type != IFA_ADDRESS) return {};
                                   auto parsed = address(value, header->ifa_family, kWhat);
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
      message.subspan(NLMSG_ALIGN(sizeof(rtmsg))), kWhat,
      [&](std::uint16_t type, Bytes value) -> Result<void> {
        if (type == RTA_OIF) {
          const auto index = number(value, "netlink route: interface");
          if (!index) return std::unexpected(index.error());
          route.ifindex = static_cast<int>(*index);
        } else if (type == RTA_PREFSRC || type == RTA_GATEWAY) {
          auto parsed = address(value, header->rtm_family, kWhat);
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
  auto read = for_each_attribute(message.subspan(NLMSG_ALIGN(sizeof(ifaddrmsg))), kWhat,
                                 [&](std::uint16_t type, Bytes value) -> Result<void> {
                                   if (type != IFA_MULTICAST) return {};
                                   auto parsed = address(value, header->ifa_family, kWhat);
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
  append_address(message, RTA_DST, destination);
  if (from != nullptr) append_address(message, RTA_SRC, *from);
  return message;
}

}  // namespace mcast::netlink
