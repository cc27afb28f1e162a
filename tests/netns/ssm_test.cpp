// SSM through a hop: the join (S,G) lets S through and nobody else.
//
//   sender .1 and .3 eth1 --- r0 [router] r1 --- eth1 receiver
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

class Ssm : public BothFamilies {
 protected:
  Ssm() { add_address(path_.sender, "eth1", net_.interface_address(1, 3)); }

  [[nodiscard]] std::string two_sources() const {
    const auto sender = [&](const std::string& name, const std::string& source) {
      return "  - {name: " + name + ", group: " + quoted(group_) + ", source: " + quoted(source) +
             ", interface: eth1, rate: 100pps}\n";
    };
    return "senders:\n" + sender("one", wanted_) + sender("two", other_);
  }

  const std::string group_ = net_.ssm_group;
  const std::string wanted_ = net_.host(1, 1);
  const std::string other_ = net_.host(1, 3);
  RoutedPath path_{1, {{.group = group_, .source = wanted_}, {.group = group_, .source = other_}}};
};

TEST_P(Ssm, TheJoinedSourceArrivesAndAnotherOnTheSameGroupDoesNot) {
  const Agent receiver(
      path_.receiver,
      receiver_configuration({.group = group_, .more = "source: " + quoted(wanted_)}));
  const Agent sender(path_.sender, two_sources());
  const LabelSet wanted{{"stream", "video"}, {"source", wanted_}, {"sender", wanted_}};
  ASSERT_TRUE(eventually(
      5s, [&] { return receiver.metrics().value("mcast_receiver_packets_total", wanted) >= 100; }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_receiver_hops", wanted), 1);
  EXPECT_EQ(metrics.find("mcast_receiver_lost_packets_total", wanted), 0);
  EXPECT_EQ(metrics.count("mcast_receiver_packets_total", {{"sender", other_}}), 0U);
  EXPECT_EQ(metrics.count("mcast_receiver_packets_total"), 1U);
  EXPECT_EQ(metrics.find("mcast_receiver_info", {{"join", "ssm"}, {"source", wanted_}}), 1);
}

TEST_P(Ssm, BesideAnAsmJoinOfTheSameGroupEachCountsItsOwn) {
  const Agent receiver(path_.receiver,
                       "receivers:\n"
                       "  - {name: any, group: " +
                           quoted(group_) +
                           ", interface: eth1}\n"
                           "  - {name: one, group: " +
                           quoted(group_) + ", source: " + quoted(wanted_) +
                           ", interface: eth1}\n");
  const Agent sender(path_.sender, two_sources());
  const auto packets = [&](const char* stream, const std::string& source) {
    return receiver.metrics().value("mcast_receiver_packets_total",
                                    {{"stream", stream}, {"sender", source}});
  };
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return packets("any", wanted_) >= 50 && packets("any", other_) >= 50 &&
               packets("one", wanted_) >= 50;
      },
      [&] { return receiver.metrics().text(); }));
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_packets_total",
                                     {{"stream", "one"}, {"sender", other_}}),
            0U);
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_info", {{"stream", "any"}, {"join", "asm"}}),
            1U);
}

TEST_P(Ssm, AWrongSourceGetsNothing) {
  const Agent receiver(
      path_.receiver,
      receiver_configuration({.group = group_, .more = "source: " + quoted(net_.host(1, 99))}));
  const Agent sender(path_.sender, two_sources());
  EXPECT_TRUE(
      never(1000ms, [&] { return receiver.metrics().count("mcast_receiver_packets_total") > 0; }));
  EXPECT_EQ(
      receiver.metrics().find("mcast_receiver_state", {{"stream", "video"}, {"state", "waiting"}}),
      1);
}

INSTANTIATE_TEST_SUITE_P(, Ssm, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
