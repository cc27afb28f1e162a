// IP packets for tests, from hexadecimal text or built field by field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "netlink/wire/internet_header.h"

namespace mcast::test {

using Packet = std::vector<std::uint8_t>;

inline Packet from_hex(std::string_view hex) {
  Packet result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    result.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return result;
}

// Big-endian.
inline void put_u16(Packet& packet, std::size_t offset, std::size_t value) {
  packet[offset] = static_cast<std::uint8_t>(value >> 8U);
  packet[offset + 1] = static_cast<std::uint8_t>(value);
}

// Makes the checksum at `offset` right for everything from `begin` to `end`.
inline void fix_checksum(Packet& packet, std::size_t offset, std::size_t begin, std::size_t end) {
  put_u16(packet, offset, 0);
  const auto bytes = netlink::Bytes(packet).subspan(begin, end - begin);
  put_u16(packet, offset, netlink::internet_checksum(bytes));
}

struct IpFields {
  std::string source = "10.1.1.1";
  std::string destination = "239.1.2.3";
  std::uint8_t protocol = 17;
  std::uint8_t ttl = 1;
  std::uint16_t fragment = 0;  // flags and offset, as in the header
  Packet options = {};         // a multiple of 4 bytes
};

inline Packet ip_packet(const IpFields& fields, const Packet& payload) {
  Packet packet(20);
  const std::size_t header = 20 + fields.options.size();
  packet[0] = static_cast<std::uint8_t>(0x40U | (header / 4));
  put_u16(packet, 2, header + payload.size());
  put_u16(packet, 6, fields.fragment);
  packet[8] = fields.ttl;
  packet[9] = fields.protocol;
  const auto put_address = [&packet](std::size_t offset, const std::string& text) {
    const IpAddress address = IpAddress::parse(text).value();
    for (std::size_t i = 0; i < 4; ++i) packet[offset + i] = address.bytes()[i];
  };
  put_address(12, fields.source);
  put_address(16, fields.destination);
  packet.insert(packet.end(), fields.options.begin(), fields.options.end());
  fix_checksum(packet, 10, 0, header);
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

// `igmp` in hexadecimal; its checksum is made right.
inline Packet igmp_packet(std::string_view igmp, IpFields fields = {}) {
  Packet payload = from_hex(igmp);
  if (payload.size() >= 4) fix_checksum(payload, 2, 0, payload.size());
  fields.protocol = 2;
  return ip_packet(fields, payload);
}

// `payload` begins with what `next_header` says: 17 is UDP.
inline Packet ipv6_packet(std::uint8_t next_header, const Packet& payload, std::uint8_t hops = 1,
                          const std::string& source = "2001:db8::1",
                          const std::string& group = "ff1e::8000:1") {
  Packet packet(8);
  packet[0] = 0x60;
  put_u16(packet, 4, payload.size());
  packet[6] = next_header;
  packet[7] = hops;
  for (const std::string& text : {source, group}) {
    const IpAddress address = IpAddress::parse(text).value();
    packet.insert(packet.end(), address.bytes().begin(), address.bytes().end());
  }
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

struct Ipv6Fields {
  std::string source = "fe80::9";
  std::string destination = "ff02::1";
  std::uint8_t hop_limit = 1;
  Packet hop_by_hop = from_hex("3a00050200000100");  // the router alert of MLD; empty: none
};

// `mld` (ICMPv6) in hexadecimal; its checksum is made right.
inline Packet mld_packet(std::string_view mld, const Ipv6Fields& fields = {}) {
  Packet payload = from_hex(mld);
  Packet packet(8);
  packet[0] = 0x60;
  put_u16(packet, 4, fields.hop_by_hop.size() + payload.size());
  packet[6] = fields.hop_by_hop.empty() ? 58 : 0;
  packet[7] = fields.hop_limit;
  netlink::InternetHeader header;
  header.protocol = 58;
  header.source = IpAddress::parse(fields.source).value();
  header.destination = IpAddress::parse(fields.destination).value();
  for (const IpAddress& address : {header.source, header.destination}) {
    packet.insert(packet.end(), address.bytes().begin(), address.bytes().end());
  }
  packet.insert(packet.end(), fields.hop_by_hop.begin(), fields.hop_by_hop.end());
  if (payload.size() >= 4) {
    put_u16(payload, 2, 0);
    put_u16(payload, 2, netlink::ipv6_checksum(header, payload));
  }
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

}  // namespace mcast::test
