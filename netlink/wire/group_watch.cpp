#include "netlink/wire/group_watch.h"

#include <netinet/in.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "netlink/wire/internet_header.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kUdpHeader = 8;
// The longest IP header: of IPv4 60, of IPv6 40 and so much of what may stand between it and UDP.
constexpr std::size_t kIpHeaders = 40 + 64;
constexpr std::uint32_t kSnapLength = kIpHeaders + kUdpHeader + GroupWatch::kLongestSignature;
constexpr std::size_t kBatch = 64;
constexpr std::size_t kBatchesPerDrain = 256;
// Each packet takes its whole buffer's size of it: about 5000 small ones.
constexpr int kReceiveBuffer = 4 << 20;

void append(PacketFilter& filter, std::initializer_list<sock_filter> instructions) {
  filter.insert(filter.end(), instructions);
}

// UDP, fragments too, to one of these groups of IPv4.
PacketFilter ipv4_filter(const std::vector<IpAddress>& groups) {
  PacketFilter filter = begin_ipv4_filter(IPPROTO_UDP);
  filter.push_back(load(BPF_W, 16));
  for (const IpAddress& group : groups) {
    if (group.is_v4()) append(filter, {if_equal(group.v4_host_order()), keep(kSnapLength)});
  }
  filter.push_back(keep(0));
  return filter;
}

// The same of IPv6. What follows a fragment's header or options is seen by who reads the packet.
PacketFilter ipv6_filter(const std::vector<IpAddress>& groups) {
  PacketFilter filter{load(BPF_B, 6),
                      unless_equal(IPPROTO_UDP, 5),
                      unless_equal(IPPROTO_FRAGMENT, 4),
                      unless_equal(IPPROTO_HOPOPTS, 3),
                      unless_equal(IPPROTO_DSTOPTS, 2),
                      unless_equal(IPPROTO_ROUTING),
                      keep(0),
                      load_beside(SKF_AD_PKTTYPE),
                      if_equal(PACKET_OTHERHOST),
                      keep(0),
                      load(BPF_W, 36)};
  for (const IpAddress& group : groups) {
    if (group.is_v4()) continue;
    const auto word = [&](std::size_t i) {
      return (std::uint32_t{read_u16(group.bytes(), i)} << 16U) | read_u16(group.bytes(), i + 2);
    };
    // The last word tells most groups apart.
    append(filter, {if_equal(word(12), 8), load(BPF_W, 24), if_equal(word(0), 5), load(BPF_W, 28),
                    if_equal(word(4), 3), load(BPF_W, 32), if_equal(word(8)), keep(kSnapLength),
                    load(BPF_W, 36)});
  }
  filter.push_back(keep(0));
  return filter;
}

// What the first fragment of a datagram, or a whole one, says of itself.
struct UdpHeader {
  bool length_fits = false;
  std::uint16_t destination_port = 0;
  Bytes payload;  // as much as is there
};

UdpHeader read_udp(const InternetHeader& header, Bytes packet) {
  UdpHeader udp;
  const std::size_t on_wire = header.total_length - header.header_length;
  const Bytes there = packet.first(std::min(packet.size(), header.total_length));
  const Bytes segment = there.subspan(header.header_length);
  if (segment.size() < kUdpHeader) return udp;
  udp.destination_port = read_u16(segment, 2);
  const std::size_t length = read_u16(segment, 4);
  udp.length_fits = length >= kUdpHeader && (header.more_fragments || length <= on_wire);
  const std::size_t end = std::clamp(length, kUdpHeader, segment.size());
  udp.payload = segment.first(end).subspan(kUdpHeader);
  return udp;
}

}  // namespace

void WireFlows::on_packet(const ReceivedPacket& packet) {
  const auto header = decode_internet_header(packet.bytes);
  if (!header || header->total_length > packet.length) {
    ++malformed_;
    return;
  }
  // Behind the options of IPv6 stands MLD, too, which is sent to the group that it speaks of.
  if (header->protocol != IPPROTO_UDP) return;
  const bool first = header->fragment_offset == 0;
  const UdpHeader udp = first ? read_udp(*header, packet.bytes) : UdpHeader{};
  const Key key(packet.ifindex, packet.outgoing, packet.vlan, header->destination, header->source,
                udp.destination_port);
  auto found = flows_.find(key);
  if (found == flows_.end()) {
    if (flows_.size() >= kMaxFlows) return;
    WireFlow added{.ifindex = packet.ifindex,
                   .outgoing = packet.outgoing,
                   .vlan = packet.vlan,
                   .source = header->source,
                   .group = header->destination,
                   .destination_port = udp.destination_port,
                   .lowest_ttl = header->ttl,
                   .highest_ttl = header->ttl};
    found = flows_.emplace(key, added).first;
  }
  WireFlow& flow = found->second;
  ++flow.packets;
  const std::size_t on_wire = header->total_length - header->header_length;
  flow.bytes += first ? on_wire - std::min(on_wire, kUdpHeader) : on_wire;
  if (header->is_fragment()) ++flow.fragments;
  if (!header->checksum_right) ++flow.bad_ip_checksum;
  if (first && !udp.length_fits) ++flow.bad_udp_length;
  flow.lowest_ttl = std::min(flow.lowest_ttl, header->ttl);
  flow.highest_ttl = std::max(flow.highest_ttl, header->ttl);
  const bool ours = !signature_.empty() && udp.payload.size() >= signature_.size() &&
                    std::ranges::equal(udp.payload.first(signature_.size()), signature_);
  if (ours) ++flow.signature_packets;
}

std::vector<WireFlow> WireFlows::flows() const {
  std::vector<WireFlow> result;
  result.reserve(flows_.size());
  for (const auto& [key, flow] : flows_) result.push_back(flow);
  return result;
}

Result<GroupWatch> GroupWatch::open(const std::vector<IpAddress>& groups,
                                    std::vector<std::uint8_t> signature, Outgoing outgoing) {
  if (groups.empty() || groups.size() > kMaxGroups) {
    return fail("a watch is for 1 to " + std::to_string(kMaxGroups) + " groups, not " +
                std::to_string(groups.size()));
  }
  for (const IpAddress& group : groups) {
    if (!group.is_multicast()) {
      return fail("cannot watch " + group.to_string() + ": not a multicast group");
    }
  }
  if (signature.size() > kLongestSignature) {
    return fail("a signature of " + std::to_string(signature.size()) + " bytes, at most " +
                std::to_string(kLongestSignature) + " are looked at");
  }
  const auto filter = for_both_families(ipv6_filter(groups), ipv4_filter(groups));
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
  return socket_.receive(kBatchesPerDrain,
                         [&](const ReceivedPacket& packet) { flows_.on_packet(packet); });
}

}  // namespace mcast::netlink
