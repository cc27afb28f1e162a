#include "netlink/host.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include "netlink/proc/interfaces.h"
#include "netlink/rtnetlink/constants.h"
#include "netlink/rtnetlink/decode.h"
#include "netlink/rtnetlink/decode_bridge.h"
#include "netlink/rtnetlink/decode_multicast_route.h"

namespace mcast::netlink {
namespace {

// Hands the messages of an answer that `is_expected` to `take`; others are skipped.
template <typename T, typename IsExpected, typename Take>
Result<std::vector<T>> dump(Socket& socket, std::uint16_t question, Bytes request,
                            IsExpected is_expected, Take take) {
  std::vector<T> result;
  auto done = socket.dump(
      question, request, [&] { result.clear(); },
      [&](std::uint16_t type, Bytes payload) -> Result<void> {
        if (!is_expected(type)) return {};
        return take(payload, result);
      });
  if (!done) return std::unexpected(done.error());
  return result;
}

// A message is one value.
template <typename T>
Result<std::vector<T>> dump(Socket& socket, std::uint16_t question, std::uint16_t expected,
                            Bytes request, Result<T> (*decode)(Bytes)) {
  return dump<T>(
      socket, question, request, [=](std::uint16_t type) { return type == expected; },
      [=](Bytes payload, std::vector<T>& result) -> Result<void> {
        auto value = decode(payload);
        if (!value) return std::unexpected(value.error());
        result.push_back(std::move(*value));
        return {};
      });
}

// A message is one value or about something else.
template <typename T>
Result<std::vector<T>> dump(Socket& socket, std::uint16_t question, std::uint16_t expected,
                            Bytes request, Result<std::optional<T>> (*decode)(Bytes)) {
  return dump<T>(
      socket, question, request, [=](std::uint16_t type) { return type == expected; },
      [=](Bytes payload, std::vector<T>& result) -> Result<void> {
        auto value = decode(payload);
        if (!value) return std::unexpected(value.error());
        if (*value) result.push_back(std::move(**value));
        return {};
      });
}

// What route_to() says where there is no way.
std::unexpected<Error> no_route_to(const IpAddress& destination) {
  return std::unexpected(Error{.message = "no route to " + destination.to_string() +
                                          "; name an interface, or add a route to it",
                               .code = ENETUNREACH});
}

// A group goes out where the source address is that the kernel chooses for it.
Result<Route> route_without_netlink(const IpAddress& group, const std::optional<IpAddress>& from) {
  const auto source = source_towards(group, from);
  if (!source) return std::unexpected(source.error());
  const auto addresses = ipv4_addresses_by_ioctl();
  if (!addresses) return std::unexpected(addresses.error());
  const auto owner = std::ranges::find(*addresses, *source, &InterfaceAddress::address);
  if (!*source || owner == addresses->end()) return no_route_to(group);
  return Route{.ifindex = owner->ifindex, .preferred_source = *source, .gateway = std::nullopt};
}

// A sandbox forbids the address family, or any socket of it.
bool is_forbidden(const Error& error) {
  return error.code == EAFNOSUPPORT || error.code == EPERM || error.code == EACCES;
}

// What the kernel says to a question that it has not been built for.
bool is_not_built_in(const Error& error) {
  return error.code == EOPNOTSUPP || error.code == EAFNOSUPPORT;
}

// IFLA_BR_MCAST_QUERIER_STATE came with Linux 5.16.
bool tells_bridge_queriers() {
  utsname name{};
  if (::uname(&name) != 0) return false;
  const std::string_view release(&name.release[0]);
  int major = 0;
  int minor = 0;
  const char* const end = release.data() + release.size();
  const auto [dot, major_error] = std::from_chars(release.data(), end, major);
  if (major_error != std::errc{} || dot == end || *dot != '.') return false;
  if (std::from_chars(dot + 1, end, minor).ec != std::errc{}) return false;
  return major > 5 || (major == 5 && minor >= 16);
}

}  // namespace

Result<Host> Host::open() {
  auto socket = Socket::open();
  if (socket) return Host(std::move(*socket));
  if (!is_forbidden(socket.error())) return std::unexpected(socket.error());
  return Host(std::nullopt, socket.error().message);
}

std::string Host::what_is_unknown() const {
  if (socket_) return {};
  return why_no_netlink_ +
         "; routes, bridges and what a router forwards are not known, and changes are seen up to "
         "a second later";
}

std::unexpected<Error> Host::not_known(const std::string& what) const {
  return std::unexpected(
      Error{.message = what + " not known: netlink is not available here (" + why_no_netlink_ + ")",
            .code = EOPNOTSUPP});
}

Result<std::vector<Link>> Host::links() {
  if (!socket_) return links_by_ioctl();
  auto result = dump<Link>(*socket_, RTM_GETLINK, RTM_NEWLINK, encode_link_request(), decode_link);
  // Kernels before 6.8 go through a hash table.
  if (result) std::ranges::sort(*result, {}, &Link::index);
  return result;
}

Result<std::vector<InterfaceAddress>> Host::addresses() {
  if (!socket_) return ipv4_addresses_by_ioctl();
  return dump<InterfaceAddress>(*socket_, RTM_GETADDR, RTM_NEWADDR,
                                encode_address_request(AF_UNSPEC), decode_address);
}

Result<Route> Host::route_to(const IpAddress& destination, const std::optional<IpAddress>& from) {
  if (!socket_) {
    if (destination.is_v4() && destination.is_multicast()) {
      return route_without_netlink(destination, from);
    }
    return not_known("the route to " + destination.to_string() + " is");
  }
  std::optional<Route> route;
  auto asked =
      socket_->ask(RTM_GETROUTE, encode_route_request(destination, from ? &*from : nullptr),
                   [&](std::uint16_t type, Bytes payload) -> Result<void> {
                     if (type != RTM_NEWROUTE) return {};
                     auto decoded = decode_route(payload);
                     if (!decoded) return std::unexpected(decoded.error());
                     route = *decoded;
                     return {};
                   });
  if (!asked && (asked.error().code == ENETUNREACH || asked.error().code == EHOSTUNREACH)) {
    return no_route_to(destination);
  }
  if (!asked) {
    return std::unexpected(Error{.message = "the route to " + destination.to_string() +
                                            (from ? " from " + from->to_string() : "") + ": " +
                                            asked.error().message,
                                 .code = asked.error().code});
  }
  if (!route) return fail("netlink: no route in the answer for " + destination.to_string());
  return *route;
}

Result<std::vector<Membership>> Host::memberships(Family family) {
  if (!socket_) return not_known("memberships are");
  const bool v4 = family == Family::kIpv4;
  auto result =
      dump<Membership>(*socket_, kGetMulticast, kGetMulticast,
                       encode_address_request(v4 ? AF_INET : AF_INET6), decode_membership);
  if (!result) return result;
  // A kernel that does not know the question for IPv4 may answer with nothing or
  // for IPv6; one that does always has 224.0.0.1 on every interface that is up.
  std::erase_if(*result,
                [family](const Membership& entry) { return entry.group.family() != family; });
  if (v4 && result->empty()) return fail_errno("netlink: no IPv4 memberships", EOPNOTSUPP);
  std::ranges::sort(*result);
  return result;
}

Result<std::vector<MulticastRoute>> Host::multicast_routes() {
  if (!socket_) return not_known("multicast routes are");
  std::vector<MulticastRoute> routes;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    auto of_family =
        dump<MulticastRoute>(*socket_, RTM_GETROUTE, RTM_NEWROUTE,
                             encode_multicast_route_request(family), decode_multicast_route);
    if (!of_family && is_not_built_in(of_family.error())) continue;
    if (!of_family) return of_family;
    // Nobody promises that the question for one family is not answered for both.
    std::erase_if(*of_family,
                  [family](const MulticastRoute& route) { return route.group.family() != family; });
    std::ranges::move(*of_family, std::back_inserter(routes));
  }
  sort_multicast_routes(routes);
  return routes;
}

