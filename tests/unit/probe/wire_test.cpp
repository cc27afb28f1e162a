// The wire format against packets that mcast-tools 0.1.0 made
// (tests/vectors/wire-vectors.json), byte for byte.
#include "probe/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mcast::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

nlohmann::json vectors() {
  std::ifstream file(MCAST_VECTORS "/wire-vectors.json");
  return nlohmann::json::parse(file);
}

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// The largest vector is given by its header; its padding is known.
Bytes datagram_of(const nlohmann::json& vector) {
  if (vector.contains("hex")) return from_hex(vector["hex"].get<std::string>());
  Bytes bytes = from_hex(vector["header_hex"].get<std::string>());
  bytes.resize(vector["fields"]["datagram_size"].get<std::size_t>(), 0xA5);
  return bytes;
}

ProbeHeader header_of(const nlohmann::json& fields) {
  return ProbeHeader{
      .sequence = fields["seq"].get<std::uint64_t>(),
      .send_time = fields["send_ns"].get<std::uint64_t>(),
      .sender_id = fields["sender_id"].get<std::uint32_t>(),
      .payload_length = static_cast<std::uint16_t>(fields["datagram_size"].get<std::size_t>() - 32),
      .ttl = fields["orig_ttl"].get<std::uint8_t>(),
      .dscp = fields["orig_dscp"].get<std::uint8_t>(),
  };
}

void expect_equal(const ProbeHeader& actual, const ProbeHeader& expected) {
  EXPECT_EQ(actual.sequence, expected.sequence);
  EXPECT_EQ(actual.send_time, expected.send_time);
  EXPECT_EQ(actual.sender_id, expected.sender_id);
  EXPECT_EQ(actual.payload_length, expected.payload_length);
  EXPECT_EQ(actual.ttl, expected.ttl);
  EXPECT_EQ(actual.dscp, expected.dscp);
}

// A valid packet of `size` bytes to spoil in one place.
Bytes valid_datagram(std::size_t size) {
  Bytes bytes(size);
  encode_probe(ProbeHeader{.sequence = 7,
                           .send_time = 8,
                           .sender_id = 9,
                           .payload_length = 0,
                           .ttl = 10,
                           .dscp = 11},
               bytes);
  return bytes;
}

TEST(Wire, DecodesEveryPacketOfTheOriginalProgram) {
  const auto all = vectors();
  ASSERT_EQ(all["valid"].size(), 6U);
  for (const auto& vector : all["valid"]) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    const auto header = decode_probe(datagram_of(vector));
    ASSERT_TRUE(header.has_value());
    expect_equal(*header, header_of(vector["fields"]));
  }
}

TEST(Wire, EncodesEveryPacketOfTheOriginalProgramByteForByte) {
  const auto all = vectors();
  for (const auto& vector : all["valid"]) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    const Bytes expected = datagram_of(vector);
    Bytes encoded(vector["fields"]["datagram_size"].get<std::size_t>());
    encode_probe(header_of(vector["fields"]), encoded);
    EXPECT_TRUE(encoded == expected);
  }
}

TEST(Wire, RefusesEveryDatagramThatTheOriginalProgramRefuses) {
  const auto all = vectors();
  ASSERT_EQ(all["not_ours"].size(), 5U);
  for (const auto& vector : all["not_ours"]) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    EXPECT_FALSE(decode_probe(from_hex(vector["hex"].get<std::string>())).has_value());
  }
}

TEST(Wire, CallsADatagramWithoutTheMagicForeign) {
  Bytes bytes = valid_datagram(200);
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] ^= 1U;
    EXPECT_EQ(decode_probe(bytes).error(), NotAProbe::kForeign) << "byte " << i;
    bytes[i] ^= 1U;
  }
  EXPECT_EQ(decode_probe({}).error(), NotAProbe::kForeign);
  EXPECT_EQ(decode_probe(std::span(bytes).first(3)).error(), NotAProbe::kForeign);
}

TEST(Wire, NamesAnotherVersionEvenWhenThePacketIsShort) {
  Bytes bytes = valid_datagram(200);
  bytes[7] = 2;
  EXPECT_EQ(decode_probe(bytes).error(), NotAProbe::kVersion);
  EXPECT_EQ(decode_probe(std::span(bytes).first(8)).error(), NotAProbe::kVersion);
  bytes[7] = 1;
  bytes[4] = 1;
  EXPECT_EQ(decode_probe(bytes).error(), NotAProbe::kVersion);
}

TEST(Wire, CallsAPacketShorterThanItsHeaderTruncated) {
  const Bytes bytes = valid_datagram(32);
  for (std::size_t size = 4; size < 32; ++size) {
    EXPECT_EQ(decode_probe(std::span(bytes).first(size)).error(), NotAProbe::kTruncated) << size;
  }
  EXPECT_TRUE(decode_probe(bytes).has_value());
}

