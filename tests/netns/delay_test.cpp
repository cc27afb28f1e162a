// Delay that is known exactly: what it does to the jitter, to the order, and to what
// comes after the loss timeout. Times are the forwarder's own, not the plan's.
//
//   sender eth1 === [forwarder: delays] === eth1 receiver
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/netns/known_faults.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

class Delay : public KnownFaults {
 protected:
  void expect_nothing_else() const {
    EXPECT_EQ(truth_.duplicates, 0U);
    EXPECT_EQ(value("mcast_receiver_stalls_total"), 0);
    EXPECT_EQ(metrics_.value("mcast_receiver_state", {{"stream", "video"}, {"state", "ended"}}), 1);
  }
};

TEST_P(Delay, OfAllPacketsAlikeChangesNoCounterAndMakesNoJitter) {
  constexpr double kDelay = 0.2;
  run_and_compare(
      {.plan = [](std::uint64_t) { return Treatment{.delay = 200ms}; },
       .packets = 1000,
       .rate = "500pps",
       .enough = [](const JitterTruth& jitter) { return jitter.disturbance < kDelay / 20; }});
  expect_nothing_else();
  EXPECT_EQ(truth_.lost, 0U);
  EXPECT_EQ(truth_.reordered, 0U);
  EXPECT_EQ(jitter_.planned, 0);
  // All packets wait alike, so what jitter there is comes from waking up: of sender and
  // forwarder, by the forwarder's clock, and no more than that.
  EXPECT_LE(value("mcast_receiver_jitter_seconds"), jitter_.disturbance + jitter_.error + 1e-6);
  // Else the line above would say little: a receiver that took the delay itself for
  // jitter would pass. It was a fifth of this a moment before the end.
  EXPECT_LT(jitter_.disturbance, kDelay / 4);
}

TEST_P(Delay, OfEveryOtherPacketIsTheJitter) {
  // Every D is +d or -d, as long as no packet overtakes another: J' = J + (d - J) / 16
  // from 0, so after n packets J = d (1 - (15/16)^n): within 1 % of d from n = 72 on.
  constexpr double kDelay = 0.02;
  run_and_compare(
      {.plan = [](std::uint64_t index) { return Treatment{.delay = index % 2 == 1 ? 20ms : 0ms}; },
       .packets = 120,
       .rate = "25pps",
       .enough =
           [](const JitterTruth& jitter) {
             return std::abs(jitter.planned - kDelay) < kDelay / 100 &&
                    jitter.disturbance < kDelay / 5;
           }});
  expect_nothing_else();
  EXPECT_EQ(truth_.lost, 0U);
  // One that overtook its neighbour between the last look and the end has made two D of the
  // plan 0 and moved its jitter by d / 8.
  EXPECT_NEAR(jitter_.planned, kDelay, kDelay / 7);
  EXPECT_NEAR(value("mcast_receiver_jitter_seconds"), jitter_.planned,
              jitter_.disturbance + jitter_.error + 1e-6);
  // Else the line above would say little: a receiver that is off by half would pass.
  EXPECT_LT(jitter_.disturbance, kDelay / 3);
}

TEST_P(Delay, OfMoreThanAnIntervalIsReorderingAndNotLoss) {
  run_and_compare({.plan =
                       [](std::uint64_t index) {
                         // 2 ms lie between two packets.
                         return Treatment{.delay = index % 20 == 10 ? 25ms : 0ms};
                       },
                   .packets = 1000,
                   .rate = "500pps"});
  expect_nothing_else();
  EXPECT_EQ(truth_.lost, 0U);
  EXPECT_GE(truth_.reordered, 45U);
}

TEST_P(Delay, OfLessThanAnIntervalIsNoReordering) {
  // 40 ms lie between two packets; only a sender that is 35 ms late could be overtaken.
  run_and_compare(
      {.plan = [](std::uint64_t index) { return Treatment{.delay = index % 20 == 10 ? 5ms : 0ms}; },
       .packets = 100,
       .rate = "25pps"});
  expect_nothing_else();
  EXPECT_EQ(truth_.lost, 0U);
  EXPECT_EQ(truth_.reordered, 0U);
}

TEST_P(Delay, OfMoreThanTheLossTimeoutIsLossAndThenLate) {
  run_and_compare({.plan =
                       [](std::uint64_t index) {
                         // 800 ms are 400 packets: time decides and not distance.
                         return Treatment{.delay = index % 100 == 50 ? 800ms : 0ms};
                       },
                   .packets = 1500,
                   .rate = "500pps",
                   .loss_timeout = 300ms});
  expect_nothing_else();
  EXPECT_GE(truth_.late, 10U);
  // Nothing else was lost, and all of it came in the end.
  EXPECT_EQ(truth_.lost, truth_.late);
}

TEST_P(Delay, OfLessThanTheLossTimeoutIsNoLoss) {
  run_and_compare(
      {.plan =
           [](std::uint64_t index) { return Treatment{.delay = index % 100 == 50 ? 800ms : 0ms}; },
       .packets = 1500,
       .rate = "500pps",
       .loss_timeout = 2000ms});
  expect_nothing_else();
  EXPECT_EQ(truth_.lost, 0U);
  EXPECT_EQ(truth_.late, 0U);
  EXPECT_GE(truth_.reordered, 10U);
}

TEST_P(Delay, AmongLossAndDuplicatesIsToldApart) {
  std::mt19937_64 random(43);
  run_and_compare({.plan =
                       [&](std::uint64_t index) {
                         if (index == 0) return Treatment{};
                         switch (random() % 25) {
                           case 0:
                             return Treatment{.copies = 0};
                           case 1:
                             return Treatment{.copies = 2, .delay = 7ms};
                           case 2:
                             return Treatment{.delay = std::chrono::milliseconds(random() % 100)};
                           case 3:
                             return Treatment{.delay = 900ms};
                           case 4:
                             return Treatment{.held_for = 20, .delay = 5ms};
                           default:
                             return Treatment{};
                         }
                       },
                   .packets = 3000,
                   .rate = "1000pps",
                   .loss_timeout = 400ms});
  EXPECT_GT(truth_.lost, truth_.late);
  EXPECT_GT(truth_.late, 50U);
  EXPECT_GT(truth_.reordered, truth_.late);
  EXPECT_GT(truth_.duplicates, 50U);
}

INSTANTIATE_TEST_SUITE_P(, Delay, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
