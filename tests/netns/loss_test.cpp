// Loss, bursts, duplicates, reordering and late packets that are known exactly:
// every counter equals what the forwarder did.
//
//   sender eth1 === [forwarder] === eth1 receiver
//   sender eth1 --- r0 [router: nftables drops every fourth] r1 --- eth1 receiver
#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/known_faults.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

const LabelSet kVideo{{"stream", "video"}};

class Loss : public KnownFaults {};

TEST_P(Loss, NoneIsCountedWhereNothingIsLost) {
  run_and_compare(
      {.plan = [](std::uint64_t) { return Treatment{}; }, .packets = 1000, .rate = "1000pps"});
  EXPECT_EQ(truth_.lost, 0U);
  EXPECT_EQ(metrics_.value("mcast_receiver_errored_seconds_total", kVideo), 0);
}

TEST_P(Loss, OfRandomSinglePacketsIsCountedExactly) {
  std::mt19937_64 random(20'261'123);
  run_and_compare({.plan =
                       [&](std::uint64_t index) {
                         return Treatment{.copies = index > 0 && random() % 10 == 0 ? 0U : 1U};
                       },
                   .packets = 3000,
                   .rate = "1000pps"});
  EXPECT_GT(truth_.lost, 200U);
  EXPECT_GE(metrics_.value("mcast_receiver_errored_seconds_total", kVideo), 2);
}

TEST_P(Loss, InBurstsIsCountedWithLengthAndInterruption) {
  run_and_compare({.plan =
                       [](std::uint64_t index) {
                         const bool lost = (index >= 100 && index < 107) ||
                                           (index >= 400 && index < 900) ||
                                           (index >= 1000 && index < 2300);
                         return Treatment{.copies = lost ? 0U : 1U};
                       },
                   .packets = 2600,
                   .rate = "1000pps"});
  EXPECT_EQ(truth_.bursts, (std::map<std::uint64_t, std::uint64_t>{{7, 1}, {500, 1}, {1300, 1}}));
  // A sender may be 5 ms late with either neighbour of the burst. What it was later it
  // skipped, without using a number: each adds one interval.
  const double longest = value("mcast_receiver_longest_interruption_seconds");
  EXPECT_GE(longest, 1.3 - 0.005);
  EXPECT_LE(longest, 1.3 + 0.005 + skipped_ * 0.001);
}

TEST_P(Loss, IsNotWhatDuplicatesAre) {
  std::mt19937_64 random(7);
  run_and_compare(
      {.plan = [&](std::uint64_t) { return Treatment{.copies = random() % 20 == 0 ? 3U : 1U}; },
       .packets = 2000,
       .rate = "1000pps"});
  EXPECT_EQ(truth_.lost, 0U);
  EXPECT_GT(truth_.duplicates, 100U);
}

TEST_P(Loss, IsNotWhatReorderingInTimeIs) {
  std::mt19937_64 random(8);
  run_and_compare({.plan =
                       [&](std::uint64_t index) {
                         // All are let go before the sender ends.
                         const bool held = index > 0 && index < 1900 && random() % 15 == 0;
                         return Treatment{
                             .copies = 1,
                             .held_for = held ? 1U + static_cast<unsigned>(random() % 40) : 0U};
                       },
                   .packets = 2000,
                   .rate = "1000pps"});
  EXPECT_EQ(truth_.lost, 0U);
  EXPECT_GT(truth_.reordered, 80U);
}

TEST_P(Loss, ThatComesAfterAllIsLate) {
  run_and_compare({.plan =
                       [](std::uint64_t index) {
                         return Treatment{.copies = 1,
                                          .held_for = index >= 500 && index < 510 ? 1200U : 0U};
                       },
                   // Faster than the loss timeout could notice: distance alone decides.
                   .packets = 2500,
                   .rate = "4000pps"});
  EXPECT_EQ(truth_.late, 10U);
  EXPECT_EQ(truth_.lost, 10U);
}

