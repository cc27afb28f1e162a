// Messages of a Linux 6.18 kernel, whole, cut, longer and forged.
#include "netlink/rtnetlink/decode.h"

#include <gtest/gtest.h>

#include <string_view>

#include "tests/unit/netlink/rtnetlink/torture.h"

namespace mcast::netlink {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

// (10.1.1.2, 239.1.1.1) from 3 to 5 and 6, three packets of 100 bytes.
constexpr std::string_view kResolved =
    "80202000fd1100050000000008000f00fd000000080002000a01010208000100ef010101"
    "080003000300000014000900080000010500000008000001060000001c00110003000000000000002c01"
    "00000000000000000000000000000c0017009600000000000000";
// (10.1.1.1, 239.9.9.9), nobody has said yet where to.
constexpr std::string_view kUnresolved =
    "80202000fd1100052000000008000f00fd000000080002000a02010108000100ef090909";
// (10.5.5.5, 239.1.2.3) from 3 to 5, packets with a TTL above 3.
constexpr std::string_view kThreshold =
    "80202000fd1100050000000008000f00fd000000080002000a05050508000100ef01020308000300030000000c"
    "00090008000003050000001c0011000000000000000000000000000000000000000000000000000c0017001400"
    "000000000000";
constexpr std::string_view kIpv6 =
    "81808000fe1100050000000008000f00fe0000001400020020010db800000000000000000000000114000100ff15"
    "000000000000000000000000000108000300030000000c00090008000001050000001c00110000000000000000"
    "00000000000000000000000000000000000c0017004701000000000000";
// To 239.1.1.1 by interface 3, an ordinary route.
constexpr std::string_view kUnicast = "02200000fe0000050002000008000100ef0101010800040003000000";

TEST(DecodeMulticastRoute, ReadsWhereItComesFromAndGoesToAndHowMuchDid) {
  const auto route = decode_multicast_route(bytes(kResolved));
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ(**route, (MulticastRoute{.source = ip("10.1.1.2"),
                                     .group = ip("239.1.1.1"),
                                     .incoming = 3,
                                     .outgoing = {{.ifindex = 5, .ttl_threshold = 1},
                                                  {.ifindex = 6, .ttl_threshold = 1}},
                                     .packets = 3,
                                     .bytes = 300,
                                     .wrong_interface_packets = 0}));
}

TEST(DecodeMulticastRoute, ReadsTheTtlThreshold) {
  const auto route = decode_multicast_route(bytes(kThreshold));
  ASSERT_TRUE(route) << route.error().message;
  ASSERT_EQ((*route)->outgoing.size(), 1U);
  EXPECT_EQ((*route)->outgoing[0].ttl_threshold, 3);
}

TEST(DecodeMulticastRoute, ReadsOneThatIsNotResolved) {
  const auto route = decode_multicast_route(bytes(kUnresolved));
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ((*route)->group, ip("239.9.9.9"));
  EXPECT_EQ((*route)->incoming, 0);
  EXPECT_TRUE((*route)->outgoing.empty());
}

TEST(DecodeMulticastRoute, ReadsIpv6) {
  const auto route = decode_multicast_route(bytes(kIpv6));
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ((*route)->source, ip("2001:db8::1"));
  EXPECT_EQ((*route)->group, ip("ff15::1"));
  EXPECT_EQ((*route)->incoming, 3);
}

TEST(DecodeMulticastRoute, PassesOverOrdinaryRoutes) {
  const auto route = decode_multicast_route(bytes(kUnicast));
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_FALSE(*route);
}

TEST(DecodeMulticastRoute, SurvivesCutAndForgedMessagesAndRefusesStrayBytes) {
  for (const std::string_view hex : {kResolved, kUnresolved, kThreshold, kIpv6}) {
    torture(hex, decode_multicast_route);
  }
  torture(kUnicast, decode_accepted);
}

TEST(DecodeMulticastRoute, RefusesOutputsThatClaimMoreThanThereIs) {
  auto message = bytes(kResolved);
  // The length of the second output, behind RTA_IIF, the head and the first output.
  const std::size_t at = 12 + 8 + 8 + 8 + 8 + 4 + 8;
  ASSERT_EQ(message[at], 8);
  for (const int length : {0, 7, 9, 255}) {
    message[at] = static_cast<std::uint8_t>(length);
    const auto route = decode_multicast_route(message);
    ASSERT_FALSE(route);
    EXPECT_NE(route.error().message.find("output claims"), std::string::npos);
  }
}

TEST(DecodeMulticastRoute, IsAcceptedOnlyWhereItGoesUpToThisHost) {
  auto message = bytes("02202000ff000005000000a008000100ef050505");
  EXPECT_TRUE(decode_accepted(message).value());
  message[11] = 0x20;  // RTCF_MULTICAST without RTCF_LOCAL
  EXPECT_FALSE(decode_accepted(message).value());
}

TEST(SortMulticastRoutes, AddsUpTwoTablesThatHaveTheSame) {
  const MulticastRoute one{.source = ip("10.1.1.2"),
                           .group = ip("239.1.1.1"),
                           .incoming = 3,
                           .outgoing = {{.ifindex = 5, .ttl_threshold = 1}},
                           .packets = 1,
                           .bytes = 10,
                           .wrong_interface_packets = 2};
  MulticastRoute other = one;
  other.outgoing = {{.ifindex = 5, .ttl_threshold = 1}, {.ifindex = 6, .ttl_threshold = 1}};
  MulticastRoute elsewhere = one;
  elsewhere.incoming = 2;
  std::vector<MulticastRoute> routes{one, other, elsewhere};
  sort_multicast_routes(routes);
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0], elsewhere);
  EXPECT_EQ(routes[1].packets, 2U);
  EXPECT_EQ(routes[1].bytes, 20U);
  EXPECT_EQ(routes[1].wrong_interface_packets, 4U);
  EXPECT_EQ(routes[1].outgoing, other.outgoing);
}

}  // namespace
}  // namespace mcast::netlink
