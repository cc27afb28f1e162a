#include "netlink/wire/group_watch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/netlink/wire/ip_packet.h"

namespace mcast::netlink {
namespace {

using test::IpFields;
using test::Packet;

const Packet kSignature = test::from_hex("4d434153");

Packet udp(const Packet& payload, std::uint16_t port = 19779) {
  Packet segment(8);
  test::put_u16(segment, 2, port);
  test::put_u16(segment, 4, 8 + payload.size());
  segment.insert(segment.end(), payload.begin(), payload.end());
  return segment;
}

const Packet kOurs = udp(test::from_hex("4d43415300000001"));
const Packet kForeign = udp(test::from_hex("4d43415400000001"));

class Flows : public testing::Test {
 protected:
  void see(const Packet& packet, ReceivedPacket where = {.ifindex = 2}) {
    where.bytes = packet;
    where.length = packet.size();
    flows_.on_packet(where);
  }
  WireFlows flows_{kSignature};
};

TEST_F(Flows, AreCountedWithTheirTtlsAndWhatIsOurs) {
  see(test::ip_packet({.ttl = 7}, kOurs));
  see(test::ip_packet({.ttl = 5}, kOurs));
  see(test::ip_packet({.ttl = 6}, kForeign));
  WireFlow expected;
  expected.ifindex = 2;
  expected.source = IpAddress::parse("10.1.1.1").value();
  expected.group = IpAddress::parse("239.1.2.3").value();
  expected.destination_port = 19779;
  expected.packets = 3;
  expected.bytes = std::uint64_t{3} * 8;
  expected.signature_packets = 2;
  expected.lowest_ttl = 5;
  expected.highest_ttl = 7;
  EXPECT_EQ(flows_.flows(), std::vector<WireFlow>{expected});
}

TEST_F(Flows, AreToldApartByEverythingThatNamesThem) {
  see(test::ip_packet({}, kOurs));
  see(test::ip_packet({}, kOurs), {.ifindex = 3});
  see(test::ip_packet({}, kOurs), {.ifindex = 2, .outgoing = true});
  see(test::ip_packet({}, kOurs), {.ifindex = 2, .vlan = 20});
  see(test::ip_packet({.source = "10.1.1.2"}, kOurs));
  see(test::ip_packet({.destination = "239.1.2.4"}, kOurs));
  see(test::ip_packet({}, udp({}, 5000)));
  EXPECT_EQ(flows_.flows().size(), 7U);
}

TEST_F(Flows, WithoutASignatureHaveNothingOfOurs) {
  WireFlows any{{}};
  const Packet packet = test::ip_packet({}, kOurs);
  any.on_packet({.bytes = packet, .length = packet.size(), .ifindex = 2});
  EXPECT_EQ(any.flows()[0].signature_packets, 0U);
}

TEST_F(Flows, FindTheSignatureBehindIpOptionsAndNotInPadding) {
  see(test::ip_packet({.options = test::from_hex("94040000")}, kOurs));
  EXPECT_EQ(flows_.flows()[0].signature_packets, 1U);
  // A payload of two bytes; the others pad the frame.
  Packet padded = test::ip_packet({}, udp(test::from_hex("4d43")));
  padded.insert(padded.end(), {0x41, 0x53, 0x00});
  see(padded);
  EXPECT_EQ(flows_.flows()[0].packets, 2U);
  EXPECT_EQ(flows_.flows()[0].signature_packets, 1U);
}

TEST_F(Flows, CountFragmentsAndThoseBehindTheFirstAtPort0) {
  see(test::ip_packet({.fragment = 0x2000}, kOurs));
  see(test::ip_packet({.fragment = 0x0001}, test::from_hex("4d43415300000001")));
  const auto flows = flows_.flows();
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].destination_port, 0);
  EXPECT_EQ(flows[0].fragments, 1U);
  EXPECT_EQ(flows[0].signature_packets, 0U);
  EXPECT_EQ(flows[0].bad_udp_length, 0U);
  EXPECT_EQ(flows[1].destination_port, 19779);
  EXPECT_EQ(flows[1].fragments, 1U);
  EXPECT_EQ(flows[1].signature_packets, 1U);
}

TEST_F(Flows, SayWhatTheKernelThrowsAway) {
  Packet checksum = test::ip_packet({}, kOurs);
  checksum[10] ^= 1U;
  see(checksum);
  EXPECT_EQ(flows_.flows()[0].bad_ip_checksum, 1U);
  EXPECT_EQ(flows_.flows()[0].bad_udp_length, 0U);
  Packet segment = kOurs;
  test::put_u16(segment, 4, 100);
  see(test::ip_packet({}, segment));
  test::put_u16(segment, 4, 7);
  see(test::ip_packet({}, segment));
  EXPECT_EQ(flows_.flows()[0].bad_udp_length, 2U);
  see(test::ip_packet({}, Packet(7)));
  EXPECT_EQ(flows_.flows()[0].destination_port, 0);
  EXPECT_EQ(flows_.flows()[0].bad_udp_length, 1U);
}

