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
// Where the datagram has room (56 bytes or more) the padding begins with an extension, where
// the original does not look:
//
//       32    4 magic 0x4D435831 "MCX1"
//       36    4 length of the extension, 24 or more: readers skip what they do not know
//       40    8 send time, ns, the sender's CLOCK_REALTIME, of the same moment as offset 16
//       48    4 maximum error of that clock, us; 0xFFFFFFFF: not synchronised
//       52    4 packets that are still to come, plus 1 (1: this is the last); 0: not known, or
//               more than 4,096
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
inline constexpr std::uint32_t kExtensionMagic = 0x4D435831;
inline constexpr std::size_t kExtensionSize = 24;
// Header and extension: all that differs between the packets of a stream.
inline constexpr std::size_t kMaxHeaderSize = kProbeHeaderSize + kExtensionSize;
// A sender knows its end so many packets ahead.
inline constexpr std::uint32_t kMaxAnnounced = 4'096;

struct ProbeHeader {
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 0;  // ns; differences only, no sender shares our clock
  std::uint32_t sender_id = 0;
  std::uint16_t payload_length = 0;
  std::uint8_t ttl = 0;
  std::uint8_t dscp = 0;
  // Packets of this sender that are still to come, plus 1: at most kMaxAnnounced + 1; 0: not known.
  std::uint32_t left_plus_one = 0;
};

// What is stamped into each packet at the moment of sending.
struct ProbeStamp {
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 0;        // ns, CLOCK_MONOTONIC
  std::uint64_t realtime = 0;         // ns, CLOCK_REALTIME at the same moment
  std::uint32_t clock_error = 0;      // us, or kClockUnsynchronised (base/clock.h)
  std::uint64_t left = kLeftUnknown;  // packets still to come after this one

  static constexpr std::uint64_t kLeftUnknown = ~std::uint64_t{0};
};

// Why a datagram is not a probe packet of ours.
enum class NotAProbe : std::uint8_t {
  kForeign,    // does not start with the magic
  kVersion,    // the magic, and another version than 1
  kTruncated,  // version 1, but shorter than the header, or than the header says
};

// Reads the header of one datagram. Bytes behind what the header announces are
// accepted; the padding is only looked at for the extension. An extension that is cut off or
// announces more than kMaxAnnounced is as none.
[[nodiscard]] std::expected<ProbeHeader, NotAProbe> decode_probe(
    std::span<const std::uint8_t> datagram);

// Writes a whole datagram as the original does: the header (its payload_length is taken from
// the size of `datagram`, at least 32 bytes) and the padding.
void encode_probe(const ProbeHeader& header, std::span<std::uint8_t> datagram);
// Puts the extension into what encode_probe() wrote, if it has room for it, and stamps it.
void add_extension(const ProbeStamp& stamp, std::span<std::uint8_t> datagram);

// Overwrites only what differs between two packets of one stream. `header` is the beginning of
// a datagram, kMaxHeaderSize of one that has the extension and kProbeHeaderSize of another.
void restamp_probe(const ProbeStamp& stamp, std::span<std::uint8_t> header);

}  // namespace mcast
