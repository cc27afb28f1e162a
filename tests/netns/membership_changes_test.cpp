// Joins and leaves of other programs: counted however short, shown at once.
//
//   host eth1 --- eth1 peer
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/foreign_joins.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

const LabelSet kEth1{{"family", "ipv4"}, {"interface", "eth1"}};

bool kernel_tells_of_joins() {
  utsname name{};
  int major = 0;
  int minor = 0;
  if (::uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &major, &minor) != 2) return false;
  return major > 6 || (major == 6 && minor >= 14);
}

std::string group(int number) {
  return "239.7." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
}

class MembershipChanges : public testing::Test {
 protected:
  MembershipChanges() { connect(host_, "eth1", "10.1.1.1/24", peer_, "eth1", "10.1.1.2/24"); }

  static double joins(const Agent& agent) {
    return agent.metrics().value("mcast_membership_joins_total", kEth1);
  }
  static double leaves(const Agent& agent) {
    return agent.metrics().value("mcast_membership_leaves_total", kEth1);
  }

  Namespace host_{"host"};
  Namespace peer_{"peer"};
};

TEST_F(MembershipChanges, AreAllCountedThoughTheyAreOverAtOnce) {
  if (!kernel_tells_of_joins()) GTEST_SKIP() << "before Linux 6.14";
  const Agent agent(host_, kWatchesAlone);
  const Agent other_end(peer_, kWatchesAlone);
  EXPECT_EQ(joins(agent), 0);
  const ForeignJoins program(host_, "eth1");
  for (int i = 0; i < 500; ++i) {
    program.join(group(i));
    program.leave(group(i));
    // A scrape reads what there is meanwhile, and must not count anything twice.
    if (i % 100 == 50) {
      EXPECT_LE(joins(agent), i + 1);
    }
  }
  EXPECT_TRUE(eventually(
      5s, [&] { return joins(agent) == 500 && leaves(agent) == 500; },
      [&] { return agent.metrics().text(); }));
  EXPECT_EQ(joins(other_end), 0);
  EXPECT_EQ(leaves(other_end), 0);
}

TEST_F(MembershipChanges, OfTheSameGroupAreAllCounted) {
  if (!kernel_tells_of_joins()) GTEST_SKIP() << "before Linux 6.14";
  const Agent agent(host_, kWatchesAlone);
  const ForeignJoins program(host_, "eth1");
  for (int i = 0; i < 100; ++i) {
    program.join(group(0));
    program.leave(group(0));
  }
  EXPECT_TRUE(eventually(
      5s, [&] { return joins(agent) == 100 && leaves(agent) == 100; },
      [&] { return agent.metrics().text(); }));
}

class Joins : public MembershipChanges {};

TEST_F(Joins, AreInTheNextScrapeWithinFiftyMilliseconds) {
  const Agent agent(host_, kWatchesAlone);
  const ForeignJoins program(host_, "eth1");
  std::vector<std::chrono::steady_clock::duration> took;
  for (int i = 0; i < 19; ++i) {
    LabelSet labels = kEth1;
    labels.emplace("group", group(i));
    ASSERT_EQ(agent.metrics().find("mcast_membership_users", labels), std::nullopt);
    const auto started = std::chrono::steady_clock::now();
    program.join(group(i));
    const Metrics metrics = agent.metrics();
    took.push_back(std::chrono::steady_clock::now() - started);
    EXPECT_EQ(metrics.find("mcast_membership_users", labels), 1) << metrics.text();
    EXPECT_EQ(metrics.value("mcast_membership_joins_total", kEth1), i + 1);
  }
  // The median: half of them were left alone by the machine.
  std::ranges::sort(took);
  EXPECT_LT(took[took.size() / 2], 50ms);
  program.leave(group(3));
  EXPECT_EQ(leaves(agent), 1);
  EXPECT_EQ(joins(agent), 19);
}

}  // namespace
}  // namespace mcast::test
