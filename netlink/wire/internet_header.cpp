#include "netlink/wire/internet_header.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <string>

namespace mcast::netlink {
namespace {

constexpr std::size_t kShortest = 20;
constexpr std::uint8_t kEndOfOptions = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint8_t kRouterAlert = 148;

constexpr std::size_t kIpv6Header = 40;
constexpr std::uint8_t kPad1 = 0;
constexpr std::uint8_t kIpv6RouterAlert = 5;

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

// RFC 2711, with the value of MLD: the kernel answers no query with another one
// (igmp6_event_query() in net/ipv6/mcast.c).
bool has_mld_router_alert(Bytes options) {
  while (!options.empty()) {
    std::size_t length = 1;
    if (options[0] != kPad1) {
      if (options.size() < 2 || options[1] + std::size_t{2} > options.size()) return false;
      length = options[1] + std::size_t{2};
      if (options[0] == kIpv6RouterAlert) return length == 4 && read_u16(options, 2) == 0;
    }
    options = options.subspan(length);
  }
  return false;
}

Result<InternetHeader> decode_ipv6_header(Bytes packet) {
  if (packet.size() < kIpv6Header) {
    return fail("IPv6: " + std::to_string(packet.size()) + " bytes, too short for a header");
  }
  InternetHeader header;
  header.header_length = kIpv6Header;
  header.total_length = kIpv6Header + read_u16(packet, 4);
  header.protocol = packet[6];
  header.ttl = packet[7];
  header.checksum_right = true;
  header.source = read_address(packet, 8, Family::kIpv6);
  header.destination = read_address(packet, 24, Family::kIpv6);
  const Bytes whole = packet.first(std::min(packet.size(), header.total_length));
  // Each takes 8 bytes or more: the packet's end is the end of this.
  while (header.fragment_offset == 0) {
    const std::uint8_t kind = header.protocol;
    const bool has_length =
        kind == IPPROTO_HOPOPTS || kind == IPPROTO_ROUTING || kind == IPPROTO_DSTOPTS;
    if (!has_length && kind != IPPROTO_FRAGMENT) return header;
    const Bytes rest = whole.subspan(header.header_length);
    const std::size_t length = rest.size() < 8 ? 8
                               : has_length    ? (rest[1] + std::size_t{1}) * 8
                                               : 8;
    if (length > rest.size()) {
      return fail("IPv6: an extension header of " + std::to_string(length) + " bytes in " +
                  std::to_string(rest.size()));
    }
    // Nobody looks for hop-by-hop options further behind.
    if (kind == IPPROTO_HOPOPTS && header.header_length == kIpv6Header) {
      header.router_alert = has_mld_router_alert(rest.first(length).subspan(2));
    } else if (kind == IPPROTO_FRAGMENT) {
      header.fragment_offset = static_cast<std::uint16_t>(read_u16(rest, 2) >> 3U);
      header.more_fragments = (rest[3] & 1U) != 0;
    }
    header.protocol = rest[0];
    header.header_length += length;
  }
  return header;
}

}  // namespace

std::uint16_t internet_checksum(Bytes bytes, Bytes pseudo_header) {
  std::uint32_t sum = 0;
  // 65535 bytes and a few at most: the sum does not overflow.
  for (std::size_t i = 0; i + 1 < pseudo_header.size(); i += 2) sum += read_u16(pseudo_header, i);
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += read_u16(bytes, i);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back()) << 8U;
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

std::uint16_t ipv6_checksum(const InternetHeader& header, Bytes payload) {
  std::array<std::uint8_t, 40> pseudo{};
  std::ranges::copy(header.source.bytes(), pseudo.begin());
  std::ranges::copy(header.destination.bytes(), pseudo.begin() + 16);
  pseudo[33] = static_cast<std::uint8_t>(payload.size() >> 16U);
  pseudo[34] = static_cast<std::uint8_t>(payload.size() >> 8U);
  pseudo[35] = static_cast<std::uint8_t>(payload.size());
  pseudo[39] = header.protocol;
  return internet_checksum(payload, pseudo);
}

Result<InternetHeader> decode_internet_header(Bytes packet) {
  if (!packet.empty() && packet[0] >> 4U == 6) return decode_ipv6_header(packet);
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
  header.source = read_address(packet, 12, Family::kIpv4);
  header.destination = read_address(packet, 16, Family::kIpv4);
  const Bytes whole = packet.first(header.header_length);
  header.checksum_right = internet_checksum(whole) == 0;
  header.router_alert = has_router_alert(whole.subspan(kShortest));
  return header;
}

}  // namespace mcast::netlink
