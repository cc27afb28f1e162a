// Which Ethernet frames carry a probe packet: the wire format of the design, read
// without any code of the program under test.
#pragma once

#include <cstdint>
#include <span>

namespace mcast::test {

struct ProbeFrame {
  enum class Kind : std::uint8_t {
    kOther,     // ARP, IGMP, MLD, TCP, anything
    kProbe,     // a whole UDP datagram to the probe port with the probe's magic
    kFragment,  // the first fragment of such a datagram
  };
  Kind kind = Kind::kOther;
  // Only kProbe and kFragment have these.
  std::uint32_t sender_id = 0;
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 0;  // ns, the sender's CLOCK_MONOTONIC
};

[[nodiscard]] ProbeFrame read_probe_frame(std::span<const std::uint8_t> frame);

}  // namespace mcast::test
