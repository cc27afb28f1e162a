#include "probe/snapshot.h"

#include <gtest/gtest.h>

namespace mcast::test {
namespace {

TEST(Snapshot, NamesTheStatesAsTheMetricsDo) {
  EXPECT_EQ(to_string(ReceiverState::kWaiting), "waiting");
  EXPECT_EQ(to_string(ReceiverState::kReceiving), "receiving");
  EXPECT_EQ(to_string(ReceiverState::kStalled), "stalled");
  EXPECT_EQ(to_string(ReceiverState::kFailed), "failed");
  EXPECT_EQ(to_string(SenderState::kSending), "sending");
  EXPECT_EQ(to_string(SenderState::kFinished), "finished");
  EXPECT_EQ(to_string(SenderState::kFailed), "failed");
}

TEST(Snapshot, AddsEveryCounterOfAnother) {
  ReceptionCounters one;
  ReceptionCounters other;
  other.packets = 1;
  other.bytes = 2;
  other.lost = 3;
  other.late = 4;
  other.duplicates = 5;
  other.reordered = 6;
  other.errored_seconds = 7;
  other.ttl_changes = 8;
  other.remarked = 9;
  other.loss_bursts.observe(10);
  other.interruptions.observe(11);
  one.add(other);
  one.add(other);
  EXPECT_EQ(one.packets, 2U);
  EXPECT_EQ(one.bytes, 4U);
  EXPECT_EQ(one.lost, 6U);
  EXPECT_EQ(one.late, 8U);
  EXPECT_EQ(one.duplicates, 10U);
  EXPECT_EQ(one.reordered, 12U);
  EXPECT_EQ(one.errored_seconds, 14U);
  EXPECT_EQ(one.ttl_changes, 16U);
  EXPECT_EQ(one.remarked, 18U);
  EXPECT_EQ(one.loss_bursts.count(), 2U);
  EXPECT_EQ(one.interruptions.sum(), 22.0);
}

TEST(Snapshot, ShowsNegativeHopsAsTheyAre) {
  SourceSnapshot source;
  source.sent_ttl = 100;
  source.ttl = 97;
  EXPECT_EQ(source.hops(), 3);
  source.ttl = 128;
  EXPECT_EQ(source.hops(), -28);
}

TEST(LossRatio, IsLostOfExpected) {
  // 1,000 sent, 100 of them late: they were lost to whoever waited for them.
  EXPECT_EQ(loss_ratio({.packets = 1000, .lost = 100, .late = 100}), 0.1);
  EXPECT_EQ(loss_ratio({.packets = 900, .lost = 100}), 0.1);
  // Copies are not expected.
  EXPECT_EQ(loss_ratio({.packets = 950, .lost = 100, .duplicates = 50}), 0.1);
}

TEST(LossRatio, OfNothingExpectedIsNone) {
  EXPECT_EQ(loss_ratio({}), std::nullopt);
}

}  // namespace
}  // namespace mcast::test
