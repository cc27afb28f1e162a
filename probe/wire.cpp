#include "probe/wire.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace mcast {
namespace {

constexpr std::size_t kVersionOffset = 4;
constexpr std::size_t kSequenceOffset = 8;
constexpr std::size_t kSendTimeOffset = 16;
constexpr std::size_t kSenderIdOffset = 24;
constexpr std::size_t kPayloadLengthOffset = 28;
constexpr std::size_t kTtlOffset = 30;
constexpr std::size_t kDscpOffset = 31;
constexpr std::size_t kExtensionOffset = 32;
constexpr std::size_t kExtensionLengthOffset = 36;
constexpr std::size_t kRealtimeOffset = 40;
constexpr std::size_t kClockErrorOffset = 48;
constexpr std::size_t kLeftOffset = 52;

template <typename T>
T load(std::span<const std::uint8_t> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}

template <typename T>
void store(std::span<std::uint8_t> bytes, std::size_t offset, T value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

// What `payload`, the datagram without what lies behind its announced end, says of the end of its
// sender.
std::uint32_t left_plus_one(std::span<const std::uint8_t> payload) {
  if (payload.size() < kMaxHeaderSize ||
      load<std::uint32_t>(payload, kExtensionOffset) != kExtensionMagic) {
    return 0;
  }
  const auto length = load<std::uint32_t>(payload, kExtensionLengthOffset);
  if (length < kExtensionSize || length > payload.size() - kExtensionOffset) return 0;
  const auto left = load<std::uint32_t>(payload, kLeftOffset);
  return left <= kMaxAnnounced + 1 ? left : 0;
}

}  // namespace

std::expected<ProbeHeader, NotAProbe> decode_probe(std::span<const std::uint8_t> datagram) {
  if (datagram.size() < kVersionOffset || load<std::uint32_t>(datagram, 0) != kProbeMagic) {
    return std::unexpected(NotAProbe::kForeign);
  }
  if (datagram.size() < kSequenceOffset) return std::unexpected(NotAProbe::kTruncated);
  if (load<std::uint32_t>(datagram, kVersionOffset) != kProbeVersion) {
    return std::unexpected(NotAProbe::kVersion);
  }
  if (datagram.size() < kProbeHeaderSize) return std::unexpected(NotAProbe::kTruncated);
  ProbeHeader header{
      .sequence = load<std::uint64_t>(datagram, kSequenceOffset),
      .send_time = load<std::uint64_t>(datagram, kSendTimeOffset),
      .sender_id = load<std::uint32_t>(datagram, kSenderIdOffset),
      .payload_length = load<std::uint16_t>(datagram, kPayloadLengthOffset),
      .ttl = datagram[kTtlOffset],
      .dscp = datagram[kDscpOffset],
  };
  if (datagram.size() - kProbeHeaderSize < header.payload_length) {
    return std::unexpected(NotAProbe::kTruncated);
  }
  header.left_plus_one =
      left_plus_one(datagram.first(kProbeHeaderSize + std::size_t{header.payload_length}));
  return header;
}

void encode_probe(const ProbeHeader& header, std::span<std::uint8_t> datagram) {
  store(datagram, 0, kProbeMagic);
  store(datagram, kVersionOffset, kProbeVersion);
  store(datagram, kSequenceOffset, header.sequence);
  store(datagram, kSendTimeOffset, header.send_time);
  store(datagram, kSenderIdOffset, header.sender_id);
  store(datagram, kPayloadLengthOffset,
        static_cast<std::uint16_t>(datagram.size() - kProbeHeaderSize));
  datagram[kTtlOffset] = header.ttl;
  datagram[kDscpOffset] = header.dscp;
  std::ranges::fill(datagram.subspan(kProbeHeaderSize), kProbePadding);
}

void add_extension(const ProbeStamp& stamp, std::span<std::uint8_t> datagram) {
  if (datagram.size() < kMaxHeaderSize) return;
  store(datagram, kExtensionOffset, kExtensionMagic);
  store(datagram, kExtensionLengthOffset, static_cast<std::uint32_t>(kExtensionSize));
  restamp_probe(stamp, datagram);
}

void restamp_probe(const ProbeStamp& stamp, std::span<std::uint8_t> header) {
  store(header, kSequenceOffset, stamp.sequence);
  store(header, kSendTimeOffset, stamp.send_time);
  if (header.size() < kMaxHeaderSize) return;
  store(header, kRealtimeOffset, stamp.realtime);
  store(header, kClockErrorOffset, stamp.clock_error);
  store(header, kLeftOffset,
        stamp.left <= kMaxAnnounced ? static_cast<std::uint32_t>(stamp.left + 1) : 0U);
}

}  // namespace mcast
