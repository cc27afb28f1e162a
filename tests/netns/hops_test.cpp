// Hops, and the TTL that was sent and that arrived.
//
//   sender eth1 --- r0 [router 1] r1 --- ... --- eth1 receiver      0, 1 and 3 routers
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGroup = "239.0.10.101";
const std::vector<MulticastRoute> kRoutes{{.group = kGroup, .source = "10.1.1.1"}};

double received(const Agent& agent) {
  return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}});
}

class Hops : public testing::TestWithParam<unsigned> {};

TEST_P(Hops, AreCountedAndBothTtlsAreShown) {
  const unsigned hops = GetParam();
  const RoutedPath path(hops, kRoutes);
  const Agent receiver(path.receiver, receiver_configuration({.group = kGroup, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = kGroup, .more = "rate: 100pps, ttl: 77"}));
  ASSERT_TRUE(eventually(
      5s, [&] { return received(receiver) >= 50; }, [&] { return receiver.metrics().text(); }));
  const Metrics metrics = receiver.metrics();
  const LabelSet labels{{"stream", "video"}, {"sender", "10.1.1.1"}};
  EXPECT_EQ(metrics.find("mcast_receiver_hops", labels), hops);
  EXPECT_EQ(metrics.find("mcast_receiver_sent_ttl", labels), 77);
  EXPECT_EQ(metrics.find("mcast_receiver_ttl", labels), 77 - hops);
  EXPECT_EQ(metrics.find("mcast_receiver_ttl_changes_total", labels), 0);
  EXPECT_EQ(metrics.find("mcast_receiver_lost_packets_total", labels), 0);
  EXPECT_EQ(metrics.find("mcast_receiver_duplicate_packets_total", labels), 0);
  EXPECT_EQ(metrics.find("mcast_receiver_reordered_packets_total", labels), 0);
  EXPECT_EQ(metrics.find("mcast_receiver_state", {{"stream", "video"}, {"state", "receiving"}}), 1);
  EXPECT_GT(metrics.find("mcast_receiver_join_delay_seconds", {{"stream", "video"}}), 0);
}

INSTANTIATE_TEST_SUITE_P(DirectOneAndThree, Hops, testing::Values(0U, 1U, 3U),
                         [](const auto& hops) { return std::to_string(hops.param); });

TEST(HopsTtl, OfTwoIntoThreeHopsLetsNothingArrive) {
  const RoutedPath path(3, kRoutes);
  const Agent receiver(path.receiver, receiver_configuration({.group = kGroup, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = kGroup, .more = "rate: 100pps, ttl: 2"}));
  EXPECT_TRUE(never(1500ms, [&] { return received(receiver) > 0; }));
  EXPECT_EQ(
      receiver.metrics().find("mcast_receiver_state", {{"stream", "video"}, {"state", "waiting"}}),
      1);
}

TEST(HopsTtl, OfFourIsJustEnoughForThreeHops) {
  const RoutedPath path(3, kRoutes);
  const Agent receiver(path.receiver, receiver_configuration({.group = kGroup, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = kGroup, .more = "rate: 100pps, ttl: 4"}));
  EXPECT_TRUE(eventually(5s, [&] { return received(receiver) > 0; }));
}

TEST(HopsGroup, ThatTheRouterDoesNotRouteLetsNothingArrive) {
  const RoutedPath path(1, kRoutes);
  const Agent receiver(path.receiver,
                       receiver_configuration({.group = "239.0.10.102", .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = "239.0.10.102", .more = "rate: 100pps"}));
  EXPECT_TRUE(never(1000ms, [&] { return received(receiver) > 0; }));
}

TEST(HopsGroup, ThatNobodyJoinedHereCountsForNoStream) {
  const RoutedPath path(0, kRoutes);
  const Agent receiver(path.receiver, receiver_configuration({.group = kGroup, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = "239.0.10.102", .more = "rate: 100pps"}));
  EXPECT_TRUE(never(1000ms, [&] { return received(receiver) > 0; }));
}

}  // namespace
}  // namespace mcast::test
