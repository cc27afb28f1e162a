// Loss bursts, interruptions, errored seconds and the gap log, as the sequence
// tracker writes them to its record.
#include <gtest/gtest.h>

#include <cstdint>

#include "probe/loss_record.h"
#include "tests/unit/probe/sequence_feed.h"

namespace mcast::test {
namespace {

constexpr Nanoseconds kFrame = 40 * kMillisecond;  // 25 pps

// How many bursts fell into the bucket up to `bound` packets.
std::uint64_t bursts_up_to(const LossRecord& record, double bound) {
  const auto& bounds = LossBurstHistogram::bounds();
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i] == bound) return record.counters.loss_bursts.counts()[i];
  }
  return 0;
}

TEST(LossBurst, ConsecutiveLostPacketsAreOneBurst) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(4);
  feed.arrive(5, 60);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
  EXPECT_EQ(feed.counters().loss_bursts.sum(), 3.0);
  EXPECT_EQ(bursts_up_to(feed.record, 3), 1U);
}

TEST(LossBurst, LostPacketsWithOneReceivedBetweenAreTwoBursts) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(2);
  feed.arrives(4);
  feed.settle();
  EXPECT_EQ(feed.counters().loss_bursts.count(), 2U);
  EXPECT_EQ(bursts_up_to(feed.record, 1), 2U);
}

TEST(LossBurst, IsNotCountedWhileAPartOfItIsPending) {
  SequenceFeed feed(0, 10 * kMicrosecond);
  feed.raw(2001, SequenceFeed::kSendBase + 2001 * 10'000, 0);
  // 2001 is 1024 ahead of 977: 1 to 977 are given up at once.
  EXPECT_EQ(feed.counters().lost, 977U);
  EXPECT_EQ(feed.tracker.pending(), 1023U);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 0U);
}

TEST(LossBurst, IsCountedOnceWhenItIsGivenUpInTwoPieces) {
  SequenceFeed feed(0, 10 * kMicrosecond);
  feed.arrives(2001, 0);
  feed.advance(kSecond);
  EXPECT_EQ(feed.counters().lost, 2000U);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
  EXPECT_EQ(feed.counters().loss_bursts.sum(), 2000.0);
  EXPECT_EQ(feed.record.longest_interruption(), 2000 * 10 * kMicrosecond);
}

TEST(LossBurst, IsCountedOnceWhenItIsGivenUpPacketByPacket) {
  SequenceFeed feed(0, 10 * kMicrosecond);
  feed.arrives(2001, 0);
  for (std::uint64_t n = 2002; n <= 2001 + 1023; ++n) feed.arrives(n, 0);
  EXPECT_EQ(feed.counters().lost, 2000U);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
}

TEST(LossBurst, IsSplitByAPacketThatComesInTime) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(10);
  EXPECT_EQ(feed.arrives(4, feed.due(10)), Verdict::kReordered);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 8U);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 2U);
  EXPECT_EQ(bursts_up_to(feed.record, 3), 1U);  // 1 to 3
  EXPECT_EQ(bursts_up_to(feed.record, 5), 1U);  // 5 to 9
  const auto gaps = feed.record.gaps(0);
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].length, 3 * kFrame);
  EXPECT_EQ(gaps[1].length, 5 * kFrame);
}

TEST(LossBurst, IsNotSplitByAPacketThatComesLate) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(10);
  feed.settle();
  EXPECT_EQ(feed.arrives(4, feed.due(10) + 50 * kSecond), Verdict::kLate);
  EXPECT_EQ(feed.counters().lost, 9U);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
  EXPECT_EQ(feed.counters().loss_bursts.sum(), 9.0);
}

TEST(LossBurst, IsNotSplitByALatePacketOfTheHalfThatWasGivenUp) {
  SequenceFeed feed(0, 10 * kMicrosecond);
  feed.arrives(2001, 0);
  EXPECT_EQ(feed.arrives(500, 0), Verdict::kLate);
  feed.advance(kSecond);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
  EXPECT_EQ(feed.counters().loss_bursts.sum(), 2000.0);
}

TEST(LossBurst, EndsAtThePacketThatComesInTimeRightBehindTheHalfThatWasGivenUp) {
  SequenceFeed feed(0, 10 * kMicrosecond);
  feed.arrives(2001, 0);
  ASSERT_EQ(feed.counters().lost, 977U);
  EXPECT_EQ(feed.arrives(977, 0), Verdict::kLate);
  EXPECT_EQ(feed.arrives(978, 0), Verdict::kReordered);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
  EXPECT_EQ(feed.counters().loss_bursts.sum(), 977.0);
  EXPECT_EQ(feed.record.longest_interruption(), 977 * 10 * kMicrosecond);
  feed.advance(kSecond);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 2U);
  EXPECT_EQ(feed.counters().loss_bursts.sum(), 1999.0);
}

TEST(LossBurst, NeverHappensWhenAllMissingPacketsComeInTime) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(4);
  for (const std::uint64_t n : {2U, 3U, 1U}) feed.arrives(n, feed.due(5));
  feed.settle();
  EXPECT_EQ(feed.counters().loss_bursts.count(), 0U);
  EXPECT_EQ(feed.counters().interruptions.count(), 0U);
  EXPECT_TRUE(feed.record.gaps(0).empty());
}

