#include "probe/loss_record.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace mcast::test {
namespace {

TEST(LossRecord, BeginsEmpty) {
  const LossRecord record;
  EXPECT_EQ(record.bursts(), 0U);
  EXPECT_EQ(record.longest_interruption(), 0);
  EXPECT_TRUE(record.gaps(0).empty());
}

TEST(LossRecord, AddsABurstToBothHistogramsAndNotToTheLostPackets) {
  LossRecord record;
  record.add_burst(3, 120 * kMillisecond, 5);
  EXPECT_EQ(record.counters.loss_bursts.count(), 1U);
  EXPECT_EQ(record.counters.loss_bursts.sum(), 3.0);
  EXPECT_DOUBLE_EQ(record.counters.interruptions.sum(), 0.12);
  EXPECT_EQ(record.counters.lost, 0U);  // the tracker counts packets as it gives them up
}

TEST(LossRecord, KeepsTheLongestInterruptionAndNotTheNewest) {
  LossRecord record;
  record.add_burst(1, 50, 0);
  record.add_burst(1, 70, 0);
  record.add_burst(1, 60, 0);
  EXPECT_EQ(record.longest_interruption(), 70);
  EXPECT_EQ(record.newest_gap().length, 60);
}

TEST(LossRecord, KeepsTheNewestGapsOldestFirstAndMovesThemToRealTime) {
  LossRecord record;
  for (std::uint64_t n = 1; n <= LossRecord::kGapLogSize + 3; ++n) {
    record.add_burst(n, static_cast<Nanoseconds>(n) * 10, static_cast<Nanoseconds>(n));
  }
  const auto gaps = record.gaps(1000);
  ASSERT_EQ(gaps.size(), LossRecord::kGapLogSize);
  for (std::uint64_t i = 0; i < gaps.size(); ++i) {
    EXPECT_EQ(gaps[i].lost_packets, i + 4);
    EXPECT_EQ(gaps[i].length, static_cast<Nanoseconds>(i + 4) * 10);
    EXPECT_EQ(gaps[i].realtime, 1000 + static_cast<Nanoseconds>(i + 4));
  }
  EXPECT_EQ(record.newest_gap().realtime, static_cast<Nanoseconds>(LossRecord::kGapLogSize + 3));
}

}  // namespace
}  // namespace mcast::test
