// The header of an IPv4 packet as it stands on the wire (RFC 791 section 3.1): a pure
// function, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

struct InternetHeader {
  std::size_t header_length = 0;  // bytes, options included
  std::size_t total_length = 0;   // bytes, as the header says
  std::uint8_t ttl = 0;
  std::uint8_t protocol = 0;
  std::uint16_t fragment_offset = 0;  // in units of 8 bytes
  bool more_fragments = false;
  bool checksum_right = false;
  bool router_alert = false;  // RFC 2113
  IpAddress source;
  IpAddress destination;

  [[nodiscard]] bool is_fragment() const { return more_fragments || fragment_offset != 0; }
};

// The whole header must be there; the packet behind it may be cut off.
[[nodiscard]] Result<InternetHeader> decode_internet_header(Bytes packet);

// RFC 1071: 0 over bytes that carry their own right checksum.
[[nodiscard]] std::uint16_t internet_checksum(Bytes bytes);

// Big-endian; the caller has checked that they are there.
[[nodiscard]] inline std::uint16_t read_u16(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint16_t>((bytes[offset] << 8U) | bytes[offset + 1]);
}
[[nodiscard]] inline IpAddress read_ipv4(Bytes bytes, std::size_t offset) {
  return IpAddress::v4((std::uint32_t{read_u16(bytes, offset)} << 16U) |
                       read_u16(bytes, offset + 2));
}

}  // namespace mcast::netlink
