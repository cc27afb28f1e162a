// The probe packet: MCAS version 1, the format of mcast-tools 0.1.0. UDP payload,
// big-endian, a header of 32 bytes and then padding:
//
//   offset size field
//        0    4 magic 0x4D434153 "MCAS"
//        4    4 version, 1
//        8    8 sequence, starts at 0
//       16    8 send time, ns, the sender's CLOCK_MONOTONIC
//       24    4 sender ID, random per run
//       28    2 payload length after the header
//       30    1 TTL that the sender set
//       31    1 DSCP that the sender set
//       32    n padding of 0xA5 up to the datagram size
//
// Pure functions over bytes; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

namespace mcast {

inline constexpr std::size_t kProbeHeaderSize = 32;
inline constexpr std::uint32_t kProbeMagic = 0x4D434153;
// The same as it stands in the packet.
inline constexpr std::array<std::uint8_t, 4> kProbeMagicBytes{'M', 'C', 'A', 'S'};
inline constexpr std::uint32_t kProbeVersion = 1;
inline constexpr std::uint8_t kProbePadding = 0xA5;

struct ProbeHeader {
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 0;  // ns; differences only, no sender shares our clock
  std::uint32_t sender_id = 0;
  std::uint16_t payload_length = 0;
  std::uint8_t ttl = 0;
  std::uint8_t dscp = 0;
};

// Why a datagram is not a probe packet of ours.
enum class NotAProbe : std::uint8_t {
  kForeign,    // does not start with the magic
  kVersion,    // the magic, and another version than 1
  kTruncated,  // version 1, but shorter than the header, or than the header says
};

// Reads the header of one datagram. Bytes behind what the header announces are
// accepted, and the padding is not looked at.
[[nodiscard]] std::expected<ProbeHeader, NotAProbe> decode_probe(
    std::span<const std::uint8_t> datagram);

// Writes a whole datagram: the header (its payload_length is taken from the
// size of `datagram`, at least 32 bytes) and the padding.
void encode_probe(const ProbeHeader& header, std::span<std::uint8_t> datagram);

// Overwrites only sequence and send time: all that differs between two packets
// of one stream.
void restamp_probe(std::uint64_t sequence, std::uint64_t send_time,
                   std::span<std::uint8_t> datagram);

}  // namespace mcast
