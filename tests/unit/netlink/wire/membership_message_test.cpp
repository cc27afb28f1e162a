// IGMP packets of a Linux 6.18 kernel (a host, and a bridge with a querier of its own),
// built ones, cut, forged, and with claims that they do not hold.
#include "netlink/wire/membership_message.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>

#include "tests/unit/netlink/wire/ip_packet.h"

namespace mcast::netlink {
namespace {

using test::from_hex;
using test::igmp_packet;
using test::Packet;

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

// As they came, Router Alert included.
const std::string kQueryV2 = "46c00020000040000102f90c0a010109e000000194040000110aeef500000000";
const std::string kQueryV3 =
    "46c00024000040000102f9080a010109e000000194040000110aecf40000000002010000";
const std::string kQueryForSource =
    "46c00028000040000102ef010a010109e801020394040000110aefdce8010203020100010a090909";
const std::string kReportV1 = "46c00020000040000102e8130a010101ef010201940400001200fcfcef010201";
const std::string kReportV2 = "46c00020000040000102e8120a010101ef010202940400001600f8fbef010202";
const std::string kLeaveV2 = "46c00020000040000102f9130a010101e0000002940400001700f7fbef010202";
const std::string kReportV3 =
    "46c00028000040000102f8f70a010101e0000016940400002200e8f90000000104000000ef010203";
const std::string kReportV3Source =
    "46c0002c000040000102f8f30a010101e0000016940400002200dbe60000000105000001e80102030a090909";

MembershipMessage from_host(MessageKind kind, int version, const char* destination) {
  MembershipMessage message;
  message.kind = kind;
  message.version = version;
  message.source = address(kind == MessageKind::kQuery ? "10.1.1.9" : "10.1.1.1");
  message.destination = address(destination);
  message.ttl = 1;
  message.router_alert = true;
  return message;
}

struct Recorded {
  const char* name;
  std::string hex;
  MembershipMessage expected;
};
std::ostream& operator<<(std::ostream& stream, const Recorded& recorded) {
  return stream << recorded.name;
}

std::vector<Recorded> recorded() {
  std::vector<Recorded> result;
  auto& query2 =
      result.emplace_back("QueryV2", kQueryV2, from_host(MessageKind::kQuery, 2, "224.0.0.1"));
  query2.expected.max_response_time = kSecond;

  auto& query3 =
      result.emplace_back("QueryV3", kQueryV3, from_host(MessageKind::kQuery, 3, "224.0.0.1"));
  query3.expected.max_response_time = kSecond;
  query3.expected.query_interval = kSecond;
  query3.expected.robustness = 2;

  auto& source = result.emplace_back("QueryForSource", kQueryForSource,
                                     from_host(MessageKind::kQuery, 3, "232.1.2.3"));
  source.expected.max_response_time = kSecond;
  source.expected.query_interval = kSecond;
  source.expected.robustness = 2;
  source.expected.group = address("232.1.2.3");
  source.expected.sources = {address("10.9.9.9")};

  auto& report1 =
      result.emplace_back("ReportV1", kReportV1, from_host(MessageKind::kReport, 1, "239.1.2.1"));
  report1.expected.group = address("239.1.2.1");
  auto& report2 =
      result.emplace_back("ReportV2", kReportV2, from_host(MessageKind::kReport, 2, "239.1.2.2"));
  report2.expected.group = address("239.1.2.2");
  auto& leave =
      result.emplace_back("LeaveV2", kLeaveV2, from_host(MessageKind::kLeave, 2, "224.0.0.2"));
  leave.expected.group = address("239.1.2.2");

  auto& report3 =
      result.emplace_back("ReportV3", kReportV3, from_host(MessageKind::kReport, 3, "224.0.0.22"));
  report3.expected.records = {
      {.type = GroupRecordType::kChangeToExclude, .group = address("239.1.2.3"), .sources = {}}};
  auto& allow = result.emplace_back("ReportV3Source", kReportV3Source,
                                    from_host(MessageKind::kReport, 3, "224.0.0.22"));
  allow.expected.records = {{.type = GroupRecordType::kAllowNewSources,
                             .group = address("232.1.2.3"),
                             .sources = {address("10.9.9.9")}}};
  return result;
}

class RecordedIgmp : public testing::TestWithParam<Recorded> {};

TEST_P(RecordedIgmp, IsReadAsTheKernelMeantIt) {
  const auto message = decode_igmp(from_hex(GetParam().hex));
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(*message, GetParam().expected);
}

TEST_P(RecordedIgmp, IsReadInAnEthernetFrameThatIsPadded) {
  Packet padded = from_hex(GetParam().hex);
  padded.resize(padded.size() + 17, 0xEE);
  EXPECT_EQ(decode_igmp(padded).value(), GetParam().expected);
}

TEST_P(RecordedIgmp, CutAnywhereIsAnError) {
  const Packet whole = from_hex(GetParam().hex);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // On the heap with its exact length, so that a sanitizer sees one byte too far.
    const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(decode_igmp(cut)) << length;
  }
}

// With both checksums right and the IP length as short as the cut.
TEST_P(RecordedIgmp, OfAnyShorterLengthIsAnErrorOrAnOlderVersion) {
  const Packet whole = from_hex(GetParam().hex);
  for (std::size_t length = 24; length < whole.size(); ++length) {
    Packet shorter(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    test::put_u16(shorter, 2, length);
    test::fix_checksum(shorter, 10, 0, 24);
    if (length >= 28) test::fix_checksum(shorter, 26, 24, length);
    const auto message = decode_igmp(shorter);
    if (!message) continue;
    EXPECT_EQ(message->kind, MessageKind::kQuery) << length;
    EXPECT_EQ(length, 32U);
    EXPECT_EQ(message->version, 2);
  }
}

TEST_P(RecordedIgmp, WithOneBitWrongIsAnError) {
  const Packet whole = from_hex(GetParam().hex);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Packet forged = whole;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(decode_igmp(forged)) << "bit " << bit;
  }
}

// The checksum is right again after each change: every field is believed.
TEST_P(RecordedIgmp, WithAnyForgedByteStaysWithinItsBounds) {
  const Packet whole = from_hex(GetParam().hex);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      Packet forged = whole;
      forged[i] = static_cast<std::uint8_t>(value);
      if (i < 24) test::fix_checksum(forged, 10, 0, 24);
      if (i >= 24) test::fix_checksum(forged, 26, 24, forged.size());
      const auto message = decode_igmp(forged);
      if (!message) {
        EXPECT_FALSE(message.error().message.empty());
        continue;
      }
      EXPECT_LE(message->records.size(), 1U);
      EXPECT_LE(message->sources.size(), 1U);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Packets, RecordedIgmp, testing::ValuesIn(recorded()),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(IgmpQuery, IsOfTheVersionThatItsLengthAndCodeSay) {
  const auto version1 = decode_igmp(igmp_packet("1100000000000000")).value();
  EXPECT_EQ(version1.version, 1);
  EXPECT_EQ(version1.max_response_time, 10 * kSecond);
  const auto version2 = decode_igmp(igmp_packet("11ff000000000000")).value();
  EXPECT_EQ(version2.version, 2);
  // Not a floating-point number in version 2.
  EXPECT_EQ(version2.max_response_time, 25'500 * kMillisecond);
  const auto version3 = decode_igmp(igmp_packet("110000000000000000000000")).value();
  EXPECT_EQ(version3.version, 3);
  EXPECT_EQ(version3.max_response_time, 0);
  EXPECT_EQ(version3.query_interval, 0);
  for (const char* between :
       {"110a00000000000000", "110a0000000000000000", "110a000000000000000000"}) {
    EXPECT_FALSE(decode_igmp(igmp_packet(between))) << between;
  }
}

TEST(IgmpQuery, SaysItsTimesAsFloatingPointNumbersFrom128On) {
  const auto message = decode_igmp(igmp_packet("11ff0000000000000f8f0000")).value();
  EXPECT_EQ(message.max_response_time, 3'174'400 * kMillisecond);
  EXPECT_EQ(message.query_interval, 248 * kSecond);
  EXPECT_EQ(message.robustness, 7);
  EXPECT_TRUE(message.suppress_router_processing);
}

TEST(IgmpQuery, ThatClaimsMoreSourcesThanItHasIsAnError) {
  EXPECT_FALSE(
      decode_igmp(igmp_packet("110a0000e801020302"
                              "01ffff0a090909")));
  EXPECT_FALSE(
      decode_igmp(igmp_packet("110a0000e801020302"
                              "0100020a090909")));
  // Data behind the sources is allowed: section 4.1.10.
  const auto more =
      decode_igmp(igmp_packet("110a0000e801020302"
                              "0100010a090909abcdef"));
  ASSERT_TRUE(more) << more.error().message;
  EXPECT_EQ(more->sources.size(), 1U);
}

TEST(IgmpQuery, ForAnAddressThatIsNoGroupIsAnError) {
  EXPECT_FALSE(decode_igmp(igmp_packet("110a00000a010101")));
}

TEST(IgmpCode, IsExactBelow128AndThreeBitsOfExponentAbove) {
  EXPECT_EQ(igmp_code_value(0), 0U);
  EXPECT_EQ(igmp_code_value(127), 127U);
  EXPECT_EQ(igmp_code_value(128), 128U);
  EXPECT_EQ(igmp_code_value(0x8F), 248U);
  EXPECT_EQ(igmp_code_value(0x90), 256U);
  EXPECT_EQ(igmp_code_value(0xFF), 31'744U);
}

TEST(IgmpReport, HasItsRecordsInOrderWithoutThoseOfUnknownTypes) {
  // MODE_IS_INCLUDE with two sources, type 9, then MODE_IS_EXCLUDE with auxiliary data.
  const auto message =
      decode_igmp(igmp_packet("2200000000000003"
                              "01000002e80101010a0000010a000002"
                              "09000000ef010101"
                              "02010000ef010102deadbeef"));
  ASSERT_TRUE(message) << message.error().message;
  ASSERT_EQ(message->records.size(), 2U);
  EXPECT_EQ(message->records[0].sources.size(), 2U);
  EXPECT_EQ(message->records[1].group, address("239.1.1.2"));
  EXPECT_EQ(to_string(message->records[1].type), "MODE_IS_EXCLUDE");
}

TEST(IgmpReport, ThatClaimsMoreThanItHasIsAnErrorThatNamesTheRecord) {
  for (const char* report :
       {"220000000000ffff", "220000000000000204000000ef010203", "22000000000000010400ffffef010203",
        "220000000000000104ff0000ef010203"}) {
    EXPECT_FALSE(decode_igmp(igmp_packet(report))) << report;
  }
  const auto second = decode_igmp(igmp_packet("220000000000000204000000ef01020304000001ef010203"));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("record 2"), std::string::npos) << second.error().message;
}

TEST(IgmpReport, ForAnAddressThatIsNoGroupIsAnError) {
  EXPECT_FALSE(decode_igmp(igmp_packet("160000000a010101")));
  EXPECT_FALSE(decode_igmp(igmp_packet("1700000000000000")));
  EXPECT_FALSE(decode_igmp(igmp_packet("2200000000000001040000000a010101")));
}

TEST(IgmpReport, OfTheLongestPacketIsRead) {
  std::string igmp = "2200000000001ff0";
  igmp.reserve(140'000);
  for (int i = 0; i < 0x1FF0; ++i) igmp += "04000000ef010203";
  const auto message = decode_igmp(igmp_packet(igmp));
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->records.size(), 0x1FF0U);
}

TEST(Igmp, WithoutARouterAlertSaysSo) {
  EXPECT_FALSE(decode_igmp(igmp_packet("110a000000000000"))->router_alert);
  test::IpFields behind_others;
  behind_others.options = from_hex("0183030094040000");
  EXPECT_TRUE(decode_igmp(igmp_packet("110a000000000000", behind_others))->router_alert);
  test::IpFields endless;
  endless.options = from_hex("83000000");
  EXPECT_FALSE(decode_igmp(igmp_packet("110a000000000000", endless))->router_alert);
}

TEST(Igmp, OfOtherTypesAndOtherProtocolsIsAnError) {
  EXPECT_FALSE(decode_igmp(igmp_packet("1300000000000000")));  // DVMRP
  EXPECT_FALSE(decode_igmp(igmp_packet("1f00000000000000")));  // mtrace
  EXPECT_FALSE(decode_igmp(test::ip_packet({}, Packet(8))));
  test::IpFields fragment;
  fragment.fragment = 0x2000;
  EXPECT_FALSE(decode_igmp(igmp_packet("110a000000000000", fragment)));
}

}  // namespace
}  // namespace mcast::netlink
