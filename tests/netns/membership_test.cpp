// Joins as the kernel has them, IGMP versions, and interfaces that go and come.
//
//   sender eth1 --- eth1 receiver
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

const LabelSet kVideo{{"stream", "video"}};

LabelSet membership(const char* group) {
  return {{"family", "ipv4"}, {"interface", "eth1"}, {"group", group}};
}

class Membership : public testing::Test {
 protected:
  Membership() { cable(); }
  void cable() { connect(sending_, "eth1", "10.1.1.1/24", receiving_, "eth1", "10.1.1.2/24"); }
  [[nodiscard]] bool joined(std::string_view hex_group) const {
    return receiving_.proc_net("igmp").find(hex_group) != std::string::npos;
  }
  Namespace sending_{"sender"};
  Namespace receiving_{"receiver"};
};

TEST_F(Membership, IsShownWhileTheAgentRunsAndLeftWhenItStops) {
  Agent receiver(receiving_, receiver_configuration({.more = ""}));
  Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_membership_users", membership("239.0.10.101")), 1);
  EXPECT_EQ(metrics.find("mcast_membership_users", membership("224.0.0.1")), 1);
  EXPECT_EQ(metrics.find("mcast_membership_users", membership("239.0.10.102")), std::nullopt);
  EXPECT_EQ(
      metrics.find("mcast_membership_joins_total", {{"family", "ipv4"}, {"interface", "eth1"}}), 1);
  EXPECT_EQ(
      metrics.find("mcast_membership_leaves_total", {{"family", "ipv4"}, {"interface", "eth1"}}),
      0);
  EXPECT_EQ(metrics.find("mcast_igmp_version", {{"interface", "eth1"}}), 3);
  EXPECT_EQ(metrics.find("mcast_igmp_forced_version", {{"interface", "eth1"}}), 0);
  EXPECT_TRUE(joined("650A00EF"));
  const auto stopped = receiver.stop();
  EXPECT_EQ(stopped.exit_status, 0);
  EXPECT_LT(stopped.took, 1s);
  EXPECT_FALSE(joined("650A00EF"));
}

TEST_F(Membership, OfAnSsmJoinHasOneIncludedSource) {
  const Agent receiver(receiving_,
                       receiver_configuration({.group = "232.5.5.5", .more = "source: 10.1.1.1"}));
  const Metrics metrics = receiver.metrics();
  LabelSet labels = membership("232.5.5.5");
  EXPECT_EQ(metrics.find("mcast_membership_users", labels), 1);
  labels.emplace("mode", "include");
  EXPECT_EQ(metrics.find("mcast_membership_sources", labels), 1);
}

TEST_F(Membership, OfAnAsmJoinHasNoIncludedSource) {
  const Agent receiver(receiving_, receiver_configuration({.group = "239.5.5.5", .more = ""}));
  const Metrics metrics = receiver.metrics();
  LabelSet labels = membership("239.5.5.5");
  EXPECT_EQ(metrics.find("mcast_membership_users", labels), 1);
  labels.emplace("mode", "include");
  EXPECT_EQ(metrics.value("mcast_membership_sources", labels), 0);
}

TEST_F(Membership, OfMoreGroupsThanOneSocketHoldsIsNoProblem) {
  ASSERT_EQ(receiving_.sysctl("net.ipv4.igmp_max_memberships").substr(0, 2), "20");
  const Agent receiver(receiving_, receiver_configuration({.more = "count: 100"}));
  const Agent sender(sending_, sender_configuration({.more = "count: 100, rate: 25pps"}));
  EXPECT_TRUE(eventually(
      5s, [&] { return receiver.metrics().count("mcast_receiver_packets_total") == 100; }));
  EXPECT_EQ(receiver.metrics().sum("mcast_receiver_state", {{"state", "receiving"}}), 100);
}

TEST_F(Membership, ForcesTheIgmpVersionAndPutsItBack) {
  Agent receiver(receiving_, receiver_configuration({.more = "igmp_version: 2"}));
  EXPECT_EQ(receiving_.sysctl("net/ipv4/conf/eth1/force_igmp_version").front(), '2');
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_igmp_forced_version", {{"interface", "eth1"}}), 2);
  EXPECT_EQ(metrics.find("mcast_igmp_version", {{"interface", "eth1"}}), 2);
  EXPECT_EQ(receiver.stop().exit_status, 0);
  EXPECT_EQ(receiving_.sysctl("net/ipv4/conf/eth1/force_igmp_version").front(), '0');
}

TEST_F(Membership, LeavesTheIgmpVersionAloneUnlessTold) {
  const Agent receiver(receiving_, receiver_configuration({.more = ""}));
  EXPECT_EQ(receiving_.sysctl("net/ipv4/conf/eth1/force_igmp_version").front(), '0');
}

TEST_F(Membership, ComesBackWithTheInterfaceAndCountersGoOn) {
  const Agent receiver(receiving_, receiver_configuration({.more = ""}));
  const Agent sender(sending_, sender_configuration({.more = "rate: 100pps"}));
  const auto packets = [&] {
    return receiver.metrics().value("mcast_receiver_packets_total", kVideo);
  };
  ASSERT_TRUE(eventually(5s, [&] { return packets() >= 50; }));
  delete_link(receiving_, "eth1");
  ASSERT_TRUE(eventually(3s, [&] {
    return receiver.metrics().value("mcast_receiver_state",
                                    {{"stream", "video"}, {"state", "failed"}}) == 1;
  }));
  EXPECT_TRUE(eventually(3s, [&] {
    return sender.metrics().value("mcast_sender_state",
                                  {{"stream", "video"}, {"state", "failed"}}) == 1;
  }));
  EXPECT_NE(receiver.log().find("interface 'eth1'"), std::string::npos);
  const double before = packets();
  cable();
  EXPECT_TRUE(eventually(
      5s, [&] { return packets() >= before + 50; }, [&] { return receiver.metrics().text(); }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.value("mcast_receiver_state", {{"stream", "video"}, {"state", "receiving"}}),
            1);
  EXPECT_EQ(metrics.value("mcast_receiver_sender_restarts_total", kVideo), 0);
  // What could not be sent meanwhile is missing: an interruption as from a pulled
  // cable.
  EXPECT_TRUE(eventually(3s, [&] {
    return receiver.metrics().value("mcast_receiver_longest_interruption_seconds", kVideo) > 0;
  }));
}

}  // namespace
}  // namespace mcast::test
