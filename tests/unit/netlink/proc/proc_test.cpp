#include "netlink/proc/proc_net.h"

#include <gtest/gtest.h>

#include "netlink/host_reader.h"

namespace mcast::netlink {
namespace {

constexpr const char* kTitle = "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n";

std::string igmp(const std::string& lines) {
  return kTitle + lines;
}

TEST(ProcIgmp, GivesInterfacesVersionsGroupsAndUsers) {
  const auto parsed =
      parse_proc_igmp(igmp("1\tlo        :     1      V3\n"
                           "\t\t\t\t010000E0     1 0:00000000\t\t0\n"
                           "3\teth0      :     2      V2\n"
                           "\t\t\t\t650A00EF     4 0:00000000\t\t1\n"
                           "\t\t\t\t010000E0     1 0:00000000\t\t0\n"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->interfaces.size(), 2U);
  EXPECT_EQ(parsed->interfaces[1].name, "eth0");
  EXPECT_EQ(parsed->interfaces[1].version, 2);
  ASSERT_EQ(parsed->memberships.size(), 3U);
  EXPECT_EQ(parsed->memberships[1].ifindex, 3);
  EXPECT_EQ(parsed->memberships[1].group.to_string(), "239.0.10.101");
  EXPECT_EQ(parsed->memberships[1].users, 4U);
}

TEST(ProcIgmp, TakesNamesThatFillTheirColumnOrHoldColons) {
  const auto parsed =
      parse_proc_igmp(igmp("12\tabcdefghijklmno:     1      V3\n"
                           "13\teth0:1    :     1      V1\n"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->interfaces[0].name, "abcdefghijklmno");
  EXPECT_EQ(parsed->interfaces[1].name, "eth0:1");
}

TEST(ProcIgmp, OfAKernelWithoutIgmpHasMembershipsAndNoVersion) {
  const auto parsed = parse_proc_igmp(
      igmp("3\teth0      :     1    NONE\n\t\t\t\t010000E0     1 0:00000000\t\t0\n"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->interfaces.at(0).version, 0);
  EXPECT_EQ(parsed->memberships.size(), 1U);
}

TEST(ProcIgmp, NamesTheLineThatIsWrong) {
  for (const char* line :
       {"x\tlo        :     1      V3\n", "1\tlo : 1 V4\n", "1\tlo : 1 none\n", "1\tlo  1 V3\n",
        "\t\t\t\t010000E0     1 0:0\t\t0\n", "0\tlo : 1 V3\n"}) {
    const auto parsed = parse_proc_igmp(igmp(line));
    ASSERT_FALSE(parsed) << line;
    EXPECT_TRUE(parsed.error().message.starts_with("line 2:")) << parsed.error().message;
  }
  EXPECT_FALSE(
      parse_proc_igmp(igmp("1\tlo        :     1      V3\n\t\t\t\t0100000A     1 0:0\t\t0\n")));
}

TEST(ProcIgmp, OfNothingIsNothing) {
  EXPECT_TRUE(parse_proc_igmp("")->interfaces.empty());
  EXPECT_TRUE(parse_proc_igmp(kTitle)->memberships.empty());
}

TEST(ProcIgmp6, GivesGroups) {
  const auto parsed =
      parse_proc_igmp6("2    eth0            ff0200000000000000000001ff000001     1 00000004 0\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->front().group.to_string(), "ff02::1:ff00:1");
  EXPECT_FALSE(parse_proc_igmp6("2    eth0     ff02     1 00000004 0\n"));
}

TEST(ProcMcfilter, GivesSourcesInEitherMode) {
  const auto parsed = parse_proc_mcfilter(
      "Idx Device        MCA        SRC    INC    EXC\n"
      "  3 eth1   0xe8050505 0x0a010101      1      0\n"
      "  3 eth1   0xef000a65 0x0a010103      0      2\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ(parsed->at(0).group.to_string(), "232.5.5.5");
  EXPECT_EQ(parsed->at(0).source.to_string(), "10.1.1.1");
  EXPECT_EQ(parsed->at(0).includes, 1U);
  EXPECT_EQ(parsed->at(1).excludes, 2U);
  EXPECT_FALSE(parse_proc_mcfilter("title\n  3 eth1   0xe8050505 0x0a0101      1      0\n"));
  EXPECT_FALSE(parse_proc_mcfilter("title\n  3 eth1   0xe8050505 0x0a010101      1\n"));
}

TEST(Proc, SurvivesEveryCutOfItsText) {
  const std::string text =
      igmp("1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n");
  for (std::size_t length = 0; length < text.size(); ++length) {
    const std::string cut = text.substr(0, length);
    (void)parse_proc_igmp(cut);
    (void)parse_proc_igmp6(cut);
    (void)parse_proc_mcfilter(cut);
    (void)parse_proc_mcfilter6(cut);
  }
}

TEST(United, ReadingsHaveWhatEitherHasOnceWithItsUsers) {
  const auto group = IpAddress::v4(0xEF000A65);
  const auto other = IpAddress::v4(0xEF000A66);
  EXPECT_EQ(united({{.ifindex = 4, .group = group}, {.ifindex = 3, .group = group}},
                   {{.ifindex = 3, .group = group, .users = 5},
                    {.ifindex = 3, .group = other, .users = 7},
                    {.ifindex = 3, .group = group, .users = 5}}),
            (std::vector<Membership>{{.ifindex = 3, .group = group, .users = 5},
                                     {.ifindex = 3, .group = other, .users = 7},
                                     {.ifindex = 4, .group = group, .users = 0}}));
}

}  // namespace
}  // namespace mcast::netlink
