// A cable is pulled and put back.
//
//   sender eth1 --- r0 [router] r1 -x- eth1 receiver
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;

const LabelSet kVideo{{"stream", "video"}};
constexpr double kInterval = 0.01;  // 100 pps
constexpr double kStallTimeout = 0.5;

bool in_state(const Metrics& metrics, const char* state) {
  return metrics.value("mcast_receiver_state", {{"stream", "video"}, {"state", state}}) == 1;
}

double seconds(Clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

class Stall : public BothFamilies {
 protected:
  [[nodiscard]] std::string receiving() const {
    return receiver_configuration({.group = net_.group, .more = "stall_timeout: 500ms"});
  }
  [[nodiscard]] std::string sending() const {
    return sender_configuration({.group = net_.group, .more = "rate: 100pps"});
  }
  const RoutedPath path_{1,
                         {{.group = net_.group, .source = net_.host(1, 1)},
                          {.group = net_.other_group, .source = net_.host(1, 1)}}};
};

TEST_P(Stall, IsNoticedInTimeEndsWithTheLinkAndHasTheRightLength) {
  const Agent receiver(path_.receiver, receiving());
  const Agent sender(path_.sender, sending());
  ASSERT_TRUE(eventually(
      5s, [&] { return receiver.metrics().value("mcast_receiver_packets_total", kVideo) >= 50; }));
  EXPECT_TRUE(in_state(receiver.metrics(), "receiving"));

  const auto down_began = Clock::now();
  link_down(path_.routers[0], "r1");
  const auto down_done = Clock::now();
  // The moment lies between the beginning of the last scrape that did not know of it and
  // the end of the first that did: what the scrapes themselves take is not the agent's.
  double noticed_after = 0;
  double not_noticed_after = 0;
  ASSERT_TRUE(eventually(3s, [&] {
    const double asked = seconds(Clock::now());
    const Metrics metrics = receiver.metrics();
    const double last = metrics.value("mcast_receiver_last_packet_timestamp_seconds", kVideo);
    if (!in_state(metrics, "stalled")) {
      not_noticed_after = asked - last;
      return false;
    }
    noticed_after = seconds(Clock::now()) - last;
    return true;
  }));
  EXPECT_GE(noticed_after, kStallTimeout);
  EXPECT_LE(not_noticed_after, kStallTimeout + 0.1);
  EXPECT_EQ(receiver.metrics().value("mcast_receiver_stalls_total", kVideo), 1);
  EXPECT_EQ(receiver.metrics().value("mcast_receiver_senders", kVideo), 0);
  // The outage is seen while it lasts: what was due by the sender's pace, up to the moment.
  const double silent_before =
      seconds(Clock::now()) -
      receiver.metrics().value("mcast_receiver_last_packet_timestamp_seconds", kVideo);
  const double overdue = receiver.metrics().value("mcast_receiver_overdue_packets", kVideo);
  const double silent_after =
      seconds(Clock::now()) -
      receiver.metrics().value("mcast_receiver_last_packet_timestamp_seconds", kVideo);
  EXPECT_GE(overdue, 0.9 * silent_before / kInterval - 3);
  EXPECT_LE(overdue, 1.1 * silent_after / kInterval + 3);
  EXPECT_EQ(receiver.metrics().value("mcast_receiver_lost_packets_total", kVideo), 0);
  // The stalled time grows while it lasts.
  ASSERT_TRUE(eventually(3s, [&] {
    return receiver.metrics().value("mcast_receiver_stalled_seconds_total", kVideo) > 0.7;
  }));

  const auto up_began = Clock::now();
  link_up(path_.routers[0], "r1");
  Metrics metrics("");
  ASSERT_TRUE(eventually(
      3s,
      [&] {
        metrics = receiver.metrics();
        return in_state(metrics, "receiving") &&
               metrics.value("mcast_receiver_interruption_seconds_count", kVideo) == 1;
      },
      [&] { return metrics.text(); }));
  const auto up_done = Clock::now();

  // What the sender's machine gave it no time for uses no number, but takes its interval.
  const double skipped = sender.metrics().value("mcast_sender_skipped_packets_total", kVideo);
  const double interruption = metrics.value("mcast_receiver_longest_interruption_seconds", kVideo);
  const double lost = metrics.value("mcast_receiver_lost_packets_total", kVideo);
  const double stalled = metrics.value("mcast_receiver_stalled_seconds_total", kVideo);
  std::cout << "noticed between " << not_noticed_after << " and " << noticed_after << " s, lost "
            << lost << " packets, interruption " << interruption << " s, stalled " << stalled
            << " s\n";
  // Each neighbour of the gap may be sent up to an interval late; what is later is skipped.
  EXPECT_GE(interruption, (lost - 1) * kInterval);
  EXPECT_LE(interruption, (lost + 1 + skipped) * kInterval);
  EXPECT_GE(interruption, seconds(up_began) - seconds(down_done) - kInterval);
  EXPECT_LE(interruption, seconds(up_done) - seconds(down_began) + kInterval);
  EXPECT_NEAR(stalled, interruption + kInterval - kStallTimeout, kInterval);
  EXPECT_EQ(metrics.value("mcast_receiver_overdue_packets", kVideo), 0);
  EXPECT_EQ(metrics.value("mcast_receiver_outage_lost_packets_total", kVideo), lost);
  EXPECT_EQ(metrics.value("mcast_receiver_last_interruption_seconds", kVideo), interruption);
  const double over = metrics.value("mcast_receiver_last_interruption_timestamp_seconds", kVideo);
  EXPECT_GE(over, seconds(up_began));
  EXPECT_LE(over, seconds(up_done));
  EXPECT_EQ(metrics.value("mcast_receiver_stalls_total", kVideo), 1);
  EXPECT_EQ(metrics.value("mcast_receiver_sender_restarts_total", kVideo), 0);
  EXPECT_NE(receiver.log().find("msg=stalled stream=video"), std::string::npos);
}

TEST_P(Stall, DoesNotHappenWhileTheLinkStays) {
  const Agent receiver(path_.receiver, receiving());
  const Agent sender(path_.sender, sending());
  ASSERT_TRUE(eventually(
      5s, [&] { return receiver.metrics().value("mcast_receiver_packets_total", kVideo) >= 1; }));
  EXPECT_TRUE(never(1500ms, [&] { return in_state(receiver.metrics(), "stalled"); }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.value("mcast_receiver_stalls_total", kVideo), 0);
  EXPECT_EQ(metrics.value("mcast_receiver_stalled_seconds_total", kVideo), 0);
  EXPECT_EQ(metrics.value("mcast_receiver_lost_packets_total", kVideo), 0);
}

TEST_P(Stall, IsNoneWhereTheSenderSaidThatItEnds) {
  const Agent receiver(path_.receiver, receiving());
  {
    const Agent sender(path_.sender, sending());
    ASSERT_TRUE(eventually(5s, [&] {
      return receiver.metrics().value("mcast_receiver_packets_total", kVideo) >= 50;
    }));
    // SIGTERM ends it.
  }
  EXPECT_TRUE(eventually(3s, [&] { return in_state(receiver.metrics(), "ended"); }));
  EXPECT_TRUE(never(1s, [&] { return !in_state(receiver.metrics(), "ended"); }));
  Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.value("mcast_receiver_stalls_total", kVideo), 0);
  EXPECT_EQ(metrics.value("mcast_receiver_overdue_packets", kVideo), 0);
  EXPECT_EQ(metrics.value("mcast_receiver_lost_packets_total", kVideo), 0);

  // The same sender once more, and killed: nobody said anything.
  Agent sender(path_.sender, sending());
  ASSERT_TRUE(eventually(5s, [&] { return in_state(receiver.metrics(), "receiving"); }));
  ASSERT_TRUE(eventually(
      5s, [&] { return receiver.metrics().value("mcast_receiver_packets_total", kVideo) >= 100; }));
  sender.process().signal(SIGKILL);
  EXPECT_TRUE(eventually(3s, [&] { return in_state(receiver.metrics(), "stalled"); }));
  metrics = receiver.metrics();
  EXPECT_EQ(metrics.value("mcast_receiver_stalls_total", kVideo), 1);
  EXPECT_GT(metrics.value("mcast_receiver_overdue_packets", kVideo), 40);
}

TEST_P(Stall, OfOneStreamLeavesTheOtherAlone) {
  const std::string streams = "  - {name: video, group: " + quoted(net_.group) +
                              "}\n  - {name: audio, group: " + quoted(net_.other_group) + "}\n";
  const Agent receiver(path_.receiver,
                       "defaults: {stall_timeout: 500ms, interface: eth1}\n"
                       "receivers:\n" +
                           streams);
  const Agent sender(path_.sender,
                     "defaults: {rate: 100pps, interface: eth1}\n"
                     "senders:\n" +
                         streams);
  ASSERT_TRUE(eventually(5s, [&] { return in_state(receiver.metrics(), "receiving"); }));
  filter(path_.routers[0], net_, "forward", net_.to_group() + " drop");
  EXPECT_TRUE(eventually(3s, [&] { return in_state(receiver.metrics(), "stalled"); }));
  EXPECT_EQ(receiver.metrics().value("mcast_receiver_state",
                                     {{"stream", "audio"}, {"state", "receiving"}}),
            1);
  EXPECT_EQ(receiver.metrics().value("mcast_receiver_stalls_total", {{"stream", "audio"}}), 0);
}

INSTANTIATE_TEST_SUITE_P(, Stall, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
