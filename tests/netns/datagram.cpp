#include "tests/netns/datagram.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "tests/netns/failure.h"

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

DatagramSender::DatagramSender(const Namespace& where, const Options& options)
    : socket_(where.socket(AF_INET, SOCK_DGRAM)) {
  ip_mreqn egress{};
  egress.imr_ifindex = static_cast<int>(where.interface_index(options.interface));
  const int tos = options.dscp << 2;
  if (::setsockopt(socket_.get(), IPPROTO_IP, IP_MULTICAST_IF, &egress, sizeof egress) != 0 ||
      ::setsockopt(socket_.get(), IPPROTO_IP, IP_MULTICAST_TTL, &options.ttl, sizeof(int)) != 0 ||
      ::setsockopt(socket_.get(), IPPROTO_IP, IP_TTL, &options.ttl, sizeof(int)) != 0 ||
      ::setsockopt(socket_.get(), IPPROTO_IP, IP_TOS, &tos, sizeof tos) != 0) {
    fail_with_errno("setsockopt of a datagram sender", errno);
  }
}

void DatagramSender::send(const Datagram& datagram, const std::string& address,
                          std::uint16_t port) const {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1) fail_with("address " + address);
  if (::sendto(socket_.get(), datagram.data(), datagram.size(), 0,
               reinterpret_cast<const sockaddr*>(&to),
               sizeof to) != static_cast<ssize_t>(datagram.size())) {
    fail_with_errno("sendto " + address, errno);
  }
}

}  // namespace mcast::test
