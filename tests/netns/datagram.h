// Datagrams made by hand, independently of the code under test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

// Sends UDP datagrams from one socket.
class DatagramSender {
 public:
  struct Options {
    std::string interface = "eth1";
    int ttl = 64;
    int dscp = 0;
  };
  explicit DatagramSender(const Namespace& where) : DatagramSender(where, Options{}) {}
  DatagramSender(const Namespace& where, const Options& options);

  void send(const Datagram& datagram, const std::string& address, std::uint16_t port = 19779) const;

 private:
  FileDescriptor socket_;
};

}  // namespace mcast::test
