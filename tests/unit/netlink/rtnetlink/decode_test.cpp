// Messages of a Linux 6.18 kernel, whole, cut, longer and forged.
#include "netlink/rtnetlink/decode.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string_view>

#include "tests/unit/netlink/rtnetlink/torture.h"

namespace mcast::netlink {
namespace {

// What follows the netlink header of an answer to RTM_GETMULTICAST.
constexpr std::string_view kMembership4 =
    "0220800003000000"
    "08000700e0000001"
    "14000600ffffffffffffffff4ad102004ad10200";
constexpr std::string_view kMembership6 =
    "0a80800002000000"
    "14000700ff0200000000000000000001ff516dec"
    "14000600ffffffffffffffff4ad102004ad10200";
// Interface 3 "v0", up and running, MTU 1500.
constexpr std::string_view kLink =
    "00000100030000004310010000000000"
    "0700030076300000"
    "08000400dc050000";
// Interface 2 "v1", a port of bridge 6, of kind "veth"; what nobody reads is left out.
constexpr std::string_view kPort =
    "00000100020000004310010000000000"
    "070003007631000008000400dc050000"
    "08000a0006000000"
    "24001200090001007665746800000000"
    "0b0004006272696467650000"
    "0800050000000000";
// 10.0.0.1/24 on interface 3, as IFA_ADDRESS and IFA_LOCAL.
constexpr std::string_view kAddress =
    "0218800003000000"
    "080001000a000001"
    "080002000a000001";
// To 239.1.1.1 by interface 3 from 10.0.0.1.
constexpr std::string_view kRoute =
    "022000"
    "00fe000005"
    "00020000"
    "08000100ef010101"
    "0800040003000000"
    "080007000a000001";

TEST(Decode, ReadsMembershipsOfBothFamilies) {
  EXPECT_EQ(decode_membership(bytes(kMembership4)),
            (Membership{.ifindex = 3, .group = IpAddress::v4(0xE0000001), .users = 0}));
  const auto six = decode_membership(bytes(kMembership6));
  ASSERT_TRUE(six) << six.error().message;
  EXPECT_EQ(six->ifindex, 2);
  EXPECT_EQ(six->group.to_string(), "ff02::1:ff51:6dec");
}

TEST(Decode, ReadsALink) {
  const auto link = decode_link(bytes(kLink));
  ASSERT_TRUE(link) << link.error().message;
  EXPECT_EQ(*link, (Link{.index = 3,
                         .name = "v0",
                         .up = true,
                         .carrier = true,
                         .loopback = false,
                         .multicast = true,
                         .mtu = 1500,
                         .master = 0,
                         .kind = ""}));
}

TEST(Decode, ReadsWhatALinkIsAndWhoseItIs) {
  const auto link = decode_link(bytes(kPort));
  ASSERT_TRUE(link) << link.error().message;
  EXPECT_EQ(link->master, 6);
  EXPECT_EQ(link->kind, "veth");
}

TEST(Decode, ReadsAnAddress) {
  EXPECT_EQ(
      decode_address(bytes(kAddress)),
      (InterfaceAddress{.ifindex = 3, .address = IpAddress::v4(0x0A000001), .prefix_length = 24}));
}

TEST(Decode, ReadsARoute) {
  const auto route = decode_route(bytes(kRoute));
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ(route->ifindex, 3);
  EXPECT_EQ(route->preferred_source, IpAddress::v4(0x0A000001));
  EXPECT_EQ(route->gateway, std::nullopt);
}

TEST(Decode, TakesAnUnreachableRouteAsAnError) {
  auto message = bytes(kRoute);
  message[7] = 7;  // RTN_UNREACHABLE
  const auto route = decode_route(message);
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().code, ENETUNREACH);
}

TEST(Decode, RefusesAGroupThatIsNone) {
  auto message = bytes(kMembership4);
  message[12] = 10;
  EXPECT_FALSE(decode_membership(message));
}

TEST(Decode, RefusesAnAddressOfTheWrongLengthForItsFamily) {
  auto message = bytes(kMembership4);
  message[0] = 10;  // AF_INET6 with four bytes
  EXPECT_FALSE(decode_membership(message));
}

TEST(Decode, SurvivesCutAndForgedMessagesAndRefusesStrayBytes) {
  torture(kMembership4, decode_membership);
  torture(kMembership6, decode_membership);
  torture(kLink, decode_link);
  torture(kPort, decode_link);
  torture(kAddress, decode_address);
  torture(kRoute, decode_route);
}

TEST(Decode, TakesALastAttributeWithoutItsPadding) {
  // The name "v0" and its zero end one byte before the padding does.
  auto message = bytes(kLink);
  message.erase(message.end() - 9, message.end());
  const auto link = decode_link(message);
  ASSERT_TRUE(link) << link.error().message;
  EXPECT_EQ(link->name, "v0");
}

TEST(Decode, RefusesAttributesThatClaimMoreThanThereIs) {
  auto message = bytes(kMembership4);
  message[8] = 0xFF;
  const auto membership = decode_membership(message);
  ASSERT_FALSE(membership);
  EXPECT_NE(membership.error().message.find("claims 255 bytes"), std::string::npos);
}

}  // namespace
}  // namespace mcast::netlink
