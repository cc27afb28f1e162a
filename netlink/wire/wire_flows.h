// What was seen of some groups on the wire, counted by where it came from and where it
// went to. Pure state. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "base/address.h"
#include "netlink/types.h"

namespace mcast::netlink {

struct WireFlow {
  int ifindex = 0;
  bool outgoing = false;
  std::uint16_t vlan = 0;  // of a tag, which a VLAN interface takes off; 0: untagged
  IpAddress source;
  IpAddress group;
  // 0: fragments behind the first one, which do not say it, and packets without a
  // whole UDP header.
  std::uint16_t destination_port = 0;

  // IP packets, fragments one by one; a super-packet of GRO or UDP_SEGMENT is one.
  std::uint64_t packets = 0;
  std::uint64_t signature_packets = 0;  // whose payload begins as ours does
  std::uint64_t fragments = 0;
  // The kernel throws these away: a wrong IP checksum, and a UDP length that does not
  // fit the packet. Whether the UDP checksum is right cannot be told: the payload is cut
  // off, and offloads leave it to be filled in.
  std::uint64_t bad_ip_checksum = 0;
  std::uint64_t bad_udp_length = 0;
  std::uint8_t lowest_ttl = 0;
  std::uint8_t highest_ttl = 0;

  friend bool operator==(const WireFlow&, const WireFlow&) = default;
};

class WireFlows {
 public:
  static constexpr std::size_t kMaxFlows = 1024;

  // `signature`: how the payload of our packets begins; empty: none is ours.
  explicit WireFlows(std::vector<std::uint8_t> signature) : signature_(std::move(signature)) {}

  // Counts one packet. `packet` starts at the IPv4 header and may be cut off behind the
  // headers; `length` is what was there, padding included.
  struct Where {
    int ifindex = 0;
    bool outgoing = false;
    std::uint16_t vlan = 0;
  };
  void on_packet(const Where& where, Bytes packet, std::size_t length);

  // By interface, direction, VLAN, group, source and port.
  [[nodiscard]] std::vector<WireFlow> flows() const;
  // Packets whose IP header makes no sense, or that end before it says.
  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }

 private:
  // Interface, direction, VLAN, group, source and port.
  using Key = std::tuple<int, bool, std::uint16_t, IpAddress, IpAddress, std::uint16_t>;

  std::vector<std::uint8_t> signature_;
  std::map<Key, WireFlow> flows_;
  std::uint64_t malformed_ = 0;
};

}  // namespace mcast::netlink
