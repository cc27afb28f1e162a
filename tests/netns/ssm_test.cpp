// SSM through a hop: the join (S,G) lets S through and nobody else.
//
//   sender 10.1.1.1, 10.1.1.3 eth1 --- r0 [router] r1 --- eth1 receiver
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGroup = "232.5.5.5";
const std::vector<MulticastRoute> kRoutes{{.group = kGroup, .source = "10.1.1.1"},
                                          {.group = kGroup, .source = "10.1.1.3"}};

class Ssm : public testing::Test {
 protected:
  Ssm() { add_address(path_.sender, "eth1", "10.1.1.3/24"); }

  static std::string two_sources() {
    return "senders:\n"
           "  - {name: one, group: 232.5.5.5, interface: eth1, source: 10.1.1.1, rate: 100pps}\n"
           "  - {name: two, group: 232.5.5.5, interface: eth1, source: 10.1.1.3, rate: 100pps}\n";
  }

  RoutedPath path_{1, kRoutes};
};

TEST_F(Ssm, TheJoinedSourceArrivesAndAnotherOnTheSameGroupDoesNot) {
  const Agent receiver(path_.receiver,
                       receiver_configuration({.group = kGroup, .more = "source: 10.1.1.1"}));
  const Agent sender(path_.sender, two_sources());
  const LabelSet wanted{{"stream", "video"}, {"source", "10.1.1.1"}, {"sender", "10.1.1.1"}};
  ASSERT_TRUE(eventually(
      5s, [&] { return receiver.metrics().value("mcast_receiver_packets_total", wanted) >= 100; }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_receiver_hops", wanted), 1);
  EXPECT_EQ(metrics.find("mcast_receiver_lost_packets_total", wanted), 0);
  EXPECT_EQ(metrics.count("mcast_receiver_packets_total", {{"sender", "10.1.1.3"}}), 0U);
  EXPECT_EQ(metrics.count("mcast_receiver_packets_total"), 1U);
  EXPECT_EQ(metrics.find("mcast_receiver_info", {{"join", "ssm"}, {"source", "10.1.1.1"}}), 1);
}

TEST_F(Ssm, BesideAnAsmJoinOfTheSameGroupEachCountsItsOwn) {
  const Agent receiver(path_.receiver,
                       "receivers:\n"
                       "  - {name: any, group: 232.5.5.5, interface: eth1}\n"
                       "  - {name: one, group: 232.5.5.5, source: 10.1.1.1, interface: eth1}\n");
  const Agent sender(path_.sender, two_sources());
  const auto packets = [&](const char* stream, const char* source) {
    return receiver.metrics().value("mcast_receiver_packets_total",
                                    {{"stream", stream}, {"sender", source}});
  };
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return packets("any", "10.1.1.1") >= 50 && packets("any", "10.1.1.3") >= 50 &&
               packets("one", "10.1.1.1") >= 50;
      },
      [&] { return receiver.metrics().text(); }));
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_packets_total",
                                     {{"stream", "one"}, {"sender", "10.1.1.3"}}),
            0U);
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_info", {{"stream", "any"}, {"join", "asm"}}),
            1U);
}

TEST_F(Ssm, AWrongSourceGetsNothing) {
  const Agent receiver(path_.receiver,
                       receiver_configuration({.group = kGroup, .more = "source: 10.1.1.99"}));
  const Agent sender(path_.sender, two_sources());
  EXPECT_TRUE(
      never(1000ms, [&] { return receiver.metrics().count("mcast_receiver_packets_total") > 0; }));
  EXPECT_EQ(
      receiver.metrics().find("mcast_receiver_state", {{"stream", "video"}, {"state", "waiting"}}),
      1);
}

}  // namespace
}  // namespace mcast::test
