#include "tests/netns/probe_frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <cstddef>
#include <optional>

namespace mcast::test {
namespace {

constexpr std::size_t kEthernet = 14;
constexpr std::size_t kUdp = 8;
constexpr std::size_t kProbeHeader = 32;
constexpr std::uint16_t kPort = 19779;
constexpr std::uint32_t kMagic = 0x4D434153;

std::uint64_t number(std::span<const std::uint8_t> bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | bytes[offset + i];
  return value;
}

// Where UDP begins in a frame, and whether that is only the first part of a datagram.
struct UdpPlace {
  std::size_t offset = 0;
  bool more_fragments = false;
};

std::optional<UdpPlace> udp_of_ipv4(std::span<const std::uint8_t> frame) {
  if (frame.size() < kEthernet + 20) return std::nullopt;
  const std::uint64_t fragment = number(frame, kEthernet + 6, 2);
  const bool first = (fragment & 0x1FFFU) == 0;
  if (frame[kEthernet + 9] != IPPROTO_UDP || !first) return std::nullopt;
  return UdpPlace{.offset = kEthernet + std::size_t{4} * (frame[kEthernet] & 0x0FU),
                  .more_fragments = (fragment & 0x2000U) != 0};
}

std::optional<UdpPlace> udp_of_ipv6(std::span<const std::uint8_t> frame) {
  constexpr std::size_t kHeader = kEthernet + 40;
  constexpr std::size_t kFragmentHeader = 8;
  if (frame.size() < kHeader + kFragmentHeader) return std::nullopt;
  const std::uint8_t next = frame[kEthernet + 6];
  if (next == IPPROTO_UDP) return UdpPlace{.offset = kHeader};
  const std::uint64_t fragment = number(frame, kHeader + 2, 2);
  const bool first = (fragment & 0xFFF8U) == 0;
  if (next != IPPROTO_FRAGMENT || frame[kHeader] != IPPROTO_UDP || !first) return std::nullopt;
  return UdpPlace{.offset = kHeader + kFragmentHeader, .more_fragments = (fragment & 1U) != 0};
}

std::optional<UdpPlace> udp_of(std::span<const std::uint8_t> frame) {
  if (frame.size() < kEthernet) return std::nullopt;
  switch (number(frame, 12, 2)) {
    case ETH_P_IP:
      return udp_of_ipv4(frame);
    case ETH_P_IPV6:
      return udp_of_ipv6(frame);
    default:
      return std::nullopt;
  }
}

}  // namespace

ProbeFrame read_probe_frame(std::span<const std::uint8_t> frame) {
  const auto udp = udp_of(frame);
  if (!udp || frame.size() < udp->offset + kUdp + kProbeHeader ||
      number(frame, udp->offset + 2, 2) != kPort) {
    return {};
  }
  const auto payload = frame.subspan(udp->offset + kUdp);
  if (number(payload, 0, 4) != kMagic) return {};
  return {.kind = udp->more_fragments ? ProbeFrame::Kind::kFragment : ProbeFrame::Kind::kProbe,
          .sender_id = static_cast<std::uint32_t>(number(payload, 24, 4)),
          .sequence = number(payload, 8, 8),
          .send_time = number(payload, 16, 8)};
}

}  // namespace mcast::test