TEST_P(Loss, OfAllKindsAtOnceIsToldApart) {
  std::mt19937_64 random(42);
  run_and_compare(
      {.plan =
           [&](std::uint64_t index) {
             if (index == 0) return Treatment{};
             switch (random() % 25) {
               case 0:
               case 1:
                 return Treatment{.copies = 0};
               case 2:
                 return Treatment{.copies = 2};
               case 3:
                 return Treatment{.copies = 1,
                                  .held_for = 1U + static_cast<unsigned>(random() % 100)};
               case 4:
                 return Treatment{.copies = 2,
                                  .held_for = 1U + static_cast<unsigned>(random() % 10)};
               default:
                 return Treatment{};
             }
           },
       .packets = 5000,
       .rate = "1000pps"});
  EXPECT_GT(truth_.lost, 0U);
  EXPECT_GT(truth_.duplicates, 0U);
  EXPECT_GT(truth_.reordered, 0U);
}

TEST_P(Loss, OfAFastStreamIsCountedExactly) {
  // Above 40,000 packets a second the sender hands its kernel many datagrams at once
  // (UDP_SEGMENT); through the forwarder they go one by one.
  //
  // No more of them go on than wait in the receiver's socket (64 MiB, about 1.3 kB each)
  // and in the forwarder's ring, so that a busy machine may leave both waiting.
  constexpr std::uint64_t kPackets = 20'000;
  std::mt19937_64 random(60);
  run_and_compare({.plan =
                       [&](std::uint64_t index) {
                         if (index == 0) return Treatment{};
                         if (index >= kPackets) return Treatment{.copies = 0};
                         switch (random() % 100) {
                           case 0:
                           case 1:
                             return Treatment{.copies = 0};
                           case 2:
                             return Treatment{.copies = 2};
                           case 3:
                             return Treatment{.held_for =
                                                  1U + static_cast<unsigned>(random() % 90)};
                           default:
                             return Treatment{};
                         }
                       },
                   .packets = kPackets,
                   .rate = "60kpps"});
  EXPECT_GT(truth_.lost, 300U);
  EXPECT_GT(truth_.duplicates, 150U);
  EXPECT_GT(truth_.reordered, 150U);
}

INSTANTIATE_TEST_SUITE_P(, Loss, both_families(), net_name);

class LossInTheHop : public BothFamilies {};

TEST_P(LossInTheHop, OfEveryFourthPacketIsExactlyAQuarter) {
  const RoutedPath path(1, {{.group = net_.group, .source = net_.host(1, 1)}});
  filter(path.routers[0], net_, "forward",
         net_.to_group() + " udp dport 19779 numgen inc mod 4 0 counter name hits drop");
  const Agent receiver(path.receiver, receiver_configuration({.group = net_.group, .more = ""}));
  {
    Agent sender(path.sender, sender_configuration({.group = net_.group, .more = "rate: 500pps"}));
    ASSERT_TRUE(eventually(10s, [&] {
      return receiver.metrics().value("mcast_receiver_packets_total", kVideo) >= 900;
    }));
    EXPECT_EQ(sender.stop().exit_status, 0);
  }
  // With n packets at the filter, numbers 0, 4, 8 ... are dropped: one in four, rounded
  // up. Two of these nobody can count who gets the rest: number 0, before the first that
  // arrives, and the last one, where nothing came behind it.
  std::uint64_t dropped = 0;
  std::uint64_t packets = 0;
  std::uint64_t lost = 0;
  const auto settled = [&] {
    dropped = filter_hits(path.routers[0], net_);
    const Metrics metrics = receiver.metrics();
    const auto count = [&](const char* name) {
      return static_cast<std::uint64_t>(metrics.value(name, kVideo));
    };
    packets = count("mcast_receiver_packets_total");
    lost = count("mcast_receiver_lost_packets_total");
    const std::uint64_t all = packets + dropped;
    const bool last_is_dropped = (all - 1) % 4 == 0;
    return dropped == (all + 3) / 4 && lost == dropped - 1 - (last_is_dropped ? 1 : 0);
  };
  const auto describe = [&] {
    return "dropped " + std::to_string(dropped) + "; metrics: packets " + std::to_string(packets) +
           " lost " + std::to_string(lost);
  };
  EXPECT_TRUE(eventually(3s, settled, describe));
  EXPECT_EQ(receiver.metrics().value("mcast_receiver_loss_burst_packets_bucket",
                                     {{"stream", "video"}, {"le", "1"}}),
            lost);
  std::cout << describe() << "\n";
}

INSTANTIATE_TEST_SUITE_P(, LossInTheHop, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