// --- interruptions ---------------------------------------------------------------

TEST(Interruption, IsTheSendTimeBetweenTheNeighboursLessOnePacketInterval) {
  SequenceFeed feed(0, kFrame);
  feed.arrive(1, 9);
  feed.arrives(15);
  feed.settle();
  EXPECT_EQ(feed.record.longest_interruption(), 5 * kFrame);
  EXPECT_DOUBLE_EQ(feed.counters().interruptions.sum(), 0.2);
}

TEST(Interruption, IsOfOneIntervalForOneLostPacket) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(2);
  feed.settle();
  EXPECT_EQ(feed.record.longest_interruption(), kFrame);
}

TEST(Interruption, DoesNotDependOnWhenThePacketsArrive) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(1, 3 * kSecond);
  feed.arrives(6, 10 * kSecond);
  feed.settle();
  EXPECT_EQ(feed.record.longest_interruption(), 4 * kFrame);
}

TEST(Interruption, LongestIsKept) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(10);
  feed.settle();
  feed.arrives(12);
  feed.settle();
  EXPECT_EQ(feed.counters().interruptions.count(), 2U);
  EXPECT_EQ(feed.record.longest_interruption(), 9 * kFrame);
}

TEST(GapLog, TellsEachGapWithItsLengthItsPacketsAndTheTimeItWasSeen) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(3, 7 * kSecond);
  feed.settle();
  const auto gaps = feed.record.gaps(1000 * kSecond);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].lost_packets, 2U);
  EXPECT_EQ(gaps[0].length, 2 * kFrame);
  EXPECT_EQ(gaps[0].realtime, 1007 * kSecond);
}

// --- errored seconds -------------------------------------------------------------

TEST(ErroredSeconds, CountsOneForTwoLossesInTheSameSecond) {
  SequenceFeed feed(0, kFrame);  // packets 0 to 24 leave in the first second
  feed.arrives(2);
  feed.arrive(3, 20);
  feed.arrives(22);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 2U);
  EXPECT_EQ(feed.counters().errored_seconds, 1U);
}

TEST(ErroredSeconds, CountsTwoForLossesInTwoSeconds) {
  SequenceFeed feed(0, kFrame);
  feed.arrive(1, 23);
  feed.arrives(26);  // 24 leaves at 0.96 s, 25 at 1 s
  feed.settle();
  EXPECT_EQ(feed.counters().errored_seconds, 2U);
}

TEST(ErroredSeconds, CountsNoSecondWithoutALoss) {
  SequenceFeed feed(0, kFrame);
  feed.arrive(1, 23);
  feed.arrives(25);
  feed.arrives(24, feed.due(25));
  feed.arrive(26, 100);
  feed.arrives(100);
  feed.settle();
  EXPECT_EQ(feed.counters().errored_seconds, 0U);
}

TEST(ErroredSeconds, CountsEverySecondOfAnInterruptionBelowTheStallTimeout) {
  SequenceFeed feed(0, kFrame);
  feed.arrive(1, 12);
  feed.arrives(70);  // 13 at 0.52 s to 69 at 2.76 s
  feed.settle();
  EXPECT_EQ(feed.counters().errored_seconds, 3U);
}

TEST(ErroredSeconds, CountsNoSecondBehindTheStallTimeout) {
  SequenceFeed feed(0, kFrame);
  feed.arrive(1, 12);  // the last one at 0.48 s: stalled from 3.48 s on
  feed.arrives(25 * 60);
  feed.settle();
  EXPECT_EQ(feed.counters().errored_seconds, 4U);
}

TEST(ErroredSeconds, CountsAgainAfterAnInterruption) {
  SequenceFeed feed(0, kFrame);
  feed.arrives(25 * 60);
  feed.arrives(25 * 60 + 2);
  feed.settle();
  EXPECT_EQ(feed.counters().errored_seconds, 4U + 1U);
}

TEST(ErroredSeconds, CountsOnlySecondsInWhichASlowSenderSent) {
  SequenceFeed feed(0, 1500 * kMillisecond);
  feed.arrives(3);  // 1 at 1.5 s, 2 at 3.0 s
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 2U);
  EXPECT_EQ(feed.counters().errored_seconds, 2U);
}

TEST(ErroredSeconds, CountsNoneForASenderSlowerThanTheStallTimeout) {
  SequenceFeed feed(0, 10 * kSecond);
  feed.arrives(2);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 1U);
  EXPECT_EQ(feed.counters().errored_seconds, 0U);
}

TEST(ErroredSeconds, SurvivesSendTimesThatWrap) {
  SequenceTracker tracker(0, ~0ULL - 5, {.stall = 3 * kSecond, .loss = kSecond});
  LossRecord record;
  tracker.on_packet(3, 20, 0, record);
  tracker.advance(kSecond, record);
  EXPECT_EQ(record.counters.lost, 2U);
  EXPECT_LE(record.counters.errored_seconds, 2U);
}

}  // namespace
}  // namespace mcast::test
