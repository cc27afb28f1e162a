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

bool kernel_tells_of_joins() {
  utsname name{};
  int major = 0;
  int minor = 0;
  if (::uname(&name) != 0 || std::sscanf(name.release, "%d.%d", &major, &minor) != 2) return false;
  return major > 6 || (major == 6 && minor >= 14);
}

class MembershipChanges : public BothFamilies {
 protected:
  MembershipChanges() { connect(host_, "eth1", addresses(1, 1), peer_, "eth1", addresses(1, 2)); }

  [[nodiscard]] std::string group(int number) const {
    return net_.group_plus(static_cast<unsigned>(number));
  }
  [[nodiscard]] double joins(const Agent& agent) const {
    return agent.metrics().value("mcast_membership_joins_total", eth1_);
  }
  [[nodiscard]] double leaves(const Agent& agent) const {
    return agent.metrics().value("mcast_membership_leaves_total", eth1_);
  }

  const LabelSet eth1_{{"family", net_.label()}, {"interface", "eth1"}};
  Namespace host_{"host"};
  Namespace peer_{"peer"};
};

TEST_P(MembershipChanges, AreAllCountedThoughTheyAreOverAtOnce) {
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

TEST_P(MembershipChanges, OfTheSameGroupAreAllCounted) {
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

TEST_P(Joins, AreInTheNextScrapeWithinFiftyMilliseconds) {
  const Agent agent(host_, kWatchesAlone);
  const ForeignJoins program(host_, "eth1");
  std::vector<std::chrono::steady_clock::duration> took;
  for (int i = 0; i < 19; ++i) {
    LabelSet labels = eth1_;
    labels.emplace("group", group(i));
    ASSERT_EQ(agent.metrics().find("mcast_membership_users", labels), std::nullopt);
    const auto started = std::chrono::steady_clock::now();
    program.join(group(i));
    const Metrics metrics = agent.metrics();
    took.push_back(std::chrono::steady_clock::now() - started);
    EXPECT_EQ(metrics.find("mcast_membership_users", labels), 1) << metrics.text();
    EXPECT_EQ(metrics.value("mcast_membership_joins_total", eth1_), i + 1);
  }
  // The median: half of them were left alone by the machine.
  std::ranges::sort(took);
  EXPECT_LT(took[took.size() / 2], 50ms);
  program.leave(group(3));
  EXPECT_EQ(leaves(agent), 1);
  EXPECT_EQ(joins(agent), 19);
}

INSTANTIATE_TEST_SUITE_P(, MembershipChanges, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, Joins, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
