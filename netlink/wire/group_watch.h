// What arrives for some groups on any interface of this network namespace, counted by where
// it came from and where it went to. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"
#include "netlink/wire/packet_socket.h"

namespace mcast::netlink {

struct WireFlow {
  int ifindex = 0;
  bool outgoing = false;
  std::uint16_t vlan = 0;  // of a tag, which a VLAN interface takes off; 0: untagged
  IpAddress source;
  IpAddress group;
  // 0: fragments behind the first one, which do not say it, and packets without a
  // whole UDP header within what is kept of a packet.
  std::uint16_t destination_port = 0;

  // IP packets, fragments one by one; a super-packet of GRO or UDP_SEGMENT is one.
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;              // UDP payload
  std::uint64_t signature_packets = 0;  // whose payload begins as ours does
  std::uint64_t fragments = 0;
  // The kernel throws these away: a wrong IP checksum, and a UDP length that does not
  // fit the packet. Whether the UDP checksum is right cannot be told: the payload is cut
  // off, and offloads leave it to be filled in.
  std::uint64_t bad_ip_checksum = 0;
  std::uint64_t bad_udp_length = 0;
  // Of IPv6 the hop limit.
  std::uint8_t lowest_ttl = 0;
  std::uint8_t highest_ttl = 0;

  friend bool operator==(const WireFlow&, const WireFlow&) = default;
};

// Pure state.
class WireFlows {
 public:
  static constexpr std::size_t kMaxFlows = 1024;

  // `signature`: how the payload of our packets begins; empty: none is ours.
  explicit WireFlows(std::vector<std::uint8_t> signature) : signature_(std::move(signature)) {}

  // Counts one packet, which may be cut off behind the headers.
  void on_packet(const ReceivedPacket& packet);

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

// Sees it whether anything on the host wants it or not. Needs CAP_NET_RAW; joins nothing,
// switches on no promiscuous mode.
//
// Sees a packet before a bridge, a bond, a VLAN interface or a rule of tc or netfilter
// takes it: the same packet may show on a port and on what it belongs to. Never sees the
// copy that the kernel loops back to members on the sending host (packet_rcv() in
// net/packet/af_packet.c). A packet of another group costs the
// way to the filter and the filter, about 0.2 us for 1 group and for 64.
class GroupWatch {
 public:
  static constexpr std::size_t kMaxGroups = 64;
  static constexpr std::size_t kLongestSignature = 28;

  enum class Outgoing : std::uint8_t {
    kIgnored,  // as far as the kernel can (Linux 4.20), at no cost for what is sent
    kSeen,     // costs a fast sender about 10 % (docs/decisions/igmp-watch.md)
  };
  // `groups`: of either family, 1 to kMaxGroups. `signature`: the first bytes of the UDP payload of
  // our packets, kLongestSignature at most; empty: none is ours. EPERM: CAP_NET_RAW is
  // missing.
  [[nodiscard]] static Result<GroupWatch> open(const std::vector<IpAddress>& groups,
                                               std::vector<std::uint8_t> signature,
                                               Outgoing outgoing = Outgoing::kIgnored);

  // Readable when packets wait.
  [[nodiscard]] int fd() const { return socket_.fd(); }

  // Counts what waits, without waiting, but a bounded number of packets a call: fd()
  // stays readable while there are more. The number of packets.
  [[nodiscard]] Result<std::size_t> drain();

  [[nodiscard]] std::vector<WireFlow> flows() const { return flows_.flows(); }
  [[nodiscard]] std::uint64_t malformed() const { return flows_.malformed(); }

 private:
  GroupWatch(PacketSocket socket, std::vector<std::uint8_t> signature)
      : socket_(std::move(socket)), flows_(std::move(signature)) {}

  PacketSocket socket_;
  WireFlows flows_;
};

}  // namespace mcast::netlink
