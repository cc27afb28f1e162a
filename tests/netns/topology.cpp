#include "tests/netns/topology.h"

#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <sstream>
#include <string_view>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

constexpr std::chrono::seconds kCarrierDeadline{5};
constexpr unsigned kIpv6LinkScope = 0x20;  // include/net/ipv6.h: IPV6_ADDR_LINKLOCAL

void add_multicast_route(const Namespace& host) {
  add_route(host, "224.0.0.0/4", "", "eth1");
}

struct Ipv6Address {
  std::string address;
  bool link_local = false;
  bool tentative = false;
};

std::vector<Ipv6Address> ipv6_addresses(const Namespace& where, const std::string& interface) {
  std::vector<Ipv6Address> found;
  std::istringstream lines(where.proc_net("if_inet6"));
  // 32 digits, then index, length of the network, scope and flags, all in hex, and the name.
  for (std::string digits, name; lines >> digits;) {
    unsigned skipped = 0;
    unsigned scope = 0;
    unsigned flags = 0;
    lines >> std::hex >> skipped >> skipped >> scope >> flags >> name;
    if (name != interface) continue;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(std::stoul(digits.substr(2 * i, 2), nullptr, 16));
    }
    found.push_back({.address = IpAddress::v6(bytes).to_string(),
                     .link_local = scope == kIpv6LinkScope,
                     .tentative = (flags & IFA_F_TENTATIVE) != 0});
  }
  return found;
}

bool can_send(const Namespace& where, const std::string& interface) {
  if (!link_is_running(where, interface)) return false;
  if (where.ipv6() != Namespace::Ipv6::kOn || interface == "lo") return true;
  // Even where duplicates are not looked for, a moment passes.
  const auto found = ipv6_addresses(where, interface);
  return std::ranges::any_of(found, &Ipv6Address::link_local) &&
         std::ranges::none_of(found, &Ipv6Address::tentative);
}

}  // namespace

void connect(const Namespace& a, const std::string& interface_a, const std::string& address_a,
             const Namespace& b, const std::string& interface_b, const std::string& address_b) {
  RunOptions options;
  options.inherited = {b.fd()};
  a.run({"ip", "link", "add", interface_a, "type", "veth", "peer", "name", interface_b, "netns",
         "/proc/self/fd/" + std::to_string(b.fd())},
        options);
  if (!address_a.empty()) add_address(a, interface_a, address_a);
  if (!address_b.empty()) add_address(b, interface_b, address_b);
  link_up(a, interface_a);
  link_up(b, interface_b);
  wait_for_carrier(a, interface_a);
  wait_for_carrier(b, interface_b);
}

void add_address(const Namespace& where, const std::string& interface, const std::string& address) {
  std::istringstream each(address);
  for (std::string one; each >> one;) {
    std::vector<std::string> command{"ip", "address", "add", one, "dev", interface};
    const bool at_once = !net_of(one).is_v4() && where.ipv6() != Namespace::Ipv6::kWithDad;
    if (at_once) command.emplace_back("nodad");
    where.run(std::move(command));
  }
}

std::string link_local_address(const Namespace& where, const std::string& interface) {
  for (const Ipv6Address& found : ipv6_addresses(where, interface)) {
    if (found.link_local) return found.address;
  }
  fail_with(interface + " of " + where.name() + " has no link-local address");
}

void add_route(const Namespace& where, const std::string& destination, const std::string& gateway,
               const std::string& interface) {
  const bool v4 = net_of(destination).is_v4() && net_of(gateway).is_v4();
  std::vector<std::string> command{"ip", v4 ? "-4" : "-6", "route", "add", destination};
  if (!gateway.empty()) command.insert(command.end(), {"via", gateway});
  if (!interface.empty()) command.insert(command.end(), {"dev", interface});
  where.run(std::move(command));
}

void link_up(const Namespace& where, const std::string& interface) {
  where.run({"ip", "link", "set", interface, "up"});
}

void link_down(const Namespace& where, const std::string& interface) {
  where.run({"ip", "link", "set", interface, "down"});
}

void delete_link(const Namespace& where, const std::string& interface) {
  where.run({"ip", "link", "delete", interface});
}

void switch_off_offloads(const Namespace& where, const std::string& interface) {
  // What is longer than one segment is cut before it is sent, by every kernel.
  where.run({"ip", "link", "set", interface, "gso_max_segs", "1"});
  const FileDescriptor control = where.socket(AF_INET, SOCK_DGRAM);
  for (const unsigned command : {unsigned{ETHTOOL_STSO}, unsigned{ETHTOOL_SGSO},
                                 unsigned{ETHTOOL_SGRO}, unsigned{ETHTOOL_STXCSUM}}) {
    ethtool_value off{.cmd = command, .data = 0};
    ifreq request{};
    std::string_view(interface).copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&off);
    if (::ioctl(control.get(), SIOCETHTOOL, &request) != 0) {
      fail_with_errno("switch off offloads of " + interface + " in " + where.name(), errno);
    }
  }
}

