// The header of an IP packet as it stands on the wire, IPv4 (RFC 791 section 3.1) or IPv6 with
// its extension headers (RFC 8200 sections 3 and 4): a pure function, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

struct InternetHeader {
  std::size_t header_length = 0;      // bytes, with options and extension headers
  std::size_t total_length = 0;       // bytes, as the header says
  std::uint8_t ttl = 0;               // the hop limit of IPv6
  std::uint8_t protocol = 0;          // of what follows, behind the last extension header
  std::uint16_t fragment_offset = 0;  // in units of 8 bytes
  bool more_fragments = false;
  bool checksum_right = false;  // always of IPv6, whose header has none
  bool router_alert = false;    // RFC 2113; RFC 2711, where it is the one of MLD
  IpAddress source;             // both are of the packet's family
  IpAddress destination;

  [[nodiscard]] bool is_fragment() const { return more_fragments || fragment_offset != 0; }
};

// The whole header must be there, extension headers too; the packet behind it may be cut off. In
// a fragment behind the first one nothing is looked for behind the fragment header.
[[nodiscard]] Result<InternetHeader> decode_internet_header(Bytes packet);

// RFC 1071: 0 over bytes that carry their own right checksum. `pseudo_header`: what the checksum
// is also over, an even number of bytes.
[[nodiscard]] std::uint16_t internet_checksum(Bytes bytes, Bytes pseudo_header = {});
// The checksum of what an IPv6 packet carries (RFC 8200 section 8.1).
[[nodiscard]] std::uint16_t ipv6_checksum(const InternetHeader& header, Bytes payload);

// Big-endian; the caller has checked that they are there.
[[nodiscard]] inline std::uint16_t read_u16(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint16_t>((bytes[offset] << 8U) | bytes[offset + 1]);
}
[[nodiscard]] inline IpAddress read_address(Bytes bytes, std::size_t offset, Family family) {
  const std::size_t size = family == Family::kIpv4 ? 4 : 16;
  return IpAddress::from_bytes(bytes.subspan(offset, size)).value_or(IpAddress());
}

}  // namespace mcast::netlink
