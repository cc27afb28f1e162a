// Messages of a Linux 6.18 kernel, whole, cut, longer and forged.
#include "netlink/rtnetlink/decode.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/netlink/rtnetlink/torture.h"

namespace mcast::netlink {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

// Interface 6 "br0", snooping and querier on; what nobody reads is left out outside of
// the settings.
constexpr std::string_view kBridge =
    "00000100060000004310010000000000080003006272300008000400dc050000bc0112000b00010062726964"
    "67650000ac0102000c00100000000000000000000c00110000000000000000000c0012000000000000000000"
    "0c001300f87300000000000008000100dc05000008000200c800000008000300d00700000800040030750000"
    "08000500000000000600060000800000050007000000000006000900000000000c000b008000b22c08b7101c"
    "0c000a008000b22c08b7101c06000c000000000008000d000000000005000e000000000005000f0000000000"
    "0a0014000180c200000000000c002e00000000001f0000000800300001000000080031000000000005001600"
    "0100000005001700010000000500180000000000050019000100000005002a000000000008001a0010000000"
    "08001b000010000008001c000200000008001d000200000005002b000300000020002f800800010000000000"
    "140005000000000000000000000000000000000005002c00010000000c001e0064000000000000000c001f00"
    "90650000000000000c0020009c630000000000000c002100d4300000000000000c002200e803000000000000"
    "0c002300340c000000000000050024000000000005002500000000000500260000000000";
// Bridge 6, behind port 2: ff15::77, 239.5.5.5, 232.5.5.5 from 10.1.1.9 only, 239.5.5.7
// but not from 10.1.1.66. On the bridge itself: 239.5.5.6 and groups that it needs itself.
constexpr std::string_view kDatabase =
    "00000000060000005c02010034000100300001000200000000000000ff150000000000000000000000000077"
    "86dd0000080001003965000005000500020000003c000100380001000200000000000000ef05050500000000"
    "000000000000000008000000080001002f650000050005000200000005000300000000004400010040000100"
    "0200000000000000e8050505000000000000000000000000080000000800010000000000080004000a010109"
    "0500050002000000050003000100000054000100500001000200000000000000e80505050000000000000000"
    "0000000008000000080001000000000005000500020000001800028014000180080001000a01010908000200"
    "2f650000050003000100000044000100400001000200000000080000ef050507000000000000000000000000"
    "080000000800010000000000080004000a010142050005000200000005000300010000005400010050000100"
    "0200000000000000ef05050700000000000000000000000008000000080001002f6500000500050002000000"
    "1800028014000180080001000a010142080002000000000005000300000000002c0001002800010006000000"
    "00000000ef050506000000000000000000000000080000000800010056650000340001003000010002000000"
    "00000000ff0200000000000000000001ff4d1ad086dd0000080001002965000005000500020000002c000100"
    "280001000600000000000000ff02000000000000000000000000006a86dd000008000100296500002c000100"
    "280001000600000000000000ff0200000000000000000001ffb7101c86dd00000800010029650000";
// A veth.
constexpr std::string_view kOther =
    "00000100030000004310010000000000070003007630000010001200090001007665746800000000";

TEST(DecodeBridge, ReadsItsSettings) {
  const auto bridge = decode_bridge(bytes(kBridge));
  ASSERT_TRUE(bridge) << bridge.error().message;
  ASSERT_TRUE(*bridge);
  EXPECT_EQ((*bridge)->ifindex, 6);
  EXPECT_TRUE((*bridge)->snooping);
  EXPECT_TRUE((*bridge)->querier);
  EXPECT_TRUE((*bridge)->knows_querier);
  EXPECT_EQ((*bridge)->heard_querier, ip("0.0.0.0"));
}

TEST(DecodeBridge, PassesOverALinkThatIsNone) {
  const auto bridge = decode_bridge(bytes(kOther));
  ASSERT_TRUE(bridge) << bridge.error().message;
  EXPECT_FALSE(*bridge);
}

TEST(DecodeBridge, KnowsNoQuerierWhereTheKernelDoesNotSay) {
  auto message = bytes(kBridge);
  // IFLA_BR_MCAST_QUERIER_STATE and its length: another number in its place.
  const auto at = std::string(kBridge).find("20002f80") / 2;
  message[at + 2] = 0x7F;
  const auto bridge = decode_bridge(message);
  ASSERT_TRUE(bridge) << bridge.error().message;
  EXPECT_FALSE((*bridge)->knows_querier);
  EXPECT_EQ((*bridge)->heard_querier, std::nullopt);
}

std::vector<BridgeEntry> of_group(const std::vector<BridgeEntry>& all, std::string_view group) {
  std::vector<BridgeEntry> result;
  for (const BridgeEntry& entry : all) {
    if (entry.group == ip(group)) result.push_back(entry);
  }
  return result;
}

TEST(DecodeBridgeEntries, ReadsWhoWantsWhat) {
  const auto entries = decode_bridge_entries(bytes(kDatabase));
  ASSERT_TRUE(entries) << entries.error().message;
  const BridgeEntry behind_port{
      .bridge = 6, .port = 2, .group = ip("239.5.5.5"), .source = std::nullopt, .blocked = false};
  EXPECT_EQ(of_group(*entries, "239.5.5.5"), std::vector{behind_port});
  BridgeEntry ipv6 = behind_port;
  ipv6.group = ip("ff15::77");
  EXPECT_EQ(of_group(*entries, "ff15::77"), std::vector{ipv6});
  BridgeEntry own = behind_port;
  own.group = ip("239.5.5.6");
  own.port = 6;
  EXPECT_EQ(of_group(*entries, "239.5.5.6"), std::vector{own});
  EXPECT_TRUE(of_group(*entries, "239.5.5.8").empty());
}

TEST(DecodeBridgeEntries, ReadsSourcesThatAreWantedAndThoseThatAreNot) {
  const auto entries = decode_bridge_entries(bytes(kDatabase));
  ASSERT_TRUE(entries) << entries.error().message;
  // Nothing of 232.5.5.5 but this source is wanted.
  EXPECT_EQ(of_group(*entries, "232.5.5.5"), (std::vector{BridgeEntry{.bridge = 6,
                                                                      .port = 2,
                                                                      .group = ip("232.5.5.5"),
                                                                      .source = ip("10.1.1.9"),
                                                                      .blocked = false}}));
  EXPECT_EQ(of_group(*entries, "239.5.5.7"), (std::vector{BridgeEntry{.bridge = 6,
                                                                      .port = 2,
                                                                      .group = ip("239.5.5.7"),
                                                                      .source = std::nullopt,
                                                                      .blocked = false},
                                                          BridgeEntry{.bridge = 6,
                                                                      .port = 2,
                                                                      .group = ip("239.5.5.7"),
                                                                      .source = ip("10.1.1.66"),
                                                                      .blocked = true}}));
}

TEST(DecodeBridge, SurvivesCutAndForgedMessagesAndRefusesStrayBytes) {
  torture(kBridge, decode_bridge);
  torture(kOther, decode_bridge);
  torture(kDatabase, decode_bridge_entries);
}

TEST(DecodeBridgeEntries, RefusesAnEntryThatIsTooShort) {
  // MDBA_MDB, MDBA_MDB_ENTRY and MDBA_MDB_ENTRY_INFO with 8 bytes in it.
  const auto entries =
      decode_bridge_entries(bytes("00000000060000001400010010000100"
                                  "0c0001000200000000000000"));
  EXPECT_FALSE(entries);
}

}  // namespace
}  // namespace mcast::netlink
