// Hops, and the TTL or hop limit that was sent and that arrived.
//
//   sender eth1 --- r0 [router 1] r1 --- ... --- eth1 receiver      0, 1 and 3 routers
#include <gtest/gtest.h>

#include <tuple>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

std::vector<MulticastRoute> routes(const Net& net) {
  return {{.group = net.group, .source = net.host(1, 1)}};
}

double received(const Agent& agent) {
  return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}});
}

// A family, and so many routers.
class Hops : public testing::TestWithParam<std::tuple<Net, unsigned>> {};

TEST_P(Hops, AreCountedAndBothTtlsAreShown) {
  const auto& [net, hops] = GetParam();
  const RoutedPath path(hops, routes(net));
  const Agent receiver(path.receiver, receiver_configuration({.group = net.group, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = net.group, .more = "rate: 100pps, ttl: 77"}));
  ASSERT_TRUE(eventually(
      5s, [&] { return received(receiver) >= 50; }, [&] { return receiver.metrics().text(); }));
  const Metrics metrics = receiver.metrics();
  const LabelSet labels{{"stream", "video"}, {"sender", net.host(1, 1)}};
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

INSTANTIATE_TEST_SUITE_P(DirectOneAndThree, Hops,
                         testing::Combine(both_families(), testing::Values(0U, 1U, 3U)),
                         [](const auto& hops) {
                           return std::get<Net>(hops.param).name +
                                  std::to_string(std::get<unsigned>(hops.param));
                         });

class HopsTtl : public BothFamilies {};
class HopsGroup : public BothFamilies {};

TEST_P(HopsTtl, OfTwoIntoThreeHopsLetsNothingArrive) {
  const RoutedPath path(3, routes(net_));
  const Agent receiver(path.receiver, receiver_configuration({.group = net_.group, .more = ""}));
  const Agent sender(path.sender, sender_configuration(
                                      {.group = net_.group, .more = "rate: 100pps, hop_limit: 2"}));
  EXPECT_TRUE(never(1500ms, [&] { return received(receiver) > 0; }));
  EXPECT_EQ(
      receiver.metrics().find("mcast_receiver_state", {{"stream", "video"}, {"state", "waiting"}}),
      1);
}

TEST_P(HopsTtl, OfFourIsJustEnoughForThreeHops) {
  const RoutedPath path(3, routes(net_));
  const Agent receiver(path.receiver, receiver_configuration({.group = net_.group, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = net_.group, .more = "rate: 100pps, ttl: 4"}));
  EXPECT_TRUE(eventually(5s, [&] { return received(receiver) > 0; }));
}

TEST_P(HopsGroup, ThatTheRouterDoesNotRouteLetsNothingArrive) {
  const RoutedPath path(1, routes(net_));
  const Agent receiver(path.receiver,
                       receiver_configuration({.group = net_.other_group, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = net_.other_group, .more = "rate: 100pps"}));
  EXPECT_TRUE(never(1000ms, [&] { return received(receiver) > 0; }));
}

TEST_P(HopsGroup, ThatNobodyJoinedHereCountsForNoStream) {
  const RoutedPath path(0, routes(net_));
  const Agent receiver(path.receiver, receiver_configuration({.group = net_.group, .more = ""}));
  const Agent sender(path.sender,
                     sender_configuration({.group = net_.other_group, .more = "rate: 100pps"}));
  EXPECT_TRUE(never(1000ms, [&] { return received(receiver) > 0; }));
}

INSTANTIATE_TEST_SUITE_P(, HopsTtl, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, HopsGroup, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
