// MLD packets built by hand from RFC 2710 and RFC 3810, right ones and wrong ones. Recorded
// ones: membership_message_test.cpp.
#include <gtest/gtest.h>

#include "netlink/wire/membership_message.h"
#include "tests/unit/netlink/wire/ip_packet.h"

namespace mcast::netlink {
namespace {

using test::from_hex;
using test::igmp_packet;
using test::mld_packet;

const std::string kAsmGroup = "ff1e0000000000000000000080000001";
const std::string kSsmGroup = "ff3e0000000000000000000080000001";
const std::string kMldSource = "20010db8000000000000000000000005";

// What stands between the type and the sources of a general query.
std::string mld_query(const std::string& code, const std::string& group, const std::string& more) {
  return "82000000" + code + "0000" + group + more;
}
const std::string kNone(32, '0');

TEST(MldQuery, IsOfTheVersionThatItsLengthSays) {
  const auto version1 = decode_mld(mld_packet(mld_query("ffff", kNone, ""))).value();
  EXPECT_EQ(version1.version, 1);
  // Not a floating-point number in version 1.
  EXPECT_EQ(version1.max_response_time, 65'535 * kMillisecond);
  const auto version2 = decode_mld(mld_packet(mld_query("ffff", kNone, "0f8f0000"))).value();
  EXPECT_EQ(version2.version, 2);
  EXPECT_EQ(version2.max_response_time, 8'387'584 * kMillisecond);
  EXPECT_EQ(version2.query_interval, 248 * kSecond);
  EXPECT_EQ(version2.robustness, 7);
  EXPECT_TRUE(version2.suppress_router_processing);
  EXPECT_TRUE(version2.is_general_query());
  for (const char* between : {"00", "0000", "000000"}) {
    EXPECT_FALSE(decode_mld(mld_packet(mld_query("03e8", kNone, between)))) << between;
  }
}

TEST(MldQuery, ThatClaimsMoreThanItHasIsAnError) {
  EXPECT_FALSE(decode_mld(mld_packet(mld_query("03e8", kSsmGroup, "0201ffff" + kMldSource))));
  EXPECT_FALSE(decode_mld(mld_packet(mld_query("03e8", kSsmGroup, "02010002" + kMldSource))));
  const auto more =
      decode_mld(mld_packet(mld_query("03e8", kSsmGroup, "02010001" + kMldSource + "abcdef")));
  ASSERT_TRUE(more) << more.error().message;
  EXPECT_EQ(more->sources.size(), 1U);
  EXPECT_FALSE(decode_mld(mld_packet(mld_query("03e8", kMldSource, ""))));
}

TEST(MldQuery, ThatNoHostAnswersSaysWhy) {
  const std::string general = mld_query("03e8", kNone, "");
  const auto why = [&](const test::Ipv6Fields& fields) {
    const auto message = decode_mld(mld_packet(general, fields));
    return message ? std::string(message->why_invalid()) : message.error().message;
  };
  EXPECT_EQ(why({}), "");
  EXPECT_EQ(why({.source = "2001:db8::9"}), "its source address is not link-local");
  EXPECT_EQ(why({.source = "::"}), "its source address is not link-local");
  EXPECT_EQ(why({.hop_limit = 255}), "its hop limit is not 1");
  EXPECT_EQ(why({.hop_by_hop = {}}), "it has no router alert");
  EXPECT_EQ(why({.hop_by_hop = from_hex("3a00010400000000")}), "it has no router alert");
  // Of reports and of IGMP nobody asks that: this one is from `::`, while its address is new.
  EXPECT_EQ(decode_mld(mld_packet("8f00000000000000", {.source = "::"}))->why_invalid(), "");
  EXPECT_EQ(decode_igmp(igmp_packet("110a000000000000", {.ttl = 9}))->why_invalid(), "");
}

TEST(MldReport, ThatClaimsMoreThanItHasIsAnErrorThatNamesTheRecord) {
  for (const std::string& report :
       {std::string("8f0000000000ffff"), "8f0000000000ffff04000000" + kAsmGroup,
        "8f000000000000010400ffff" + kAsmGroup, "8f0000000000000104ff0000" + kAsmGroup}) {
    EXPECT_FALSE(decode_mld(mld_packet(report))) << report;
  }
  const auto second =
      decode_mld(mld_packet("8f0000000000000204000000" + kAsmGroup + "04000001" + kAsmGroup));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("MLD report, record 2"), std::string::npos)
      << second.error().message;
}

TEST(MldReport, OfTheLongestPacketIsRead) {
  std::string mld = "8f00000000000ccb";
  mld.reserve(140'000);
  for (int i = 0; i < 0x0CCB; ++i) mld += "04000000" + kAsmGroup;
  const auto message = decode_mld(mld_packet(mld));
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->records.size(), 0x0CCBU);
}

TEST(Mld, ForAnAddressThatIsNoGroupIsAnError) {
  EXPECT_FALSE(decode_mld(mld_packet("8300000000000000" + kMldSource)));
  EXPECT_FALSE(decode_mld(mld_packet("8400000000000000" + kNone)));
  EXPECT_FALSE(decode_mld(mld_packet("8f0000000000000104000000" + kMldSource)));
}

TEST(Mld, OfOtherTypesAndOtherProtocolsIsAnError) {
  EXPECT_FALSE(decode_mld(mld_packet("8000000000000000" + kNone)));  // an echo
  EXPECT_FALSE(decode_mld(mld_packet("8700000000000000" + kNone)));  // a neighbour
  EXPECT_FALSE(decode_mld(mld_packet("0000000000000000" + kNone)));
  EXPECT_FALSE(decode_mld(mld_packet("8300000000000000")));
  // A fragment header in place of the options.
  EXPECT_FALSE(
      decode_mld(mld_packet("8300000000000000" + kAsmGroup,
                            {.hop_by_hop = from_hex("2c000502000001003a00000100000007")})));
}

}  // namespace
}  // namespace mcast::netlink
