#include "netlink/wire/wire_flows.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "netlink/wire/internet_header.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kUdpHeader = 8;

auto order(const WireFlow& flow) {
  return std::tuple(flow.ifindex, flow.outgoing, flow.vlan, flow.group, flow.source,
                    flow.destination_port);
}

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

std::size_t WireFlows::Hash::operator()(const Key& key) const noexcept {
  const std::hash<IpAddress> address;
  std::size_t hash = address(key.source) * 31 + address(key.group);
  hash = hash * 31 + static_cast<std::size_t>(key.ifindex);
  return hash * 131'071 + key.destination_port * std::size_t{8191} + key.vlan * std::size_t{2} +
         (key.outgoing ? 1U : 0U);
}

WireFlows::WireFlows(std::vector<std::uint8_t> signature) : signature_(std::move(signature)) {
  flows_.reserve(kMostFlows);
}

void WireFlows::on_packet(const Where& where, Bytes packet, std::size_t length) {
  const auto header = decode_internet_header(packet);
  if (!header || header->total_length > length) {
    ++malformed_;
    return;
  }
  const bool first = header->fragment_offset == 0;
  const UdpHeader udp = first ? read_udp(*header, packet) : UdpHeader{};
  const Key key{.ifindex = where.ifindex,
                .outgoing = where.outgoing,
                .vlan = where.vlan,
                .group = header->destination,
                .source = header->source,
                .destination_port = udp.destination_port};
  auto found = flows_.find(key);
  if (found == flows_.end()) {
    if (flows_.size() >= kMostFlows) return;
    found = flows_.emplace(key, WireFlow{}).first;
    WireFlow& added = found->second;
    added.ifindex = key.ifindex;
    added.outgoing = key.outgoing;
    added.vlan = key.vlan;
    added.source = key.source;
    added.group = key.group;
    added.destination_port = key.destination_port;
    added.lowest_ttl = header->ttl;
    added.highest_ttl = header->ttl;
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
  std::ranges::sort(result, {}, order);
  return result;
}

}  // namespace mcast::netlink
