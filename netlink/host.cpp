#include "netlink/host.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "netlink/constants.h"
#include "netlink/decode.h"

namespace mcast::netlink {
namespace {

// Collects the decoded messages of type `expected`; others in an answer are
// skipped.
template <typename T>
Result<std::vector<T>> dump(Socket& socket, std::uint16_t question, std::uint16_t expected,
                            Bytes request, Result<T> (*decode)(Bytes)) {
  std::vector<T> result;
  auto done = socket.dump(
      question, request, [&] { result.clear(); },
      [&](std::uint16_t type, Bytes payload) -> Result<void> {
        if (type != expected) return {};
        auto value = decode(payload);
        if (!value) return std::unexpected(value.error());
        result.push_back(std::move(*value));
        return {};
      });
  if (!done) return std::unexpected(done.error());
  return result;
}

}  // namespace

Result<Host> Host::open() {
  auto socket = Socket::open();
  if (!socket) return std::unexpected(socket.error());
  return Host(std::move(*socket));
}

Result<std::vector<Link>> Host::links() {
  return dump<Link>(socket_, RTM_GETLINK, RTM_NEWLINK, encode_link_request(), decode_link);
}

Result<std::vector<InterfaceAddress>> Host::addresses() {
  return dump<InterfaceAddress>(socket_, RTM_GETADDR, RTM_NEWADDR,
                                encode_address_request(AF_UNSPEC), decode_address);
}

Result<Route> Host::route_to(const IpAddress& destination, const std::optional<IpAddress>& from) {
  std::optional<Route> route;
  auto asked = socket_.ask(RTM_GETROUTE, encode_route_request(destination, from ? &*from : nullptr),
                           [&](std::uint16_t type, Bytes payload) -> Result<void> {
                             if (type != RTM_NEWROUTE) return {};
                             auto decoded = decode_route(payload);
                             if (!decoded) return std::unexpected(decoded.error());
                             route = *decoded;
                             return {};
                           });
  if (!asked && (asked.error().code == ENETUNREACH || asked.error().code == EHOSTUNREACH)) {
    return std::unexpected(Error{.message = "no route to " + destination.to_string() +
                                            "; name an interface, or add a route to it",
                                 .code = ENETUNREACH});
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
  const bool v4 = family == Family::kIpv4;
  auto result =
      dump<Membership>(socket_, kGetMulticast, kGetMulticast,
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

}  // namespace mcast::netlink
