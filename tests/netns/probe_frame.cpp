#include "tests/netns/probe_frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <cstddef>

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

}  // namespace

ProbeFrame read_probe_frame(std::span<const std::uint8_t> frame) {
  if (frame.size() < kEthernet + 20 || number(frame, 12, 2) != ETH_P_IP) return {};
  const std::size_t udp = kEthernet + std::size_t{4} * (frame[kEthernet] & 0x0FU);
  const std::uint64_t fragment = number(frame, kEthernet + 6, 2);
  const bool more_fragments = (fragment & 0x2000U) != 0;
  const bool first = (fragment & 0x1FFFU) == 0;
  if (frame[kEthernet + 9] != IPPROTO_UDP || !first || frame.size() < udp + kUdp + kProbeHeader ||
      number(frame, udp + 2, 2) != kPort) {
    return {};
  }
  const auto payload = frame.subspan(udp + kUdp);
  if (number(payload, 0, 4) != kMagic) return {};
  return {.kind = more_fragments ? ProbeFrame::Kind::kFragment : ProbeFrame::Kind::kProbe,
          .sender_id = static_cast<std::uint32_t>(number(payload, 24, 4)),
          .sequence = number(payload, 8, 8),
          .send_time = number(payload, 16, 8)};
}

}  // namespace mcast::test
