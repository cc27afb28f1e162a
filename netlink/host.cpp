#include "netlink/host.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "netlink/proc/interfaces.h"
#include "netlink/rtnetlink/decode.h"
#include "netlink/rtnetlink/filter_decode.h"

namespace mcast::netlink {
namespace {

// What decode() makes of each message of an answer: a value, none, or several. Messages are
// of the type `expected`, or of the question's own; others are skipped.
template <typename T, typename Decoded>
Result<std::vector<T>> dump(Socket& socket, const std::vector<std::uint8_t>& question,
                            std::uint16_t expected, Result<Decoded> (*decode)(Bytes)) {
  const std::uint16_t asked = reinterpret_cast<const nlmsghdr*>(question.data())->nlmsg_type;
  std::vector<T> result;
  auto done = socket.dump(
      question, [&] { result.clear(); },
      [&](std::uint16_t type, Bytes payload) -> Result<void> {
        if (type != expected && type != asked) return {};
        auto decoded = decode(payload);
        if (!decoded) return std::unexpected(decoded.error());
        if constexpr (std::is_same_v<Decoded, std::vector<T>>) {
          std::ranges::move(*decoded, std::back_inserter(result));
        } else if constexpr (std::is_same_v<Decoded, std::optional<T>>) {
          if (*decoded) result.push_back(std::move(**decoded));
        } else {
          result.push_back(std::move(*decoded));
        }
        return {};
      });
  if (!done) return std::unexpected(done.error());
  return result;
}

// The route in the answer to a question for one; nullopt: there is none in it.
template <typename T>
Result<std::optional<T>> ask(Socket& socket, std::vector<std::uint8_t> question,
                             Result<T> (*decode)(Bytes)) {
  std::optional<T> result;
  auto asked =
      socket.ask(std::move(question), [&](std::uint16_t type, Bytes payload) -> Result<void> {
        if (type != RTM_NEWROUTE) return {};
        auto decoded = decode(payload);
        if (!decoded) return std::unexpected(decoded.error());
        result = std::move(*decoded);
        return {};
      });
  if (!asked) return std::unexpected(asked.error());
  return result;
}

// An error of a question, with what was asked.
std::unexpected<Error> about(const std::string& what, const Error& error) {
  return std::unexpected(Error{.message = what + ": " + error.message, .code = error.code});
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
  std::istringstream release(&name.release[0]);
  int major = 0;
  int minor = 0;
  char dot = 0;
  release >> major >> dot >> minor;
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
  auto result = dump<Link>(*socket_, encode_link_request(), RTM_NEWLINK, decode_link);
  // Kernels before 6.8 go through a hash table.
  if (result) std::ranges::sort(*result, {}, &Link::index);
  return result;
}

Result<std::vector<InterfaceAddress>> Host::addresses() {
  if (!socket_) return ipv4_addresses_by_ioctl();
  return dump<InterfaceAddress>(*socket_, encode_address_request(RTM_GETADDR, AF_UNSPEC),
                                RTM_NEWADDR, decode_address);
}

Result<Route> Host::route_to(const IpAddress& destination, const std::optional<IpAddress>& from,
                             int ifindex) {
  const bool by_socket =
      !socket_ && ifindex == 0 && destination.is_v4() && destination.is_multicast();
  if (!socket_ && !by_socket) return not_known("the route to " + destination.to_string() + " is");
  const auto route =
      by_socket ? route_by_socket(destination, from)
                : ask(*socket_, encode_route_request(destination, from, ifindex), decode_route);
  if (!route && (route.error().code == ENETUNREACH || route.error().code == EHOSTUNREACH)) {
    return std::unexpected(Error{.message = "no route to " + destination.to_string() +
                                            "; name an interface, or add a route to it",
                                 .code = ENETUNREACH});
  }
  if (!route) {
    return about(
        "the route to " + destination.to_string() + (from ? " from " + from->to_string() : ""),
        route.error());
  }
  if (!*route) return fail("netlink: no route in the answer for " + destination.to_string());
  return **route;
}

Result<std::vector<Membership>> Host::memberships(Family family) {
  if (!socket_) return not_known("memberships are");
  const bool v4 = family == Family::kIpv4;
  auto result =
      dump<Membership>(*socket_, encode_address_request(kGetMulticast, v4 ? AF_INET : AF_INET6),
                       kGetMulticast, decode_membership);
  if (!result) return result;
  // A kernel that does not know the question for IPv4 may answer with nothing or
  // for IPv6; one that does always has 224.0.0.1 on every interface that is up.
  std::erase_if(*result,
                [family](const Membership& entry) { return entry.group.family() != family; });
  if (v4 && result->empty()) return fail_errno("netlink: no IPv4 memberships", EOPNOTSUPP);
  std::ranges::sort(*result);
  return result;
}

Result<std::vector<FilterChain>> Host::packet_filter() {
  auto socket = Socket::open(0, NETLINK_NETFILTER);
  if (!socket) return about("the packet filter", socket.error());
  auto chains = dump<FilterChain>(*socket, encode_chain_request(), kNewChain, decode_chain);
  if (!chains) return about("the packet filter", chains.error());
  auto rules = dump<FilterRule>(*socket, encode_rule_request(), kNewRule, decode_rule);
  if (!rules) return about("the packet filter", rules.error());
  // The chains of a dormant table are not in force.
  const auto dormant = dump<FilterTable>(*socket, encode_table_request(), kNewTable, decode_table);
  if (!dormant) return about("the packet filter", dormant.error());
  std::erase_if(*chains, [&](const FilterChain& chain) {
    return std::ranges::find(*dormant, FilterTable{chain.family, chain.table, true}) !=
           dormant->end();
  });
  using Name = std::tuple<std::uint8_t, std::string_view, std::string_view>;
  std::map<Name, FilterChain*> by_name;
  for (FilterChain& chain : *chains) {
    by_name.emplace(Name(chain.family, chain.table, chain.name), &chain);
  }
  // A dump has the rules of a chain in their order.
  for (FilterRule& rule : *rules) {
    const auto chain = by_name.find(Name(rule.family, rule.table, rule.chain));
    if (chain != by_name.end()) chain->second->rules.push_back(std::move(rule));
  }
  return chains;
}

Result<std::vector<MulticastRoute>> Host::multicast_routes() {
  if (!socket_) return not_known("multicast routes are");
  std::vector<MulticastRoute> routes;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    auto of_family = dump<MulticastRoute>(*socket_, encode_multicast_route_request(family),
                                          RTM_NEWROUTE, decode_multicast_route);
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
  auto result = dump<Bridge>(*socket_, encode_link_request(), RTM_NEWLINK, decode_bridge);
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
  // The answer is of the type of the question; notifications are RTM_NEWMDB.
  auto result = dump<BridgeEntry>(*socket_, encode_bridge_entries_request(), RTM_NEWMDB,
                                  decode_bridge_entries);
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
  const auto accepted =
      ask(*socket_, encode_accepted_request(group, source, ifindex), decode_accepted);
  // EXDEV: the reverse path filter, before Linux 6.13.
  if (!accepted && (accepted.error().code == EINVAL || accepted.error().code == EXDEV)) {
    return false;
  }
  if (!accepted) return about(what(), accepted.error());
  if (!*accepted) return fail(what() + ": no route in the answer");
  return **accepted;
}

}  // namespace mcast::netlink