TEST(Wire, CallsAPacketShorterThanItsHeaderSaysTruncated) {
  const Bytes bytes = valid_datagram(200);
  EXPECT_EQ(decode_probe(std::span(bytes).first(199)).error(), NotAProbe::kTruncated);
  EXPECT_EQ(decode_probe(std::span(bytes).first(32)).error(), NotAProbe::kTruncated);
  EXPECT_TRUE(decode_probe(bytes).has_value());
}

TEST(Wire, AcceptsBytesBehindWhatTheHeaderAnnounces) {
  Bytes bytes = valid_datagram(64);
  bytes.resize(100, 0);
  const auto header = decode_probe(bytes);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->payload_length, 32);
}

TEST(Wire, DoesNotLookAtThePadding) {
  Bytes bytes = valid_datagram(64);
  std::fill(bytes.begin() + 32, bytes.end(), std::uint8_t{0});
  EXPECT_TRUE(decode_probe(bytes).has_value());
}

TEST(Wire, RestampingChangesSequenceAndSendTimeAlone) {
  Bytes bytes = valid_datagram(64);
  Bytes expected(64);
  encode_probe(ProbeHeader{.sequence = 1ULL << 40U,
                           .send_time = ~0ULL,
                           .sender_id = 9,
                           .payload_length = 0,
                           .ttl = 10,
                           .dscp = 11},
               expected);
  restamp_probe({.sequence = 1ULL << 40U, .send_time = ~0ULL}, std::span(bytes).first(32));
  EXPECT_EQ(bytes, expected);
}

Bytes extended_datagram(std::size_t size, const ProbeStamp& stamp) {
  Bytes bytes = valid_datagram(size);
  add_extension({}, bytes);
  restamp_probe(stamp, std::span(bytes).first(std::min(size, kMaxHeaderSize)));
  return bytes;
}

TEST(Wire, ExtensionLiesWhereTheFormatSaysSo) {
  const Bytes bytes = extended_datagram(60, {.sequence = 5,
                                             .send_time = 6,
                                             .realtime = 0x0102030405060708,
                                             .clock_error = 0x0A0B0C0D,
                                             .left = 0x0100});
  const Bytes extension(bytes.begin() + 32, bytes.end());
  EXPECT_EQ(extension, (Bytes{'M', 'C',  'X',  '1',  0,    0, 0, 24, 1, 2,    3,    4,    5,   6, 7,
                              8,   0x0A, 0x0B, 0x0C, 0x0D, 0, 0, 1,  1, 0xA5, 0xA5, 0xA5, 0xA5}));
}

TEST(Wire, SaysHowManyPacketsAreStillToComeUpTo4096) {
  const auto left_plus_one = [](std::uint64_t left) {
    return decode_probe(extended_datagram(56, {.left = left}))->left_plus_one;
  };
  EXPECT_EQ(left_plus_one(0), 1U);
  EXPECT_EQ(left_plus_one(4096), 4097U);
  EXPECT_EQ(left_plus_one(4097), 0U);
  EXPECT_EQ(left_plus_one(ProbeStamp::kLeftUnknown), 0U);
}

TEST(Wire, SmallDatagramsHaveNoExtension) {
  EXPECT_EQ(extended_datagram(55, {.sequence = 7, .send_time = 8, .left = 0}), valid_datagram(55));
}

TEST(Wire, BelievesNoExtensionThatIsCutOffOrSaysTooMuch) {
  const Bytes good = extended_datagram(60, {.left = 0});
  ASSERT_EQ(decode_probe(good)->left_plus_one, 1U);
  const auto with = [&](std::size_t offset, std::initializer_list<std::uint8_t> bytes) {
    Bytes changed = good;
    std::ranges::copy(bytes, changed.begin() + static_cast<std::ptrdiff_t>(offset));
    const auto header = decode_probe(changed);
    EXPECT_TRUE(header.has_value());
    return header ? header->left_plus_one : 99U;
  };
  EXPECT_EQ(with(32, {0xA5, 0xA5, 0xA5, 0xA5}), 0U);  // the original's padding
  EXPECT_EQ(with(36, {0, 0, 0, 23}), 0U);             // shorter than its fields
  EXPECT_EQ(with(36, {0, 0, 0, 28}), 1U);             // of a later version, whole
  EXPECT_EQ(with(36, {0, 0, 0, 29}), 0U);             // beyond the datagram
  EXPECT_EQ(with(36, {0xFF, 0xFF, 0xFF, 0xFF}), 0U);
  EXPECT_EQ(with(52, {0, 0, 0x10, 0x02}), 0U);  // 4,097 packets
  EXPECT_EQ(with(52, {0xFF, 0xFF, 0xFF, 0xFF}), 0U);
  EXPECT_EQ(with(28, {0, 23}), 0U);  // beyond the payload that the header announces
}

}  // namespace
}  // namespace mcast::test
