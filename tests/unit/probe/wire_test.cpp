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
  restamp_probe(1ULL << 40U, ~0ULL, bytes);
  EXPECT_EQ(bytes, expected);
}

}  // namespace
}  // namespace mcast::test
