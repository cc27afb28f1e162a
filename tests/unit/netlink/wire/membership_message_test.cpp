// Packets of IGMP and MLD from a Linux 6.18 kernel (a host, and a bridge with a querier of its
// own), built ones, cut, forged, and with claims that they do not hold.
#include "netlink/wire/membership_message.h"

#include <gtest/gtest.h>

#include <algorithm>
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

// `message`: with the last two bytes of the hop-by-hop options, which are padding.
std::string recorded_mld(const char* length, const char* from, const std::string& to,
                         const std::string& message) {
  return "60000000" + std::string(length) + "0001fe8000000000000000000000000000" + from + to +
         "3a0005020000" + message;
}
const std::string kAllNodes = "ff020000000000000000000000000001";
const std::string kAllRouters = "ff020000000000000000000000000002";
const std::string kMldRouters = "ff020000000000000000000000000016";
const std::string kAsmGroup = "ff1e0000000000000000000080000001";
const std::string kSsmGroup = "ff3e0000000000000000000080000001";
const std::string kMldSource = "20010db8000000000000000000000005";
const std::string kMldQueryV1 =
    recorded_mld("0020", "09", kAllNodes, "000082007c3703e8000000000000000000000000000000000000");
const std::string kMldQueryV2 = recorded_mld(
    "0024", "09", kAllNodes, "000082007a3203e800000000000000000000000000000000000002010000");
const std::string kMldQueryForSource = recorded_mld(
    "0034", "09", kSsmGroup, "000082004ce603e80000" + kSsmGroup + "02010001" + kMldSource);
const std::string kMldReportV1 =
    recorded_mld("0020", "01", kAsmGroup, "010083007fea00000000" + kAsmGroup);
const std::string kMldDone =
    recorded_mld("0020", "01", kAllRouters, "01008400ff0500000000" + kAsmGroup);
const std::string kMldReportV2 =
    recorded_mld("0048", "01", kMldRouters,
                 "01008f003dc80000000205000001" + kSsmGroup + kMldSource + "04000000" + kAsmGroup);

// Whatever it is of.
Result<MembershipMessage> decode(const Packet& packet) {
  return packet[0] >> 4U == 6 ? decode_mld(packet) : decode_igmp(packet);
}

// Of a recorded packet: where its message begins.
std::size_t header_of(const Packet& packet) {
  return packet[0] >> 4U == 6 ? 48 : 24;
}

// Makes right what was right in a recorded packet before something in it was changed.
void fix_checksums(Packet& packet) {
  const std::size_t header_length = header_of(packet);
  if (header_length == 24) test::fix_checksum(packet, 10, 0, 24);
  if (packet.size() < header_length + 4) return;
  if (header_length == 24) return test::fix_checksum(packet, 26, 24, packet.size());
  test::put_u16(packet, 50, 0);
  const auto header = decode_internet_header(packet);
  if (!header || header->total_length > packet.size()) return;
  const Bytes payload = Bytes(packet).first(header->total_length).subspan(header->header_length);
  test::put_u16(packet, 50, ipv6_checksum(*header, payload));
}

MembershipMessage from_host(MessageKind kind, int version, const char* destination) {
  MembershipMessage message;
  message.kind = kind;
  message.version = version;
  message.destination = address(destination);
  const bool is_query = kind == MessageKind::kQuery;
  message.source = message.destination.is_v4() ? address(is_query ? "10.1.1.9" : "10.1.1.1")
                                               : address(is_query ? "fe80::9" : "fe80::1");
  if (!message.destination.is_v4()) message.group = address("::");
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

  auto& mld1 =
      result.emplace_back("MldQueryV1", kMldQueryV1, from_host(MessageKind::kQuery, 1, "ff02::1"));
  mld1.expected.max_response_time = kSecond;
  auto& mld2 =
      result.emplace_back("MldQueryV2", kMldQueryV2, from_host(MessageKind::kQuery, 2, "ff02::1"));
  mld2.expected.max_response_time = kSecond;
  mld2.expected.query_interval = kSecond;
  mld2.expected.robustness = 2;
  auto& mld_source = result.emplace_back("MldQueryForSource", kMldQueryForSource,
                                         from_host(MessageKind::kQuery, 2, "ff3e::8000:1"));
  mld_source.expected.max_response_time = kSecond;
  mld_source.expected.query_interval = kSecond;
  mld_source.expected.robustness = 2;
  mld_source.expected.group = address("ff3e::8000:1");
  mld_source.expected.sources = {address("2001:db8::5")};
  auto& mld_report1 = result.emplace_back("MldReportV1", kMldReportV1,
                                          from_host(MessageKind::kReport, 1, "ff1e::8000:1"));
  mld_report1.expected.group = address("ff1e::8000:1");
  auto& done =
      result.emplace_back("MldDone", kMldDone, from_host(MessageKind::kLeave, 1, "ff02::2"));
  done.expected.group = address("ff1e::8000:1");
  auto& mld_report2 = result.emplace_back("MldReportV2", kMldReportV2,
                                          from_host(MessageKind::kReport, 2, "ff02::16"));
  mld_report2.expected.records = {
      {.type = GroupRecordType::kAllowNewSources,
       .group = address("ff3e::8000:1"),
       .sources = {address("2001:db8::5")}},
      {.type = GroupRecordType::kChangeToExclude, .group = address("ff1e::8000:1"), .sources = {}}};
  return result;
}

