// Which MLD version is in operation, from counters as Linux 6.18 has shown them
// (docs/decisions/mld-version.md).
#include "netlink/proc/protocol_versions.h"

#include <gtest/gtest.h>

#include "netlink/proc/sysctls.h"

namespace mcast::netlink {
namespace {

MldCounters counters(std::uint64_t queries, std::uint64_t v1, std::uint64_t v2) {
  return {.ifindex = 2, .queries = queries, .v1_messages = v1, .v2_reports = v2};
}

TEST(MldVersion, OfAFirstReadingIsWhatTheMessagesSoFarSay) {
  EXPECT_EQ(MldVersion().judge(counters(0, 0, 0), 0), 2);
  EXPECT_EQ(MldVersion().judge(counters(0, 0, 4), 0), 2);
  EXPECT_EQ(MldVersion().judge(counters(3, 0, 7), 0), 2);
  // It began in version 2, then somebody asked in version 1.
  EXPECT_EQ(MldVersion().judge(counters(2, 1, 4), 0), 1);
  // Forced once: nobody has asked.
  EXPECT_EQ(MldVersion().judge(counters(0, 5, 4), 0), 2);
}

TEST(MldVersion, FollowsTheReportsFromOneReadingToTheNext) {
  MldVersion version;
  EXPECT_EQ(version.judge(counters(2, 2, 4), 0), 1);
  EXPECT_EQ(version.judge(counters(3, 2, 4), kSecond), 1);  // nothing was reported since
  EXPECT_EQ(version.judge(counters(4, 2, 6), 2 * kSecond), 2);
  EXPECT_EQ(version.judge(counters(4, 2, 6), 3 * kSecond), 2);
  EXPECT_EQ(version.judge(counters(5, 3, 6), 4 * kSecond), 1);
  // Both between two readings: only a query of version 1 leads to such reports.
  EXPECT_EQ(version.judge(counters(6, 4, 7), 5 * kSecond), 1);
}

TEST(MldVersion, IsTheNewestAgainWhenNobodyHasAskedForLong) {
  MldVersion version;
  EXPECT_EQ(version.judge(counters(2, 2, 4), 0), 1);
  EXPECT_EQ(version.judge(counters(3, 3, 4), 100 * kSecond), 1);
  EXPECT_EQ(version.judge(counters(3, 3, 4), 360 * kSecond), 1);
  EXPECT_EQ(version.judge(counters(3, 3, 4), 361 * kSecond), 2);
}

TEST(MldVersion, OfCountersThatBeginAnewIsJudgedAnew) {
  MldVersion version;
  EXPECT_EQ(version.judge(counters(9, 9, 4), 0), 1);
  EXPECT_EQ(version.judge(counters(0, 0, 2), kSecond), 2);
}

TEST(ProcDevSnmp6, GivesWhatWasHeardAndSaid) {
  const auto parsed = parse_proc_dev_snmp6(
      "ifIndex                         \t2\n"
      "Ip6InReceives                   \t22\n"
      "Icmp6InGroupMembQueries         \t6\n"
      "Icmp6InGroupMembResponses       \t8\n"
      "Icmp6OutGroupMembQueries        \t0\n"
      "Icmp6OutGroupMembResponses      \t8\n"
      "Icmp6OutGroupMembReductions     \t1\n"
      "Icmp6OutMLDv2Reports            \t4\n"
      "Icmp6OutType143                 \t4\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, counters(6, 9, 4));
}

TEST(ProcDevSnmp6, ThatIsNoTableOfCountersIsAnError) {
  for (const char* text : {"", "ifIndex x\n", "ifIndex 0\n", "ifIndex 99999999999\n",
                           "Icmp6InGroupMembQueries 1\n", "ifIndex 2\nIcmp6InGroupMembQueries\n",
                           "ifIndex 2\nIcmp6InGroupMembQueries -1\n", "ifIndex 2\n\n"}) {
    EXPECT_FALSE(parse_proc_dev_snmp6(text)) << text;
  }
}

TEST(VersionInForce, OfMldIsThatOfAllAndThenThatOfTheInterface) {
  const auto in_force = [](int interface, int all) {
    return version_in_force(Family::kIpv6, interface, all);
  };
  EXPECT_EQ(in_force(0, 0), 0);
  EXPECT_EQ(in_force(1, 0), 1);
  EXPECT_EQ(in_force(1, 2), 2);
  EXPECT_EQ(in_force(2, 1), 1);
  // No version at all, which keeps the interface's from being asked.
  EXPECT_EQ(in_force(1, 3), 0);
  EXPECT_EQ(in_force(-1, 0), 0);
  // Of IGMP the lower one.
  EXPECT_EQ(version_in_force(Family::kIpv4, 2, 1), 1);
  EXPECT_EQ(version_in_force(Family::kIpv4, 1, 2), 1);
}

}  // namespace
}  // namespace mcast::netlink
