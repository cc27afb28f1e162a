#include "netlink/proc/proc_host.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "netlink/proc/connected_source.h"
#include "netlink/proc/proc.h"
#include "netlink/proc/proc_files.h"
#include "netlink/proc/proc_interfaces.h"
#include "netlink/proc/proc_multicast_routes.h"
#include "netlink/proc/proc_routes.h"
#include "netlink/proc/sysfs_bridge.h"
#include "netlink/rtnetlink/decode_multicast_route.h"

namespace mcast::netlink {
namespace {

constexpr int kLoopbackIndex = 1;  // LOOPBACK_IFINDEX in include/net/flow.h

// A file parsed, with its name in the error of the parser.
template <typename T, typename Parse>
Result<T> read_parsed(const std::filesystem::path& path, Parse parse) {
  const auto text = read_proc_file(path);
  if (!text) return std::unexpected(text.error());
  Result<T> value = parse(*text);
  if (!value) {
    return std::unexpected(
        Error{.message = path.string() + ": " + value.error().message, .code = value.error().code});
  }
  return value;
}

// The same; a file that is not there is one that has nothing: no IPv6, no multicast
// routing.
template <typename T, typename Parse>
Result<T> read_if_there(const std::filesystem::path& path, Parse parse) {
  auto value = read_parsed<T>(path, parse);
  if (!value && value.error().code == ENOENT) return T{};
  return value;
}

// fe80::/10, and groups of one interface or one link: they mean nothing without saying on
// which.
bool needs_scope(const IpAddress& address) {
  if (address.is_v4()) return false;
  const auto bytes = address.bytes();
  if (address.is_multicast()) return (bytes[1] & 0x0FU) <= 2;
  return bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80U;
}

// 0: no interface has it.
int owner_of(const std::vector<InterfaceAddress>& addresses, const IpAddress& address) {
  const auto found = std::ranges::find(addresses, address, &InterfaceAddress::address);
  return found == addresses.end() ? 0 : found->ifindex;
}

bool has(const std::vector<InterfaceAddress>& addresses, int ifindex, const IpAddress& address) {
  return std::ranges::any_of(addresses, [&](const InterfaceAddress& own) {
    return own.ifindex == ifindex && own.address == address;
  });
}

}  // namespace

Result<std::vector<Link>> ProcHost::links() {
  const auto names = read_parsed<std::vector<std::string>>(proc_root_ / "net/dev", parse_proc_dev);
  if (!names) return std::unexpected(names.error());
  const auto ports = interfaces_.bridge_ports();
  if (!ports) return std::unexpected(ports.error());
  std::vector<Link> result;
  for (const std::string& name : *names) {
    auto link = interfaces_.link(name);
    if (!link) return std::unexpected(link.error());
    if (!*link) continue;
    const auto bridge = ports->bridge_of.find((*link)->index);
    if (bridge != ports->bridge_of.end()) (*link)->master = bridge->second;
    if (std::ranges::find(ports->bridges, (*link)->index) != ports->bridges.end()) {
      (*link)->kind = "bridge";
    }
    result.push_back(std::move(**link));
  }
  std::ranges::sort(result, {}, &Link::index);
  return result;
}

Result<std::vector<InterfaceAddress>> ProcHost::addresses() {
  auto result = interfaces_.ipv4_addresses();
  if (!result) return result;
  const auto v6 = read_if_there<std::vector<InterfaceAddress>>(proc_root_ / "net/if_inet6",
                                                               parse_proc_if_inet6);
  if (!v6) return v6;
  std::ranges::copy(*v6, std::back_inserter(*result));
  return result;
}

Result<Route> ProcHost::route_to(const IpAddress& destination,
                                 const std::optional<IpAddress>& from) {
  const auto own = addresses();
  if (!own) return std::unexpected(own.error());
  const bool is_scoped = needs_scope(destination) || (from && needs_scope(*from));
  const int scope = is_scoped && from ? owner_of(*own, *from) : 0;
  Route route;
  // Where the kernel would want to be told the interface, the table has to do.
  if (!is_scoped || scope != 0) {
    const auto source = connected_source(destination, from, scope);
    if (!source) return std::unexpected(source.error());
    route.preferred_source = *source;
  }
  if (owner_of(*own, destination) != 0 && !needs_scope(destination)) {
    route.ifindex = kLoopbackIndex;
    return route;
  }
  // The kernel sends to a group where the source address is, if it is told one:
  // ip_route_output_key_hash_rcu() in net/ipv4/route.c.
  if (from && destination.is_v4() && destination.is_multicast()) {
    route.ifindex = owner_of(*own, *from);
    if (route.ifindex == 0) return std::unexpected(no_route_to(destination));
    return route;
  }
  const auto table =
      destination.is_v4()
          ? read_parsed<std::vector<TableRoute>>(proc_root_ / "net/route", parse_proc_route)
          : read_if_there<std::vector<TableRoute>>(proc_root_ / "net/ipv6_route",
                                                   parse_proc_ipv6_route);
  if (!table) return std::unexpected(table.error());
  for (const TableRoute& entry : best_routes(*table, destination)) {
    const auto link = interfaces_.link(entry.interface);
    if (!link) return std::unexpected(link.error());
    if (!*link) continue;
    const int index = (*link)->index;
    const bool has_source = route.preferred_source && has(*own, index, *route.preferred_source);
    if (route.ifindex != 0 && !has_source) continue;
    route.ifindex = index;
    route.gateway = entry.gateway;
    if (has_source) break;
  }
  if (route.ifindex == 0 && route.preferred_source) {
    route.ifindex = owner_of(*own, *route.preferred_source);
  }
  if (route.ifindex == 0) return std::unexpected(no_route_to(destination));
  return route;
}

Result<std::vector<Membership>> ProcHost::memberships(Family family) {
  auto result =
      family == Family::kIpv6
          ? read_if_there<std::vector<Membership>>(proc_root_ / "net/igmp6", parse_proc_igmp6)
          : read_parsed<std::vector<Membership>>(
                proc_root_ / "net/igmp",
                [](std::string_view text) -> Result<std::vector<Membership>> {
                  auto igmp = parse_proc_igmp(text);
                  if (!igmp) return std::unexpected(igmp.error());
                  return std::move(igmp->memberships);
                });
  if (result) std::ranges::sort(*result);
  return result;
}

Result<std::vector<MulticastRoute>> ProcHost::multicast_routes() {
  std::vector<MulticastRoute> routes;
  for (const auto& [family, vif, cache] :
       {std::tuple(Family::kIpv4, "net/ip_mr_vif", "net/ip_mr_cache"),
        std::tuple(Family::kIpv6, "net/ip6_mr_vif", "net/ip6_mr_cache")}) {
    const auto names =
        read_if_there<std::map<int, std::string>>(proc_root_ / vif, parse_proc_mr_vif);
    if (!names) return std::unexpected(names.error());
    RouterInterfaces interfaces;
    for (const auto& [number, name] : *names) {
      if (!is_valid_interface_name(name)) continue;
      const auto link = interfaces_.link(name);
      if (!link) return std::unexpected(link.error());
      if (*link) interfaces.emplace(number, (*link)->index);
    }
    // A lambda may not capture a structured binding in every compiler of ours.
    const Family wanted = family;
    auto of_family = read_if_there<std::vector<MulticastRoute>>(
        proc_root_ / cache,
        [&](std::string_view text) { return parse_proc_mr_cache(text, wanted, interfaces); });
    if (!of_family) return of_family;
    std::ranges::move(*of_family, std::back_inserter(routes));
  }
  sort_multicast_routes(routes);
  return routes;
}

Result<std::vector<Bridge>> ProcHost::bridges() {
  const auto all = links();
  if (!all) return std::unexpected(all.error());
  std::vector<Bridge> result;
  for (const Link& link : *all) {
    if (link.kind != "bridge") continue;
    const auto address = interfaces_.hardware_address(link.name);
    if (!address) continue;  // gone since
    const auto bridge = read_sysfs_bridge(std::filesystem::path("/sys/class/net") / link.name,
                                          link.index, *address);
    if (!bridge) return std::unexpected(bridge.error());
    result.push_back(*bridge);
  }
  return result;
}

Result<std::vector<BridgeEntry>> ProcHost::bridge_entries() {
  return fail_errno("the multicast database of a bridge needs netlink", EOPNOTSUPP);
}

Result<bool> ProcHost::accepts(const IpAddress& group, const IpAddress& /*source*/,
                               int /*ifindex*/) {
  return fail_errno("whether " + group.to_string() + " is accepted needs netlink", EOPNOTSUPP);
}

}  // namespace mcast::netlink
