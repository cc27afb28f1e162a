// A receiver that gets no time to read its socket: loss on this host, told apart
// from loss in the network.
//
//   sender eth1 --- eth1 receiver (SIGSTOP)
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

const LabelSet kVideo{{"stream", "video"}};

class Drops : public BothFamilies {
 protected:
  Drops() {
    connect(sending_, "eth1", addresses(1, 1), receiving_, "eth1", addresses(1, 2));
    before_ = link_counters(sending_, "eth1").dropped_on_send;
  }
  static double sent(const Agent& sender) {
    return sender.metrics().value("mcast_sender_packets_total", kVideo);
  }
  // A flood may be too much for the kernel's queue between the two ends of a veth. That is
  // loss before the receiver's host.
  [[nodiscard]] double dropped_by_the_cable() const {
    return static_cast<double>(link_counters(sending_, "eth1").dropped_on_send - before_);
  }

  const LabelSet socket_{{"port", "19779"}, {"family", net_.label()}};
  Namespace sending_{"sender"};
  Namespace receiving_{"receiver"};

 private:
  std::uint64_t before_ = 0;
};

TEST_P(Drops, OfAStarvedReceiverAreCountedAsSocketDrops) {
  Agent receiver(receiving_,
                 receiver_configuration({.group = net_.group, .more = "stall_timeout: 60s"}));
  Agent sender(sending_,
               sender_configuration({.group = net_.group, .more = "rate: 30kpps, size: 1400"}));
  ASSERT_TRUE(eventually(
      5s, [&] { return receiver.metrics().value("mcast_receiver_packets_total", kVideo) > 100; }));
  EXPECT_EQ(receiver.metrics().value("mcast_socket_drops_total", socket_), 0);
  receiver.process().signal(SIGSTOP);
  const double before = sent(sender);
  // 60,000 datagrams are more than the largest buffer takes.
  const bool flooded = bool(eventually(20s, [&] { return sent(sender) > before + 60'000; }));
  receiver.process().signal(SIGCONT);
  ASSERT_TRUE(flooded);
  ASSERT_TRUE(eventually(5s, [&] {
    return receiver.metrics().value("mcast_receiver_lost_packets_total", kVideo) > 0;
  }));
  EXPECT_EQ(sender.stop().exit_status, 0);
  Metrics metrics("");
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        metrics = receiver.metrics();
        return metrics.value("mcast_receiver_lost_packets_total", kVideo) ==
               metrics.value("mcast_socket_drops_total", socket_) + dropped_by_the_cable();
      },
      [&] { return metrics.text(); }));
  EXPECT_GT(metrics.value("mcast_socket_drops_total", socket_), 0);
  std::cout << "socket drops " << metrics.value("mcast_socket_drops_total", socket_) << ", lost "
            << metrics.value("mcast_receiver_lost_packets_total", kVideo) << "\n";
}

TEST_P(Drops, DoNotHappenToAReceiverThatRuns) {
  const Agent receiver(receiving_, receiver_configuration({.group = net_.group, .more = ""}));
  const Agent sender(sending_, sender_configuration({.group = net_.group, .more = "rate: 5kpps"}));
  ASSERT_TRUE(eventually(10s, [&] {
    return receiver.metrics().value("mcast_receiver_packets_total", kVideo) > 10'000;
  }));
  EXPECT_EQ(receiver.metrics().value("mcast_socket_drops_total", socket_), 0);
  EXPECT_EQ(receiver.metrics().value("mcast_receiver_lost_packets_total", kVideo), 0);
}

INSTANTIATE_TEST_SUITE_P(, Drops, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
