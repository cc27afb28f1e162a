#include "netlink/wire/internet_header.h"

#include <string>

namespace mcast::netlink {
namespace {

constexpr std::size_t kShortest = 20;
constexpr std::uint8_t kEndOfOptions = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint8_t kRouterAlert = 148;

// Options that make no sense end the search: whoever needs one looks for it, nobody
// else is hurt.
bool has_router_alert(Bytes options) {
  while (!options.empty() && options[0] != kEndOfOptions) {
    if (options[0] == kRouterAlert) return options.size() >= 4 && options[1] == 4;
    std::size_t length = 1;
    if (options[0] != kNoOperation) {
      if (options.size() < 2) return false;
      length = options[1];
      if (length < 2 || length > options.size()) return false;
    }
    options = options.subspan(length);
  }
  return false;
}

}  // namespace

std::uint16_t internet_checksum(Bytes bytes) {
  std::uint32_t sum = 0;
  // 65535 bytes at most: the sum does not overflow.
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += read_u16(bytes, i);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back()) << 8U;
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

Result<InternetHeader> decode_internet_header(Bytes packet) {
  if (packet.size() < kShortest) {
    return fail("IPv4: " + std::to_string(packet.size()) + " bytes, too short for a header");
  }
  if (packet[0] >> 4U != 4) {
    return fail("IPv4: version " + std::to_string(packet[0] >> 4U) + " in the header");
  }
  InternetHeader header;
  header.header_length = (packet[0] & 0x0FU) * std::size_t{4};
  if (header.header_length < kShortest || header.header_length > packet.size()) {
    return fail("IPv4: a header of " + std::to_string(header.header_length) + " bytes in " +
                std::to_string(packet.size()));
  }
  header.total_length = read_u16(packet, 2);
  if (header.total_length < header.header_length) {
    return fail("IPv4: a total length of " + std::to_string(header.total_length) +
                " bytes with a header of " + std::to_string(header.header_length));
  }
  const std::uint16_t fragment = read_u16(packet, 6);
  header.more_fragments = (fragment & 0x2000U) != 0;
  header.fragment_offset = fragment & 0x1FFFU;
  header.ttl = packet[8];
  header.protocol = packet[9];
  header.source = read_ipv4(packet, 12);
  header.destination = read_ipv4(packet, 16);
  const Bytes whole = packet.first(header.header_length);
  header.checksum_right = internet_checksum(whole) == 0;
  header.router_alert = has_router_alert(whole.subspan(kShortest));
  return header;
}

}  // namespace mcast::netlink
