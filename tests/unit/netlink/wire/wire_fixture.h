// What the tests of watches on the wire share: waiting, joining, sending. All in a
// network namespace that ends with the test's process.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "netlink/proc/sysctls.h"
#include "netlink/wire/group_watch.h"
#include "tests/unit/netlink/kernel_network.h"
#include "tests/unit/netlink/wire/ip_packet.h"

namespace mcast::test {

// Drains whenever there is something, until the condition holds.
template <typename Drain, typename Condition>
bool eventually(int fd, const Drain& drain, const Condition& condition) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + std::chrono::seconds(20);
  while (steady_clock::now() < deadline) {
    drain();
    if (condition()) return true;
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    (void)::poll(&ready, 1, 50);
  }
  return false;
}

inline int index_of(const std::string& interface) {
  return static_cast<int>(::if_nametoindex(interface.c_str()));
}

inline void force_version(const std::string& interface, int version,
                          Family family = Family::kIpv4) {
  ASSERT_TRUE(std::ofstream(netlink::force_version_path("/proc", family, interface))
              << version << std::flush);
}

inline FileDescriptor udp_socket() {
  return FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

inline int change_membership(const FileDescriptor& socket, int option, const std::string& interface,
                             const std::string& group) {
  ip_mreqn request{};
  request.imr_multiaddr.s_addr = ::inet_addr(group.c_str());
  request.imr_ifindex = index_of(interface);
  return ::setsockopt(socket.get(), IPPROTO_IP, option, &request, sizeof request);
}

inline void join(const FileDescriptor& socket, const std::string& interface,
                 const std::string& group) {
  ASSERT_EQ(change_membership(socket, IP_ADD_MEMBERSHIP, interface, group), 0);
}

inline FileDescriptor join_ipv6(const std::string& interface, const std::string& group) {
  FileDescriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ipv6_mreq request{};
  EXPECT_EQ(::inet_pton(AF_INET6, group.c_str(), &request.ipv6mr_multiaddr), 1);
  request.ipv6mr_interface = static_cast<unsigned>(index_of(interface));
  EXPECT_EQ(::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request),
            0);
  return socket;
}

inline void leave(const FileDescriptor& socket, const std::string& interface,
                  const std::string& group) {
  ASSERT_EQ(change_membership(socket, IP_DROP_MEMBERSHIP, interface, group), 0);
}

// A socket that sends to groups through an interface.
inline FileDescriptor sender(const std::string& interface, int ttl) {
  FileDescriptor socket = udp_socket();
  ip_mreqn request{};
  request.imr_ifindex = index_of(interface);
  EXPECT_EQ(::setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request), 0);
  EXPECT_EQ(::setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl), 0);
  return socket;
}

inline void send_to(const FileDescriptor& socket, const std::string& group, const Packet& payload) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(19779);
  to.sin_addr.s_addr = ::inet_addr(group.c_str());
  ASSERT_EQ(::sendto(socket.get(), payload.data(), payload.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof to),
            static_cast<ssize_t>(payload.size()));
}

// Sends an IP packet as it is, in a frame to the address of 224.0.0.1 or ff02::1: with a VLAN
// tag where `vlan` is not 0.
inline void send_frame(const std::string& interface, const Packet& packet, std::uint16_t vlan = 0) {
  Packet frame = from_hex("01005e0000010200000000010800");
  if (vlan != 0) {
    frame = from_hex(
        "01005e0000010200000000018100"
        "0000"
        "0800");
    put_u16(frame, 14, vlan);
  }
  if (!packet.empty() && packet[0] >> 4U == 6) {
    constexpr std::array<std::uint8_t, 6> kAllNodes{0x33, 0x33, 0, 0, 0, 1};
    std::ranges::copy(kAllNodes, frame.begin());
    put_u16(frame, frame.size() - 2, 0x86DD);
  }
  frame.insert(frame.end(), packet.begin(), packet.end());
  const FileDescriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = index_of(interface);
  ASSERT_EQ(::sendto(socket.get(), frame.data(), frame.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof to),
            static_cast<ssize_t>(frame.size()));
}

// From v0 in a frame of IPv6.
inline void send_ipv6(const Packet& packet) {
  const FileDescriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(ETH_P_IPV6);
  to.sll_ifindex = index_of("v0");
  to.sll_halen = 6;
  const Packet mac = from_hex("333380000001");
  std::ranges::copy(mac, &to.sll_addr[0]);
  ASSERT_EQ(::sendto(socket.get(), packet.data(), packet.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof to),
            static_cast<ssize_t>(packet.size()));
}

inline bool is_promiscuous(const std::string& interface) {
  const FileDescriptor socket = udp_socket();
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  EXPECT_EQ(::ioctl(socket.get(), SIOCGIFFLAGS, &request), 0);
  return (request.ifr_flags & IFF_PROMISC) != 0;
}

// The kernel drops what is sent until it has noticed that the other end is up, which it
// does in its own time.
inline void wait_until_frames_pass() {
  auto watch = netlink::GroupWatch::open({IpAddress::v4(0xEFFF0001)}, {}).value();
  const Packet packet = ip_packet({.destination = "239.255.0.1"}, from_hex("0001000200080000"));
  ASSERT_TRUE(eventually(
      watch.fd(), [&] { ASSERT_TRUE(watch.drain()); },
      [&] {
        send_frame("v0", packet);
        send_frame("v1", packet);
        return watch.flows().size() == 2;
      }));
}

}  // namespace mcast::test
