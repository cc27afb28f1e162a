// Whose connection it is, on a network of its own.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file_descriptor.h"
#include "http/socket.h"
#include "tests/unit/netlink/kernel_network.h"

namespace mcast::http {
namespace {

sockaddr_in6 address_of(const char* text, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET6, text, &address.sin6_addr), 1);
  return address;
}

// The peer of a connection that comes from this address.
Peer peer_from(const char* client) {
  const auto listener = listen_tcp({.host = "::1", .port = 0});
  const FileDescriptor socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!listener || !socket) return {};
  // The route says that it is of this host, no interface does.
  const int on = 1;
  (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  const sockaddr_in6 from = address_of(client, 0);
  const sockaddr_in6 to = address_of("::1", listener->address.port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    return {};
  }
  const FileDescriptor accepted(::accept4(listener->socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return tcp_peer(accepted.get());
}

TEST(TcpPeer, CountsAnIpv6ClientByItsNetworkOf64Bits) {
  ASSERT_TRUE(test::enter_new_network());
  test::ip({"-6", "route", "add", "local", "2001:db8::/32", "dev", "lo"});
  const Peer one = peer_from("2001:db8:0:1::1");
  const Peer same = peer_from("2001:db8:0:1:ffff:ffff:ffff:ffff");
  const Peer other = peer_from("2001:db8:0:2::1");
  EXPECT_TRUE(one.name.starts_with("[2001:db8:0:1::1]:")) << one.name;
  EXPECT_EQ(one.address, "2001:db8:0:1::");
  EXPECT_EQ(same.address, one.address);
  EXPECT_NE(same.name, one.name);
  EXPECT_EQ(other.address, "2001:db8:0:2::");
}

}  // namespace
}  // namespace mcast::http