LinkCounters link_counters(const Namespace& where, const std::string& interface) {
  std::istringstream lines(where.proc_net("dev"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t start = line.find_first_not_of(' ');
    if (line.substr(start, colon - start) != interface) continue;
    // Eight numbers about receiving and eight about sending, both beginning with bytes,
    // packets, errors, drops.
    std::istringstream columns(line.substr(colon + 1));
    std::array<std::uint64_t, 16> numbers{};
    for (std::uint64_t& number : numbers) columns >> number;
    if (!columns) break;
    return {
        .received_packets = numbers[1], .sent_packets = numbers[9], .dropped_on_send = numbers[11]};
  }
  fail_with("/proc/net/dev of " + where.name() + " says nothing about " + interface);
}

bool link_is_running(const Namespace& where, const std::string& interface) {
  const FileDescriptor control = where.socket(AF_INET, SOCK_DGRAM);
  ifreq request{};
  std::string_view(interface).copy(request.ifr_name, IFNAMSIZ - 1);
  if (::ioctl(control.get(), SIOCGIFFLAGS, &request) != 0) return false;
  constexpr int kBoth = IFF_UP | IFF_RUNNING;
  return (request.ifr_flags & kBoth) == kBoth;
}

void wait_for_carrier(const Namespace& where, const std::string& interface) {
  if (!eventually(kCarrierDeadline, [&] { return can_send(where, interface); })) {
    fail_with("no carrier on " + interface + " in " + where.name());
  }
}

void add_bridge(const Namespace& where, const std::string& bridge, const BridgeOptions& options) {
  const auto flag = [](bool on) { return std::string(on ? "1" : "0"); };
  std::vector<std::string> command{"ip",
                                   "link",
                                   "add",
                                   bridge,
                                   "type",
                                   "bridge",
                                   "forward_delay",
                                   "0",
                                   "mcast_snooping",
                                   flag(options.snooping),
                                   "mcast_querier",
                                   flag(options.querier),
                                   "mcast_igmp_version",
                                   std::to_string(options.igmp_version),
                                   "mcast_mld_version",
                                   std::to_string(options.mld_version)};
  if (options.query_interval_ms != 0) {
    // In hundredths of a second, as the kernel's user-visible clock ticks. The first
    // queries would be 31 s apart.
    const std::string interval = std::to_string(options.query_interval_ms / 10);
    command.insert(command.end(),
                   {"mcast_query_interval", interval, "mcast_startup_query_interval", interval});
  }
  where.run(std::move(command));
  link_up(where, bridge);
}

void add_to_bridge(const Namespace& where, const std::string& bridge,
                   const std::string& interface) {
  where.run({"ip", "link", "set", interface, "master", bridge});
  link_up(where, interface);
  wait_for_carrier(where, interface);
}

RoutedPath::RoutedPath(unsigned hops) {
  routers.reserve(hops);
  for (unsigned i = 1; i <= hops; ++i) routers.emplace_back("router " + std::to_string(i));
  for (unsigned link = 1; link <= hops + 1; ++link) {
    const bool first = link == 1;
    const bool last = link == hops + 1;
    connect(first ? sender : routers[link - 2], first ? "eth1" : "r1", addresses(link, 1),
            last ? receiver : routers[link - 1], last ? "eth1" : "r0", addresses(link, 2));
  }
  // In IPv6 each interface has one by itself.
  add_multicast_route(sender);
  add_multicast_route(receiver);
  for (const Namespace& router : routers) router.forward_ipv6();
  for (const Net* net : {&ipv4(), &ipv6()}) {
    if (hops > 0) {
      add_route(sender, "default", net->host(1, 2));
      add_route(receiver, "default", net->host(hops + 1, 1));
    }
    for (unsigned i = 1; i <= hops; ++i) {
      for (unsigned link = 1; link <= hops + 1; ++link) {
        if (link < i) add_route(routers[i - 1], net->subnet(link), net->host(i, 1));
        if (link > i + 1) add_route(routers[i - 1], net->subnet(link), net->host(i + 1, 2));
      }
    }
  }
}

RoutedPath::RoutedPath(unsigned hops, const std::vector<MulticastRoute>& routes)
    : RoutedPath(hops) {
  daemons_.reserve(hops);
  for (const Namespace& router : routers) {
    daemons_.emplace_back(router, smcroute_configuration(routes));
  }
}

}  // namespace mcast::test