TEST_F(Flows, TakeAPacketOfWhichOnlyTheBeginningIsThere) {
  const Packet whole = test::ip_packet({}, udp(Packet(1'000)));
  flows_.on_packet({.bytes = Bytes(whole).first(96), .length = whole.size(), .ifindex = 2});
  EXPECT_EQ(flows_.flows()[0].packets, 1U);
  EXPECT_EQ(flows_.flows()[0].bad_udp_length, 0U);
  EXPECT_EQ(flows_.malformed(), 0U);
  // The frame itself was too short.
  flows_.on_packet({.bytes = Bytes(whole).first(96), .length = 96, .ifindex = 2});
  EXPECT_EQ(flows_.malformed(), 1U);
}

Packet behind(const std::string& headers, const Packet& segment) {
  Packet packet = test::from_hex(headers);
  packet.insert(packet.end(), segment.begin(), segment.end());
  return packet;
}

TEST_F(Flows, OfIpv6AreCountedWithTheirHopLimits) {
  see(test::ipv6_packet(17, kOurs, 7));
  see(test::ipv6_packet(17, kForeign, 5));
  see(test::ip_packet({}, kOurs));
  const auto flows = flows_.flows();
  ASSERT_EQ(flows.size(), 2U);
  WireFlow expected;
  expected.ifindex = 2;
  expected.source = IpAddress::parse("2001:db8::1").value();
  expected.group = IpAddress::parse("ff1e::8000:1").value();
  expected.destination_port = 19779;
  expected.packets = 2;
  expected.bytes = std::uint64_t{2} * 8;
  expected.signature_packets = 1;
  expected.lowest_ttl = 5;
  expected.highest_ttl = 7;
  EXPECT_EQ(flows[1], expected);
}

TEST_F(Flows, OfIpv6AreFoundBehindOptionsAndFragmentHeaders) {
  // Hop-by-hop options, then destination options.
  see(test::ipv6_packet(0, behind("3c00010400000000"
                                  "1100010400000000",
                                  kOurs)));
  ASSERT_EQ(flows_.flows().size(), 1U);
  EXPECT_EQ(flows_.flows()[0].signature_packets, 1U);
  EXPECT_EQ(flows_.flows()[0].bytes, 8U);
  EXPECT_EQ(flows_.flows()[0].fragments, 0U);
  // The first fragment says its port, those behind it do not.
  see(test::ipv6_packet(44, behind("1100000100000001", kOurs)));
  see(test::ipv6_packet(44, behind("1100001000000001", kOurs)));
  const auto flows = flows_.flows();
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].destination_port, 0);
  EXPECT_EQ(flows[0].fragments, 1U);
  EXPECT_EQ(flows[1].fragments, 1U);
  EXPECT_EQ(flows[1].signature_packets, 2U);
  EXPECT_EQ(flows_.malformed(), 0U);
}

TEST_F(Flows, OfIpv6AreNotMadeOfMldThatIsSentToTheGroup) {
  see(test::mld_packet("8300000000000000ff1e0000000000000000000080000001",
                       {.destination = "ff1e::8000:1"}));
  EXPECT_TRUE(flows_.flows().empty());
  EXPECT_EQ(flows_.malformed(), 0U);
}

TEST_F(Flows, OfIpv6SurviveEveryCutAndEveryForgedByte) {
  const Packet whole = test::ipv6_packet(0, behind("2c00010400000000"
                                                   "1100000100000001",
                                                   kOurs));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    see(cut);
    flows_.on_packet({.bytes = cut, .length = whole.size(), .ifindex = 2});
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      Packet forged = whole;
      forged[i] = static_cast<std::uint8_t>(value);
      see(forged);
    }
  }
  EXPECT_GT(flows_.malformed(), 0U);
  EXPECT_LE(flows_.flows().size(), WireFlows::kMaxFlows);
}

TEST_F(Flows, SurviveEveryCutAndEveryForgedByte) {
  const Packet whole = test::ip_packet({.options = test::from_hex("94040000")}, kOurs);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    see(cut);
    flows_.on_packet({.bytes = cut, .length = whole.size(), .ifindex = 2});
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      Packet forged = whole;
      forged[i] = static_cast<std::uint8_t>(value);
      see(forged);
    }
  }
  EXPECT_GT(flows_.malformed(), 0U);
  EXPECT_LE(flows_.flows().size(), WireFlows::kMaxFlows);
}

TEST_F(Flows, AreBounded) {
  for (int i = 0; i < 3'000; ++i) {
    const std::string source = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    see(test::ip_packet({.source = source}, kOurs));
  }
  EXPECT_EQ(flows_.flows().size(), WireFlows::kMaxFlows);
}

}  // namespace
}  // namespace mcast::netlink
