#include "netlink/proc/interface_ioctls.h"

#include <linux/ethtool.h>
#include <linux/if_bridge.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mcast::netlink {
namespace {

// More addresses than this are an error and not an endless loop.
constexpr std::size_t kMostAddresses = 1'000'000;
// BR_MAX_PORTS in net/bridge/br_private.h; the old ioctl tells of no more bridges either.
constexpr std::size_t kMostPorts = 1024;

// The name is a valid one, so it fits.
ifreq request_for(std::string_view name) {
  ifreq request{};
  name.substr(0, IFNAMSIZ - 1).copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

IpAddress address_in(const sockaddr& address) {
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
}

// What IFF_LOWER_UP says, which does not fit into what SIOCGIFFLAGS returns. Drivers that
// cannot say (nullopt) are few; IFF_RUNNING comes up to a second later than the carrier.
std::optional<bool> carrier(int socket, const std::string& name) {
  ethtool_value link{};
  link.cmd = ETHTOOL_GLINK;
  ifreq request = request_for(name);
  request.ifr_data = reinterpret_cast<char*>(&link);
  if (::ioctl(socket, SIOCETHTOOL, &request) != 0) return std::nullopt;
  return link.data != 0;
}

bool is_gone(int code) {
  return code == ENODEV || code == ENXIO;
}

}  // namespace

Result<InterfaceIoctls> InterfaceIoctls::open() {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot open a socket to ask for interfaces", errno);
  return InterfaceIoctls(std::move(socket));
}

Result<std::optional<Link>> InterfaceIoctls::link(const std::string& name) const {
  const auto failed = [&](const char* what) -> Result<std::optional<Link>> {
    if (is_gone(errno)) return std::optional<Link>();
    return fail_errno(std::string(what) + " of " + name, errno);
  };
  ifreq index = request_for(name);
  if (::ioctl(socket_.get(), SIOCGIFINDEX, &index) != 0) return failed("SIOCGIFINDEX");
  ifreq flags = request_for(name);
  if (::ioctl(socket_.get(), SIOCGIFFLAGS, &flags) != 0) return failed("SIOCGIFFLAGS");
  ifreq mtu = request_for(name);
  if (::ioctl(socket_.get(), SIOCGIFMTU, &mtu) != 0) return failed("SIOCGIFMTU");
  const auto set = static_cast<unsigned>(static_cast<std::uint16_t>(flags.ifr_flags));
  return Link{.index = index.ifr_ifindex,
              .name = name,
              .up = (set & IFF_UP) != 0,
              .carrier = carrier(socket_.get(), name).value_or((set & IFF_RUNNING) != 0),
              .loopback = (set & IFF_LOOPBACK) != 0,
              .multicast = (set & IFF_MULTICAST) != 0,
              .mtu = static_cast<std::uint32_t>(mtu.ifr_mtu),
              .master = 0,
              .kind = ""};
}

Result<std::vector<InterfaceAddress>> InterfaceIoctls::ipv4_addresses() const {
  std::vector<ifreq> entries(64);
  std::size_t count = 0;
  // The kernel fills in what has room and says no more, so ask until room is left.
  for (;; entries.resize(entries.size() * 2)) {
    if (entries.size() > kMostAddresses) return fail("SIOCGIFCONF: too many addresses");
    ifconf list{};
    list.ifc_len = static_cast<int>(entries.size() * sizeof(ifreq));
    list.ifc_req = entries.data();
    if (::ioctl(socket_.get(), SIOCGIFCONF, &list) != 0) return fail_errno("SIOCGIFCONF", errno);
    count = static_cast<std::size_t>(list.ifc_len) / sizeof(ifreq);
    if (count < entries.size()) break;
  }
  entries.resize(count);

  std::vector<InterfaceAddress> result;
  for (const ifreq& entry : entries) {
    if (entry.ifr_addr.sa_family != AF_INET) continue;
    // The name is the label of the address: that of its interface, or "eth0:1".
    const std::string_view label(entry.ifr_name, ::strnlen(entry.ifr_name, IFNAMSIZ));
    ifreq index = request_for(label.substr(0, label.find(':')));
    // With label and address the kernel finds this address and no other of the interface.
    ifreq mask = entry;
    if (::ioctl(socket_.get(), SIOCGIFINDEX, &index) != 0 ||
        ::ioctl(socket_.get(), SIOCGIFNETMASK, &mask) != 0) {
      // Gone since, or a label that names no interface.
      if (is_gone(errno) || errno == EADDRNOTAVAIL) continue;
      return fail_errno("SIOCGIFNETMASK of " + std::string(label), errno);
    }
    result.push_back(
        {.ifindex = index.ifr_ifindex,
         .address = address_in(entry.ifr_addr),
         .prefix_length = std::popcount(address_in(mask.ifr_netmask).v4_host_order())});
  }
  return result;
}

Result<InterfaceIoctls::BridgePorts> InterfaceIoctls::bridge_ports() const {
  BridgePorts result;
  std::array<int, kMostPorts> indices{};
  std::array<unsigned long, 3> list{BRCTL_GET_BRIDGES,
                                    std::bit_cast<std::uintptr_t>(indices.data()), indices.size()};
  const int bridges = ::ioctl(socket_.get(), SIOCGIFBR, list.data());
  if (bridges < 0) {
    // No bridge has been there yet, or never will be.
    if (errno == ENOPKG || errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL) {
      return result;
    }
    return fail_errno("cannot ask for bridges (SIOCGIFBR)", errno);
  }
  result.bridges.assign(
      indices.begin(),
      indices.begin() + std::min<std::size_t>(static_cast<std::size_t>(bridges), indices.size()));
  for (const int bridge : result.bridges) {
    ifreq request{};
    request.ifr_ifindex = bridge;
    if (::ioctl(socket_.get(), SIOCGIFNAME, &request) != 0) continue;
    // By the number of the port; 0 where there is none. The name stays in the request.
    indices.fill(0);
    std::array<unsigned long, 4> ports{
        BRCTL_GET_PORT_LIST, std::bit_cast<std::uintptr_t>(indices.data()), indices.size(), 0};
    request.ifr_data = reinterpret_cast<char*>(ports.data());
    if (::ioctl(socket_.get(), SIOCDEVPRIVATE, &request) < 0) continue;
    for (const int port : indices) {
      if (port > 0) result.bridge_of.insert_or_assign(port, bridge);
    }
  }
  return result;
}

std::optional<std::string> InterfaceIoctls::hardware_address(const std::string& name) const {
  ifreq request = request_for(name);
  if (::ioctl(socket_.get(), SIOCGIFHWADDR, &request) != 0 ||
      request.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
    return std::nullopt;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 6; ++i) {
    const auto byte = static_cast<std::uint8_t>(request.ifr_hwaddr.sa_data[i]);
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0x0FU];
  }
  return text;
}

}  // namespace mcast::netlink
