// Joins as the kernel has them, IGMP and MLD versions, and interfaces that go and come.
//
//   sender eth1 --- eth1 receiver
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/foreign_joins.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

const LabelSet kVideo{{"stream", "video"}};

class Membership : public BothFamilies {
 protected:
  Membership() { cable(); }
  void cable() { connect(sending_, "eth1", addresses(1, 1), receiving_, "eth1", addresses(1, 2)); }
  [[nodiscard]] LabelSet membership(const std::string& group) const {
    return {{"family", net_.label()}, {"interface", "eth1"}, {"group", group}};
  }
  [[nodiscard]] LabelSet eth1() const { return {{"family", net_.label()}, {"interface", "eth1"}}; }
  [[nodiscard]] std::string receives(const std::string& more = "") const {
    return receiver_configuration({.group = net_.group, .more = more});
  }
  [[nodiscard]] char forced() const { return receiving_.sysctl(net_.forced_key).front(); }
  Namespace sending_{"sender"};
  Namespace receiving_{"receiver"};
};

TEST_P(Membership, IsShownWhileTheAgentRunsAndLeftWhenItStops) {
  Agent receiver(receiving_, receives());
  Metrics metrics = receiver.metrics();
  const char* const all_hosts = net_.is_v4() ? "224.0.0.1" : "ff02::1";
  EXPECT_EQ(metrics.find("mcast_membership_users", membership(net_.group)), 1);
  EXPECT_EQ(metrics.find("mcast_membership_users", membership(all_hosts)), 1);
  EXPECT_EQ(metrics.find("mcast_membership_users", membership(net_.other_group)), std::nullopt);
  EXPECT_EQ(metrics.find("mcast_membership_joins_total", eth1()), 1);
  EXPECT_EQ(metrics.find("mcast_membership_leaves_total", eth1()), 0);
  EXPECT_EQ(metrics.find(net_.metrics + "version", {{"interface", "eth1"}}), net_.newest_version);
  EXPECT_EQ(metrics.find(net_.metrics + "forced_version", {{"interface", "eth1"}}), 0);
  EXPECT_TRUE(has_joined(receiving_, net_.group));
  const auto stopped = receiver.stop();
  EXPECT_EQ(stopped.exit_status, 0);
  EXPECT_LT(stopped.took, 1s);
  EXPECT_FALSE(has_joined(receiving_, net_.group));
}

TEST_P(Membership, OfAnSsmJoinHasOneIncludedSource) {
  const Agent receiver(
      receiving_, receiver_configuration(
                      {.group = net_.ssm_group, .more = "source: " + quoted(net_.host(1, 1))}));
  const Metrics metrics = receiver.metrics();
  LabelSet labels = membership(net_.ssm_group);
  EXPECT_EQ(metrics.find("mcast_membership_users", labels), 1);
  labels.emplace("mode", "include");
  EXPECT_EQ(metrics.find("mcast_membership_sources", labels), 1);
}

TEST_P(Membership, OfAnAsmJoinHasNoIncludedSource) {
  const Agent receiver(receiving_, receives());
  const Metrics metrics = receiver.metrics();
  LabelSet labels = membership(net_.group);
  EXPECT_EQ(metrics.find("mcast_membership_users", labels), 1);
  labels.emplace("mode", "include");
  EXPECT_EQ(metrics.value("mcast_membership_sources", labels), 0);
}

TEST_P(Membership, OfMoreGroupsThanOneSocketHoldsIsNoProblem) {
  ASSERT_EQ(receiving_.sysctl("net.ipv4.igmp_max_memberships").substr(0, 2), "20");
  const Agent receiver(receiving_, receives("count: 100"));
  const Agent sender(
      sending_, sender_configuration({.group = net_.group, .more = "count: 100, rate: 25pps"}));
  EXPECT_TRUE(eventually(
      5s, [&] { return receiver.metrics().count("mcast_receiver_packets_total") == 100; }));
  EXPECT_EQ(receiver.metrics().sum("mcast_receiver_state", {{"state", "receiving"}}), 100);
}

TEST_P(Membership, ForcesTheVersionAndPutsItBack) {
  const int version = net_.older_version;
  Agent receiver(receiving_, receives(net_.version_key + ": " + std::to_string(version)));
  EXPECT_EQ(forced(), '0' + version);
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find(net_.metrics + "forced_version", {{"interface", "eth1"}}), version);
  EXPECT_EQ(metrics.find(net_.metrics + "version", {{"interface", "eth1"}}), version);
  EXPECT_EQ(receiver.stop().exit_status, 0);
  EXPECT_EQ(forced(), '0');
}

TEST_P(Membership, LeavesTheVersionAloneUnlessTold) {
  const Agent receiver(receiving_, receives());
  EXPECT_EQ(forced(), '0');
}

TEST_P(Membership, ComesBackWithTheInterfaceAndCountersGoOn) {
  const Agent receiver(receiving_, receives());
  const Agent sender(sending_, sender_configuration({.group = net_.group, .more = "rate: 100pps"}));
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

INSTANTIATE_TEST_SUITE_P(, Membership, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
