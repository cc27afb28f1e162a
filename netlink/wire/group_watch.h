// What arrives for some groups on any interface of this network namespace, whether
// anything on the host wants it or not. Needs CAP_NET_RAW; joins nothing, switches on
// no promiscuous mode. One thread.
//
// Sees a packet before a bridge, a bond, a VLAN interface or a rule of tc or netfilter
// takes it: the same packet may show on a port and on what it belongs to. Never sees the
// copy that the kernel loops back to members on the sending host (packet_rcv() in
// net/packet/af_packet.c). A packet of another group costs the
// way to the filter and the filter, about 0.2 us for 1 group and for 64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/wire/packet_socket.h"
#include "netlink/wire/wire_flows.h"

namespace mcast::netlink {

class GroupWatch {
 public:
  static constexpr std::size_t kMaxGroups = 64;
  static constexpr std::size_t kLongestSignature = 28;

  enum class Outgoing : std::uint8_t {
    kIgnored,  // as far as the kernel can (Linux 4.20), at no cost for what is sent
    kSeen,     // costs a fast sender about 10 % (docs/decisions/igmp-watch.md)
  };
  // `groups`: IPv4, 1 to kMaxGroups. `signature`: the first bytes of the UDP payload of
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
