#include "tests/netns/datagram.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "tests/netns/failure.h"
#include "tests/netns/net.h"

namespace mcast::test {
namespace {

void append(Datagram& datagram, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i > 0; --i) {
    datagram.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  }
}

}  // namespace

Datagram make_probe(const ProbeFields& fields) {
  Datagram datagram;
  append(datagram, 0x4D434153, 4);
  append(datagram, fields.version, 4);
  append(datagram, fields.sequence, 8);
  append(datagram, fields.send_time, 8);
  append(datagram, fields.sender_id, 4);
  append(datagram, fields.size - 32, 2);
  append(datagram, fields.ttl, 1);
  append(datagram, fields.dscp, 1);
  datagram.resize(fields.size, 0xA5);
  return datagram;
}

SocketAddress::SocketAddress(const std::string& address, std::uint16_t port,
                             unsigned interface_index) {
  // The first bytes of both lie at the same place.
  if (net_of(address).is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage_);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    size_ = sizeof v4;
    if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) != 1) fail_with("address " + address);
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage_);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_scope_id = interface_index;
    size_ = sizeof v6;
    if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1) fail_with("address " + address);
  }
}

DatagramSender::DatagramSender(const Namespace& where, const Options& options)
    : v4_(where.socket(AF_INET, SOCK_DGRAM)),
      v6_(where.socket(AF_INET6, SOCK_DGRAM)),
      interface_index_(where.interface_index(options.interface)) {
  const int index = static_cast<int>(interface_index_);
  ip_mreqn egress{};
  egress.imr_ifindex = index;
  const int traffic_class = options.dscp << 2;
  const auto set = [](const FileDescriptor& socket, int level, int option, const auto& value) {
    if (::setsockopt(socket.get(), level, option, &value, sizeof value) != 0) {
      fail_with_errno("setsockopt of a datagram sender", errno);
    }
  };
  set(v4_, IPPROTO_IP, IP_MULTICAST_IF, egress);
  set(v4_, IPPROTO_IP, IP_MULTICAST_TTL, options.ttl);
  set(v4_, IPPROTO_IP, IP_TTL, options.ttl);
  set(v4_, IPPROTO_IP, IP_TOS, traffic_class);
  set(v6_, IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
  set(v6_, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, options.ttl);
  set(v6_, IPPROTO_IPV6, IPV6_UNICAST_HOPS, options.ttl);
  set(v6_, IPPROTO_IPV6, IPV6_TCLASS, traffic_class);
  if (options.source.empty()) return;
  const SocketAddress source(options.source, 0, interface_index_);
  if (::bind(socket(net_of(options.source).family).get(), source.get(), source.size()) != 0) {
    fail_with_errno("bind to " + options.source, errno);
  }
}

void DatagramSender::send(const Datagram& datagram, const std::string& address,
                          std::uint16_t port) const {
  const SocketAddress to(address, port, interface_index_);
  const FileDescriptor& socket = this->socket(net_of(address).family);
  if (::sendto(socket.get(), datagram.data(), datagram.size(), 0, to.get(), to.size()) !=
      static_cast<ssize_t>(datagram.size())) {
    fail_with_errno("sendto " + address, errno);
  }
}

}  // namespace mcast::test
