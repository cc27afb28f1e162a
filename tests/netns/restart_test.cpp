// A sender is killed and started again; two senders at once.
//
//   sender eth1 --- r0 [router] r1 --- eth1 receiver
#include <gtest/gtest.h>

#include <csignal>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

const std::vector<MulticastRoute> kRoutes{{.group = "239.0.10.101", .source = "10.1.1.1"}};
const LabelSet kVideo{{"stream", "video"}};

double value(const Agent& agent, const char* name) {
  return agent.metrics().value(name, kVideo);
}

TEST(Restart, OfAKilledSenderIsOneRestartAndNoLoss) {
  const RoutedPath path(1, kRoutes);
  const Agent receiver(path.receiver, receiver_configuration({.more = ""}));
  const std::string configuration = sender_configuration({.more = "rate: 100pps"});
  {
    Agent first(path.sender, configuration);
    ASSERT_TRUE(
        eventually(5s, [&] { return value(receiver, "mcast_receiver_packets_total") >= 50; }));
    first.process().signal(SIGKILL);
    ASSERT_TRUE(first.process().wait_exit(2s));
  }
  const double before = value(receiver, "mcast_receiver_packets_total");
  const Agent second(path.sender, configuration);
  EXPECT_TRUE(
      eventually(4s, [&] { return value(receiver, "mcast_receiver_sender_restarts_total") == 1; }));
  ASSERT_TRUE(eventually(
      4s, [&] { return value(receiver, "mcast_receiver_packets_total") >= before + 100; }));
  EXPECT_EQ(value(receiver, "mcast_receiver_sender_restarts_total"), 1);
  EXPECT_EQ(value(receiver, "mcast_receiver_lost_packets_total"), 0);
  EXPECT_EQ(value(receiver, "mcast_receiver_reordered_packets_total"), 0);
  EXPECT_EQ(value(receiver, "mcast_receiver_duplicate_packets_total"), 0);
  EXPECT_EQ(value(receiver, "mcast_receiver_senders"), 1);
}

TEST(Restart, IsNotWhatTwoSendersAtOnceAre) {
  const RoutedPath path(1, kRoutes);
  const Agent receiver(path.receiver, receiver_configuration({.more = ""}));
  const Agent senders(path.sender,
                      "senders:\n"
                      "  - {name: one, group: 239.0.10.101, interface: eth1, rate: 50pps}\n"
                      "  - {name: two, group: 239.0.10.101, interface: eth1, rate: 20pps}\n");
  ASSERT_TRUE(
      eventually(6s, [&] { return value(receiver, "mcast_receiver_packets_total") >= 200; }));
  EXPECT_EQ(value(receiver, "mcast_receiver_senders"), 2);
  EXPECT_EQ(value(receiver, "mcast_receiver_sender_restarts_total"), 0);
  EXPECT_EQ(value(receiver, "mcast_receiver_lost_packets_total"), 0);
  EXPECT_EQ(value(receiver, "mcast_receiver_reordered_packets_total"), 0);
}

}  // namespace
}  // namespace mcast::test
