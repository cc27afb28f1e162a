#include "netlink/wire/group_watch.h"

#include <linux/if_ether.h>

#include <string>
#include <utility>

#include "netlink/wire/packet_filter.h"

namespace mcast::netlink {
namespace {

// The longest IP header, a UDP header and the longest signature.
constexpr std::uint32_t kSnapLength = 60 + 8 + GroupWatch::kLongestSignature;
constexpr std::size_t kBatch = 64;
constexpr std::size_t kBatchesPerDrain = 256;
// Each packet takes its whole buffer's size of it: about 5000 small ones.
constexpr int kReceiveBuffer = 4 << 20;

}  // namespace

Result<GroupWatch> GroupWatch::open(const std::vector<IpAddress>& groups,
                                    std::vector<std::uint8_t> signature, Outgoing outgoing) {
  if (groups.empty() || groups.size() > kMaxGroups) {
    return fail("a watch is for 1 to " + std::to_string(kMaxGroups) + " groups, not " +
                std::to_string(groups.size()));
  }
  for (const IpAddress& group : groups) {
    if (!group.is_v4() || !group.is_multicast()) {
      return fail("cannot watch " + group.to_string() + ": not an IPv4 group");
    }
  }
  if (signature.size() > kLongestSignature) {
    return fail("a signature of " + std::to_string(signature.size()) + " bytes, at most " +
                std::to_string(kLongestSignature) + " are looked at");
  }
  const PacketFilter filter = group_filter(groups, kSnapLength);
  auto socket = PacketSocket::open({.protocol = ETH_P_ALL,
                                    .ifindex = 0,
                                    .filter = filter,
                                    .snap_length = kSnapLength,
                                    .batch = kBatch,
                                    .receive_buffer = kReceiveBuffer,
                                    .ignore_outgoing = outgoing == Outgoing::kIgnored});
  if (!socket) return std::unexpected(socket.error());
  return GroupWatch(std::move(*socket), std::move(signature));
}

Result<std::size_t> GroupWatch::drain() {
  return socket_.receive(kBatchesPerDrain, [&](const ReceivedPacket& packet) {
    flows_.on_packet({.ifindex = packet.ifindex, .outgoing = packet.outgoing, .vlan = packet.vlan},
                     packet.bytes, packet.length);
  });
}

}  // namespace mcast::netlink
