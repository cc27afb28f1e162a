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
  return header;
}

void encode_probe(const ProbeHeader& header, std::span<std::uint8_t> datagram) {
  store(datagram, 0, kProbeMagic);
  store(datagram, kVersionOffset, kProbeVersion);
  restamp_probe(header.sequence, header.send_time, datagram);
  store(datagram, kSenderIdOffset, header.sender_id);
  store(datagram, kPayloadLengthOffset,
        static_cast<std::uint16_t>(datagram.size() - kProbeHeaderSize));
  datagram[kTtlOffset] = header.ttl;
  datagram[kDscpOffset] = header.dscp;
  std::ranges::fill(datagram.subspan(kProbeHeaderSize), kProbePadding);
}

void restamp_probe(std::uint64_t sequence, std::uint64_t send_time,
                   std::span<std::uint8_t> datagram) {
  store(datagram, kSequenceOffset, sequence);
  store(datagram, kSendTimeOffset, send_time);
}

}  // namespace mcast
