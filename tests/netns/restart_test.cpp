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

const LabelSet kVideo{{"stream", "video"}};

double value(const Agent& agent, const char* name) {
  return agent.metrics().value(name, kVideo);
}

class Restart : public BothFamilies {
 protected:
  const RoutedPath path_{1, {{.group = net_.group, .source = net_.host(1, 1)}}};
};

TEST_P(Restart, OfAKilledSenderIsOneRestartAndNoLoss) {
  const Agent receiver(path_.receiver, receiver_configuration({.group = net_.group, .more = ""}));
  const std::string configuration =
      sender_configuration({.group = net_.group, .more = "rate: 100pps"});
  {
    Agent first(path_.sender, configuration);
    ASSERT_TRUE(
        eventually(5s, [&] { return value(receiver, "mcast_receiver_packets_total") >= 50; }));
    first.process().signal(SIGKILL);
    ASSERT_TRUE(first.process().wait_exit(2s));
  }
  const double before = value(receiver, "mcast_receiver_packets_total");
  const Agent second(path_.sender, configuration);
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

TEST_P(Restart, IsNotWhatTwoSendersAtOnceAre) {
  const Agent receiver(path_.receiver, receiver_configuration({.group = net_.group, .more = ""}));
  const Agent senders(path_.sender,
                      "defaults: {interface: eth1}\n"
                      "senders:\n"
                      "  - {name: one, rate: 50pps, group: " +
                          quoted(net_.group) +
                          "}\n"
                          "  - {name: two, rate: 20pps, group: " +
                          quoted(net_.group) + "}\n");
  ASSERT_TRUE(
      eventually(6s, [&] { return value(receiver, "mcast_receiver_packets_total") >= 200; }));
  EXPECT_EQ(value(receiver, "mcast_receiver_senders"), 2);
  EXPECT_EQ(value(receiver, "mcast_receiver_sender_restarts_total"), 0);
  EXPECT_EQ(value(receiver, "mcast_receiver_lost_packets_total"), 0);
  EXPECT_EQ(value(receiver, "mcast_receiver_reordered_packets_total"), 0);
}

INSTANTIATE_TEST_SUITE_P(, Restart, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
