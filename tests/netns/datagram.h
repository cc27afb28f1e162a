// Datagrams made by hand, independently of the code under test.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

using Datagram = std::vector<std::uint8_t>;

struct ProbeFields {
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 1'000'000'000;
  std::uint32_t sender_id = 0x0D783390;
  std::uint8_t ttl = 64;
  std::uint8_t dscp = 0;
  std::size_t size = 200;
  std::uint32_t version = 1;
};

// MCAS version 1, design section 4.
[[nodiscard]] Datagram make_probe(const ProbeFields& fields);

// `address` with the zone `interface` where it is one of IPv6, for sendto, bind and joins.
class SocketAddress {
 public:
  SocketAddress(const std::string& address, std::uint16_t port, unsigned interface_index = 0);

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] const sockaddr_storage& storage() const { return storage_; }
  [[nodiscard]] socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

// Sends UDP datagrams, from one socket of each family.
class DatagramSender {
 public:
  struct Options {
    std::string interface = "eth1";
    int ttl = 64;  // the hop limit of IPv6
    int dscp = 0;
    std::string source = {};  // else as the kernel chooses
  };
  explicit DatagramSender(const Namespace& where) : DatagramSender(where, Options{}) {}
  DatagramSender(const Namespace& where, const Options& options);

  void send(const Datagram& datagram, const std::string& address, std::uint16_t port = 19779) const;
  // For more options.
  [[nodiscard]] const FileDescriptor& socket(Family family) const {
    return family == Family::kIpv4 ? v4_ : v6_;
  }

 private:
  FileDescriptor v4_;
  FileDescriptor v6_;
  unsigned interface_index_;
};

}  // namespace mcast::test
