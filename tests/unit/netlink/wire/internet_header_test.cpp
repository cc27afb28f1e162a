// Headers of IPv6 packets, whole, cut anywhere and with claims that they do not hold; those of
// IPv4 are tested with what they carry.
#include "netlink/wire/internet_header.h"

#include <gtest/gtest.h>

#include "tests/unit/netlink/wire/ip_packet.h"

namespace mcast::netlink {
namespace {

using test::from_hex;
using test::Packet;

// From fe80::1 to ff1e::8000:1, hop limit 1; `next` is the next header, `rest` all behind.
Packet packet(const std::string& next, const std::string& rest) {
  Packet result = from_hex("600000000000" + next +
                           "01"
                           "fe800000000000000000000000000001"
                           "ff1e0000000000000000000080000001" +
                           rest);
  test::put_u16(result, 4, result.size() - 40);
  return result;
}

const std::string kHopByHop = "3a00050200000100";  // router alert of MLD, then ICMPv6
const std::string kUdp = "04004d4300080000";

TEST(Ipv6Header, OfAPlainPacketIsRead) {
  const auto header = decode_internet_header(packet("11", kUdp));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->header_length, 40U);
  EXPECT_EQ(header->total_length, 48U);
  EXPECT_EQ(header->protocol, 17);
  EXPECT_EQ(header->ttl, 1);
  EXPECT_TRUE(header->checksum_right);
  EXPECT_FALSE(header->router_alert);
  EXPECT_FALSE(header->is_fragment());
  EXPECT_EQ(header->source.to_string(), "fe80::1");
  EXPECT_EQ(header->destination.to_string(), "ff1e::8000:1");
}

TEST(Ipv6Header, HasTheRouterAlertOfMldOnly) {
  const auto alert = [](const std::string& options) {
    const auto header = decode_internet_header(packet("00", options));
    return header && header->router_alert && header->protocol == 58 &&
           header->header_length == 40 + options.size() / 2;
  };
  EXPECT_TRUE(alert(kHopByHop));
  EXPECT_TRUE(alert("3a00010005020000"));                  // behind padding
  EXPECT_TRUE(alert("3a00000005020000"));                  // behind two Pad1
  EXPECT_TRUE(alert("3a01c20400000000050200000100ffff"));  // behind a jumbo payload option
  EXPECT_FALSE(alert("3a00050200010100"));                 // of RSVP
  EXPECT_FALSE(alert("3a00050300000000"));                 // of no right length
  EXPECT_FALSE(alert("3a00010400000000"));                 // none
  EXPECT_FALSE(alert("3a000000000005ff"));                 // longer than the header
  EXPECT_FALSE(alert("3a00000000000005"));                 // without a length
}

TEST(Ipv6Header, WalksThroughExtensionHeadersToWhatIsCarried) {
  // Hop-by-hop options, routing, destination options, a first fragment.
  const auto header = decode_internet_header(packet("00",
                                                    "2b00010400000000"
                                                    "3c00000000000000"
                                                    "2c00010400000000"
                                                    "1100000100000007" +
                                                        kUdp));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->protocol, 17);
  EXPECT_EQ(header->header_length, 72U);
  EXPECT_TRUE(header->more_fragments);
  EXPECT_EQ(header->fragment_offset, 0);
}

TEST(Ipv6Header, OfALaterFragmentEndsAtTheFragmentHeader) {
  // Says that destination options follow; these bytes are of somewhere in the middle.
  const auto header = decode_internet_header(packet("2c", "3c0005a800000007ffff"));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->fragment_offset, 181);
  EXPECT_FALSE(header->more_fragments);
  EXPECT_TRUE(header->is_fragment());
  EXPECT_EQ(header->header_length, 48U);
  EXPECT_EQ(header->protocol, 60);
}

TEST(Ipv6Header, CutAnywhereIsAnError) {
  const Packet whole = packet("00", kHopByHop + "8200");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // On the heap with its exact length, so that a sanitizer sees one byte too far.
    const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(decode_internet_header(cut).has_value(), length >= 48) << length;
  }
}

TEST(Ipv6Header, WhoseExtensionHeadersGoOnBehindThePacketIsAnError) {
  EXPECT_FALSE(decode_internet_header(packet("00", "3aff050200000100")));
  EXPECT_FALSE(decode_internet_header(packet("00", "0000050200000100")));
  // The packet's own length counts, not what else is in the frame.
  Packet shorter = packet("00", kHopByHop);
  test::put_u16(shorter, 4, 7);
  EXPECT_FALSE(decode_internet_header(shorter));
}

TEST(Ipv6Header, WithAnyForgedByteStaysWithinItsBounds) {
  const Packet whole = packet("00",
                              "2b00050200000100"
                              "2c00000000000000"
                              "1100000100000007" +
                                  kUdp);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      Packet forged = whole;
      forged[i] = static_cast<std::uint8_t>(value);
      const auto header = decode_internet_header(forged);
      if (!header) continue;
      EXPECT_LE(header->header_length, whole.size()) << i << " " << value;
      if (header->source.family() == Family::kIpv6) {
        EXPECT_LE(header->header_length, header->total_length) << i << " " << value;
      }
    }
  }
}

TEST(Ipv6Checksum, IsOverThePseudoHeader) {
  // An MLDv2 report of a Linux 6.18 kernel, from `::` to ff02::16.
  const Packet report = from_hex(
      "8f00"
      "0000"
      "0000000104000000ff02000000000000000000010000beef");
  InternetHeader header;
  header.protocol = 58;
  header.source = IpAddress::parse("::").value();
  header.destination = IpAddress::parse("ff02::16").value();
  Packet right = report;
  test::put_u16(right, 2, ipv6_checksum(header, report));
  EXPECT_EQ(ipv6_checksum(header, right), 0);
  header.destination = IpAddress::parse("ff02::17").value();
  EXPECT_NE(ipv6_checksum(header, right), 0);
}

}  // namespace
}  // namespace mcast::netlink
