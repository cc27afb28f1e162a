#include "netlink/proc/interfaces.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/file_descriptor.h"
#include "netlink/proc/proc_net.h"

namespace mcast::netlink {
namespace {

constexpr std::uint16_t kDiscardPort = 9;  // any but 0; nothing is sent there

// The name is a valid one, so it fits.
ifreq request_for(std::string_view name) {
  ifreq request{};
  name.substr(0, IFNAMSIZ - 1).copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

sockaddr_in ipv4_socket_address(const IpAddress& address, std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(address.v4_host_order());
  return v4;
}

IpAddress address_in(const sockaddr& address) {
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
}

bool is_gone(int code) {
  return code == ENODEV || code == ENXIO || code == EADDRNOTAVAIL;
}

// What IFF_LOWER_UP says, which does not fit into what SIOCGIFFLAGS returns. Drivers that
// cannot say are few; their IFF_RUNNING comes up to a second later than the carrier.
bool has_carrier(int socket, const std::string& name, bool running) {
  ethtool_value link{};
  link.cmd = ETHTOOL_GLINK;
  ifreq request = request_for(name);
  request.ifr_data = reinterpret_cast<char*>(&link);
  return ::ioctl(socket, SIOCETHTOOL, &request) == 0 ? link.data != 0 : running;
}

Result<FileDescriptor> open_udp_socket() {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot open a socket to ask for interfaces", errno);
  return socket;
}

}  // namespace

Result<std::vector<Link>> links_by_ioctl() {
  const auto names = read_table("/proc/thread-self/net/dev", parse_proc_dev);
  if (!names) return std::unexpected(names.error());
  const auto socket = open_udp_socket();
  if (!socket) return std::unexpected(socket.error());
  std::vector<Link> result;
  for (const std::string& name : *names) {
    ifreq index = request_for(name);
    ifreq flags = index;
    ifreq mtu = index;
    if (::ioctl(socket->get(), SIOCGIFINDEX, &index) != 0 ||
        ::ioctl(socket->get(), SIOCGIFFLAGS, &flags) != 0 ||
        ::ioctl(socket->get(), SIOCGIFMTU, &mtu) != 0) {
      if (is_gone(errno)) continue;
      return fail_errno("SIOCGIFINDEX, SIOCGIFFLAGS or SIOCGIFMTU of " + name, errno);
    }
    const auto set = static_cast<unsigned>(static_cast<std::uint16_t>(flags.ifr_flags));
    result.push_back({.index = index.ifr_ifindex,
                      .name = name,
                      .up = (set & IFF_UP) != 0,
                      .carrier = has_carrier(socket->get(), name, (set & IFF_RUNNING) != 0),
                      .loopback = (set & IFF_LOOPBACK) != 0,
                      .multicast = (set & IFF_MULTICAST) != 0,
                      .mtu = static_cast<std::uint32_t>(mtu.ifr_mtu)});
  }
  std::ranges::sort(result, {}, &Link::index);
  return result;
}

Result<std::vector<InterfaceAddress>> ipv4_addresses_by_ioctl() {
  const auto socket = open_udp_socket();
  if (!socket) return std::unexpected(socket.error());
  // Without room for them the kernel says how many there are.
  ifconf list{};
  if (::ioctl(socket->get(), SIOCGIFCONF, &list) != 0) return fail_errno("SIOCGIFCONF", errno);
  // Some more for those that are added meanwhile.
  std::vector<ifreq> entries(static_cast<std::size_t>(list.ifc_len) / sizeof(ifreq) + 16);
  list.ifc_len = static_cast<int>(entries.size() * sizeof(ifreq));
  list.ifc_req = entries.data();
  if (::ioctl(socket->get(), SIOCGIFCONF, &list) != 0) return fail_errno("SIOCGIFCONF", errno);
  entries.resize(static_cast<std::size_t>(list.ifc_len) / sizeof(ifreq));

  std::vector<InterfaceAddress> result;
  for (const ifreq& entry : entries) {
    // The name is the label of the address: that of its interface, or "eth0:1".
    const std::string_view label(entry.ifr_name, ::strnlen(entry.ifr_name, IFNAMSIZ));
    ifreq index = request_for(label.substr(0, label.find(':')));
    // With label and address the kernel finds this address and no other of the interface.
    ifreq mask = entry;
    if (::ioctl(socket->get(), SIOCGIFINDEX, &index) != 0 ||
        ::ioctl(socket->get(), SIOCGIFNETMASK, &mask) != 0) {
      if (is_gone(errno)) continue;
      return fail_errno("SIOCGIFNETMASK of " + std::string(label), errno);
    }
    result.push_back(
        {.ifindex = index.ifr_ifindex,
         .address = address_in(entry.ifr_addr),
         .prefix_length = std::popcount(address_in(mask.ifr_netmask).v4_host_order())});
  }
  return result;
}

Result<std::optional<Route>> route_by_socket(const IpAddress& group,
                                             const std::optional<IpAddress>& from) {
  const auto socket = open_udp_socket();
  if (!socket) return std::unexpected(socket.error());
  sockaddr_in own = ipv4_socket_address(from.value_or(IpAddress()), 0);
  const sockaddr_in there = ipv4_socket_address(group, kDiscardPort);
  socklen_t size = sizeof own;
  auto* const own_address = reinterpret_cast<sockaddr*>(&own);
  if ((from && ::bind(socket->get(), own_address, size) != 0) ||
      ::connect(socket->get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0 ||
      ::getsockname(socket->get(), own_address, &size) != 0) {
    return std::unexpected(Error{.message = errno_text(errno), .code = errno});
  }
  const auto addresses = ipv4_addresses_by_ioctl();
  if (!addresses) return std::unexpected(addresses.error());
  const IpAddress source = address_in(*own_address);
  const auto owner = std::ranges::find(*addresses, source, &InterfaceAddress::address);
  if (owner == addresses->end()) return std::unexpected(Error{.message = "", .code = ENETUNREACH});
  return Route{.ifindex = owner->ifindex, .preferred_source = source, .gateway = std::nullopt};
}

}  // namespace mcast::netlink