Result<std::vector<Bridge>> Host::bridges() {
  if (!socket_) return not_known("bridges are");
  auto result =
      dump<Bridge>(*socket_, RTM_GETLINK, RTM_NEWLINK, encode_link_request(), decode_bridge);
  if (!result) return result;
  // Without a querier there is nothing to say and the attribute is missing, as it is in
  // an older kernel.
  if (tells_bridge_queriers()) {
    for (Bridge& bridge : *result) bridge.knows_querier = true;
  }
  std::ranges::sort(*result, {}, &Bridge::ifindex);
  return result;
}

Result<std::vector<BridgeEntry>> Host::bridge_entries() {
  if (!socket_) return not_known("what bridges have learnt is");
  auto result = dump<BridgeEntry>(
      *socket_, RTM_GETMDB, encode_bridge_entries_request(),
      // The answer is of the type of the question; notifications are RTM_NEWMDB.
      [](std::uint16_t type) { return type == RTM_GETMDB || type == RTM_NEWMDB; },
      [](Bytes payload, std::vector<BridgeEntry>& entries) -> Result<void> {
        auto more = decode_bridge_entries(payload);
        if (!more) return std::unexpected(more.error());
        std::ranges::move(*more, std::back_inserter(entries));
        return {};
      });
  // No bridge has been there yet, or the kernel has none that snoop.
  if (!result && is_not_built_in(result.error())) return std::vector<BridgeEntry>();
  if (result) sort_bridge_entries(*result);
  return result;
}

Result<bool> Host::accepts(const IpAddress& group, const IpAddress& source, int ifindex) {
  const auto what = [&] {
    return "whether " + group.to_string() + " from " + source.to_string() + " is accepted";
  };
  if (group.family() != source.family() || !group.is_multicast()) {
    return fail(what() + ": not a group and a source of one family");
  }
  if (!group.is_v4()) return fail_errno(what(), EOPNOTSUPP);
  // Without an interface the question is another one: for a packet of this host.
  if (ifindex <= 0) return fail_errno(what(), ENODEV);
  if (!socket_) return not_known(what() + " is");
  std::optional<bool> accepted;
  auto asked = socket_->ask(RTM_GETROUTE, encode_accepted_request(group, source, ifindex),
                            [&](std::uint16_t type, Bytes payload) -> Result<void> {
                              if (type != RTM_NEWROUTE) return {};
                              auto decoded = decode_accepted(payload);
                              if (!decoded) return std::unexpected(decoded.error());
                              accepted = *decoded;
                              return {};
                            });
  // EXDEV: the reverse path filter, before Linux 6.13.
  if (!asked && (asked.error().code == EINVAL || asked.error().code == EXDEV)) return false;
  if (!asked) {
    return std::unexpected(
        Error{.message = what() + ": " + asked.error().message, .code = asked.error().code});
  }
  if (!accepted) return fail(what() + ": no route in the answer");
  return *accepted;
}

}  // namespace mcast::netlink
