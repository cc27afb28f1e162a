// Messages of nftables of a Linux 6.18 kernel, whole, cut, longer and forged.
#include "netlink/rtnetlink/filter_decode.h"

#include <gtest/gtest.h>

#include <string_view>

#include "tests/unit/netlink/rtnetlink/torture.h"

namespace mcast::netlink {
namespace {

using Kind = FilterStep::Kind;

// table inet filter { chain input { type filter hook input priority 0; policy drop; } }
constexpr std::string_view kInput =
    "010000050b00010066696c74657200000a000300696e7075740000000c000200000000000000000214000400"
    "0800010000000001080002000000000008000500000000000b00070066696c746572000008000a0000000001"
    "0800060000000001";
// And a chain "lab" that is jumped to.
constexpr std::string_view kLab =
    "010000050b00010066696c7465720000080003006c6162000c00020000000000000000010800060000000002";
// meta l4proto udp ip daddr 239.0.0.0/8 udp dport != 5000 counter drop
constexpr std::string_view kDrop =
    "010000050b00010066696c7465720000080002006c6162000c0003000000000000000003c001040024000100"
    "090001006d6574610000000014000200080002000000001008000100000000012c00010008000100636d7000"
    "20000200080001000000000108000200000000000c000300050001001100000024000100090001006d657461"
    "0000000014000200080002000000000f08000100000000012c00010008000100636d70002000020008000100"
    "0000000108000200000000000c0003000500010002000000340001000c0001007061796c6f61640024000200"
    "08000100000000010800020000000001080003000000001008000400000000012c00010008000100636d7000"
    "20000200080001000000000108000200000000000c00030005000100ef000000340001000c0001007061796c"
    "6f6164002400020008000100000000010800020000000002080003000000000208000400000000022c000100"
    "08000100636d700020000200080001000000000108000200000000010c00030006000100138800002c000100"
    "0c000100636f756e746572001c0002000c00010000000000000000000c000200000000000000000030000100"
    "0e000100696d6d6564696174650000001c0002000800010000000000100002000c0002000800010000000000";
// iifname "eth1" jump lab
constexpr std::string_view kJump =
    "010000050b00010066696c74657200000a000200696e7075740000000c000300000000000000000498000400"
    "24000100090001006d6574610000000014000200080002000000000608000100000000013800010008000100"
    "636d70002c000200080001000000000108000200000000001800030014000100657468310000000000000000"
    "00000000380001000e000100696d6d6564696174650000002400020008000100000000001800020014000200"
    "08000100fffffffd080002006c616200";

TEST(DecodeChain, ReadsHookAndPolicyOfABaseChain) {
  const auto input = decode_chain(bytes(kInput));
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->family, 1);
  EXPECT_EQ(input->table, "filter");
  EXPECT_EQ(input->name, "input");
  EXPECT_TRUE(input->is_base);
  EXPECT_EQ(input->hook, 1U);
  EXPECT_EQ(input->priority, 0);
  EXPECT_TRUE(input->drops);
  const auto lab = decode_chain(bytes(kLab));
  ASSERT_TRUE(lab) << lab.error().message;
  EXPECT_FALSE(lab->is_base);
  EXPECT_FALSE(lab->drops);
}

TEST(DecodeRule, ReadsWhatItComparesAndItsVerdict) {
  const auto drop = decode_rule(bytes(kDrop));
  ASSERT_TRUE(drop) << drop.error().message;
  EXPECT_EQ(drop->chain, "lab");
  EXPECT_EQ(drop->handle, 3U);
  std::vector<Kind> kinds;
  for (const FilterStep& step : drop->steps) kinds.push_back(step.kind);
  EXPECT_EQ(kinds, (std::vector{Kind::kMeta, Kind::kCompare, Kind::kMeta, Kind::kCompare,
                                Kind::kPayload, Kind::kCompare, Kind::kPayload, Kind::kCompare,
                                Kind::kAction, Kind::kVerdict}));
  const FilterStep& prefix = drop->steps[5];
  EXPECT_EQ(prefix.data, std::vector<std::uint8_t>{239});
  EXPECT_EQ(drop->steps[4].offset, 16U);
  EXPECT_EQ(drop->steps[4].length, 1U);
  EXPECT_EQ(drop->steps[7].key, 1U) << "not equal";
  EXPECT_EQ(drop->steps.back().verdict, 0);
  const auto jump = decode_rule(bytes(kJump));
  ASSERT_TRUE(jump) << jump.error().message;
  EXPECT_EQ(jump->steps.back().verdict, -3);
  EXPECT_EQ(jump->steps.back().chain, "lab");
}

TEST(DecodeFilter, BearsWhatNoKernelSends) {
  torture(kInput, decode_chain);
  torture(kDrop, decode_rule);
  torture(kJump, decode_rule);
}

}  // namespace
}  // namespace mcast::netlink
