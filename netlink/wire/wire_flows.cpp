#include "netlink/wire/wire_flows.h"

#include <algorithm>

#include "netlink/wire/internet_header.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kUdpHeader = 8;

// What the first fragment of a datagram, or a whole one, says of itself.
struct UdpHeader {
  bool whole = false;
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
  udp.whole = true;
  udp.destination_port = read_u16(segment, 2);
  const std::size_t length = read_u16(segment, 4);
  udp.length_fits = length >= kUdpHeader && (header.more_fragments || length <= on_wire);
  const std::size_t end = std::clamp(length, kUdpHeader, segment.size());
  udp.payload = segment.first(end).subspan(kUdpHeader);
  return udp;
}

}  // namespace

void WireFlows::on_packet(const Where& where, Bytes packet, std::size_t length) {
  const auto header = decode_internet_header(packet);
  if (!header || header->total_length > length) {
    ++malformed_;
    return;
  }
  const bool first = header->fragment_offset == 0;
  const UdpHeader udp = first ? read_udp(*header, packet) : UdpHeader{};
  const Key key(where.ifindex, where.outgoing, where.vlan, header->destination, header->source,
                udp.destination_port);
  auto found = flows_.find(key);
  if (found == flows_.end()) {
    if (flows_.size() >= kMaxFlows) return;
    WireFlow added{.ifindex = where.ifindex,
                   .outgoing = where.outgoing,
                   .vlan = where.vlan,
                   .source = header->source,
                   .group = header->destination,
                   .destination_port = udp.destination_port,
                   .lowest_ttl = header->ttl,
                   .highest_ttl = header->ttl};
    found = flows_.emplace(key, added).first;
  }
  WireFlow& flow = found->second;
  ++flow.packets;
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

}  // namespace mcast::netlink