class RecordedMessage : public testing::TestWithParam<Recorded> {};

TEST_P(RecordedMessage, IsReadAsTheKernelMeantIt) {
  const auto message = decode(from_hex(GetParam().hex));
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(*message, GetParam().expected);
  EXPECT_EQ(message->why_invalid(), "");
}

TEST_P(RecordedMessage, IsReadInAnEthernetFrameThatIsPadded) {
  Packet padded = from_hex(GetParam().hex);
  padded.resize(padded.size() + 17, 0xEE);
  EXPECT_EQ(decode(padded).value(), GetParam().expected);
}

TEST_P(RecordedMessage, CutAnywhereIsAnError) {
  const Packet whole = from_hex(GetParam().hex);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // On the heap with its exact length, so that a sanitizer sees one byte too far.
    const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(decode_igmp(cut)) << length;
    EXPECT_FALSE(decode_mld(cut)) << length;
  }
}

// With all checksums right and the IP length as short as the cut.
TEST_P(RecordedMessage, OfAnyShorterLengthIsAnErrorOrAnOlderVersion) {
  const Packet whole = from_hex(GetParam().hex);
  const bool is_mld = header_of(whole) == 48;
  for (std::size_t length = header_of(whole); length < whole.size(); ++length) {
    Packet shorter(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    test::put_u16(shorter, is_mld ? 4 : 2, is_mld ? length - 40 : length);
    fix_checksums(shorter);
    const auto message = decode(shorter);
    if (!message) continue;
    EXPECT_EQ(message->kind, MessageKind::kQuery) << length;
    EXPECT_EQ(length, is_mld ? 72U : 32U);
    EXPECT_EQ(message->version, is_mld ? 1 : 2);
  }
}

TEST_P(RecordedMessage, WithOneBitWrongIsAnError) {
  const Packet whole = from_hex(GetParam().hex);
  // No checksum of IPv6 is over its traffic class, flow label, hop limit and options.
  const auto is_unchecked = [&](std::size_t bit) {
    const std::size_t byte = bit / 8;
    const bool is_in_first_word = bit % 8 < 4 || byte > 0;
    return header_of(whole) == 48 &&
           ((byte < 4 && is_in_first_word) || byte == 7 || (byte >= 42 && byte < 48));
  };
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    if (is_unchecked(bit)) continue;
    Packet forged = whole;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(decode(forged)) << "bit " << bit;
  }
}

// The checksum is right again after each change: every field is believed.
TEST_P(RecordedMessage, WithAnyForgedByteStaysWithinItsBounds) {
  const Packet whole = from_hex(GetParam().hex);
  const MembershipMessage& expected = GetParam().expected;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      Packet forged = whole;
      forged[i] = static_cast<std::uint8_t>(value);
      if (header_of(forged) == header_of(whole)) fix_checksums(forged);
      for (const auto& message : {decode_igmp(forged), decode_mld(forged)}) {
        if (!message) {
          EXPECT_FALSE(message.error().message.empty());
          continue;
        }
        EXPECT_LE(message->records.size(), std::max<std::size_t>(1, expected.records.size()));
        EXPECT_LE(message->sources.size(), 1U);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Packets, RecordedMessage, testing::ValuesIn(recorded()),
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

TEST(Code, IsExactBelow128AndThreeBitsOfExponentAbove) {
  EXPECT_EQ(code_value(0), 0U);
  EXPECT_EQ(code_value(127), 127U);
  EXPECT_EQ(code_value(128), 128U);
  EXPECT_EQ(code_value(0x8F), 248U);
  EXPECT_EQ(code_value(0x90), 256U);
  EXPECT_EQ(code_value(0xFF), 31'744U);
  // Of the 16 bits of MLDv2.
  EXPECT_EQ(code_value(0x7FFF, 12), 32'767U);
  EXPECT_EQ(code_value(0x8000, 12), 32'768U);
  EXPECT_EQ(code_value(0x9001, 12), 65'552U);
  EXPECT_EQ(code_value(0xFFFF, 12), 8'387'584U);
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
