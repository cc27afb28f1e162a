// Notifications of a Linux 6.18 kernel, whole, several in one datagram, cut, padded
// and forged.
#include "netlink/rtnetlink/membership_monitor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace mcast::netlink {
namespace {

std::vector<std::uint8_t> bytes(std::string_view hex) {
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    result.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return result;
}

// As they came: 239.1.2.3 and ff15::1234 on interface 3, netlink header included.
const std::string kJoin4 =
    "34000000380000000000000000000000"
    "0220800003000000"
    "08000700ef010203"
    "14000600ffffffffffffffff7a7c02007a7c0200";
const std::string kLeave4 =
    "34000000390000000000000000000000"
    "0220800003000000"
    "08000700ef010203"
    "14000600ffffffffffffffff7a7c02007a7c0200";
const std::string kJoin6 =
    "40000000380000000000000000000000"
    "0a80800003000000"
    "14000700ff150000000000000000000000001234"
    "14000600ffffffffffffffff7a7c02007a7c0200";
const std::string kLeave6 =
    "40000000390000000000000000000000"
    "0a80800003000000"
    "14000700ff150000000000000000000000001234"
    "14000600ffffffffffffffff7a7c02007a7c0200";
// RTM_NEWADDR and NLMSG_NOOP: for somebody else.
const std::string kOther = "100000001400000000000000000000001000000001000000000000000000000000";

const IpAddress kGroup4 = IpAddress::v4(0xEF010203);
const IpAddress kGroup6 = IpAddress::parse("ff15::1234").value();

TEST(MembershipEvents, AreJoinsAndLeavesOfBothFamilies) {
  using Events = std::vector<MembershipEvent>;
  EXPECT_EQ(decode_membership_events(bytes(kJoin4)).value(), (Events{{true, 3, kGroup4}}));
  EXPECT_EQ(decode_membership_events(bytes(kLeave4)).value(), (Events{{false, 3, kGroup4}}));
  EXPECT_EQ(decode_membership_events(bytes(kJoin6)).value(), (Events{{true, 3, kGroup6}}));
  EXPECT_EQ(decode_membership_events(bytes(kLeave6)).value(), (Events{{false, 3, kGroup6}}));
}

TEST(MembershipEvents, OfOneDatagramComeInItsOrder) {
  const auto events = decode_membership_events(bytes(kJoin4 + kLeave4 + kJoin6));
  ASSERT_TRUE(events) << events.error().message;
  EXPECT_EQ(*events, (std::vector<MembershipEvent>{
                         {true, 3, kGroup4}, {false, 3, kGroup4}, {true, 3, kGroup6}}));
}

TEST(MembershipEvents, AreFoundBetweenOtherMessages) {
  const std::string other = kOther.substr(0, 64);
  EXPECT_EQ(decode_membership_events(bytes(other + kJoin4 + other)).value().size(), 1U);
  EXPECT_TRUE(decode_membership_events(bytes(other)).value().empty());
  EXPECT_TRUE(decode_membership_events({}).value().empty());
}

TEST(MembershipEvents, OfAMessageThatIsPaddedAreRead) {
  // An unknown attribute of 5 bytes, padded to 8, in a message of 0x3c bytes.
  const std::string padded = "3c" + kJoin4.substr(2) + "0500630001" + "000000";
  EXPECT_EQ(decode_membership_events(bytes(padded)).value().size(), 1U);
}

TEST(MembershipEvents, OfACutDatagramAreAnError) {
  const auto whole = bytes(kJoin6 + kLeave4);
  for (std::size_t length = 1; length < whole.size(); ++length) {
    if (length == kJoin6.size() / 2) continue;  // the first message alone
    // On the heap with its exact length, so that a sanitizer sees one byte too far.
    const std::vector<std::uint8_t> cut(whole.begin(),
                                        whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(decode_membership_events(cut)) << length;
  }
}

TEST(MembershipEvents, WithAnyForgedByteAreAnErrorOrGroups) {
  const auto whole = bytes(kJoin4 + kLeave6);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      auto forged = whole;
      forged[i] = static_cast<std::uint8_t>(value);
      const auto events = decode_membership_events(forged);
      if (!events) continue;
      EXPECT_LE(events->size(), 2U);
      for (const MembershipEvent& event : *events) EXPECT_TRUE(event.group.is_multicast());
    }
  }
}

TEST(MembershipEvents, OfALengthThatNeverEndsAreAnError) {
  auto forged = bytes(kJoin4);
  forged[0] = 0;  // no step forward
  EXPECT_FALSE(decode_membership_events(forged));
  std::ranges::fill_n(forged.begin(), 4, std::uint8_t{0xFF});
  EXPECT_FALSE(decode_membership_events(forged));
}

}  // namespace
}  // namespace mcast::netlink
