// Lost, late, reordered, duplicate, stale, implausible: each meaning of
// docs/semantics.md with its negative twin.
#include "probe/sequence_tracker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "tests/unit/probe/sequence_feed.h"

namespace mcast::test {
namespace {

constexpr std::uint64_t kTop = std::numeric_limits<std::uint64_t>::max();

void expect_nothing_counted(const ReceptionCounters& counters) {
  EXPECT_EQ(counters.lost, 0U);
  EXPECT_EQ(counters.late, 0U);
  EXPECT_EQ(counters.duplicates, 0U);
  EXPECT_EQ(counters.reordered, 0U);
  EXPECT_EQ(counters.errored_seconds, 0U);
  EXPECT_EQ(counters.loss_bursts.count(), 0U);
  EXPECT_EQ(counters.interruptions.count(), 0U);
}

TEST(SequenceTracker, CountsNothingForPacketsInOrder) {
  SequenceFeed feed;
  for (std::uint64_t n = 1; n <= 10'000; ++n) ASSERT_EQ(feed.arrives(n), Verdict::kInOrder);
  feed.settle();
  expect_nothing_counted(feed.counters());
  EXPECT_EQ(feed.tracker.highest(), 10'000U);
  EXPECT_EQ(feed.tracker.pending(), 0U);
  EXPECT_EQ(feed.tracker.next_deadline(), kNever);
}

TEST(SequenceTracker, LeavesAGapPendingWhileThePacketMayStillCome) {
  SequenceFeed feed;
  EXPECT_EQ(feed.arrives(4), Verdict::kInOrder);
  EXPECT_EQ(feed.tracker.pending(), 3U);
  EXPECT_EQ(feed.tracker.next_deadline(), feed.due(4) + kSecond);
  expect_nothing_counted(feed.counters());
}

TEST(SequenceTracker, GivesAMissingPacketUpWhenTheHighestIs1024Ahead) {
  SequenceFeed feed(0, 10 * kMicrosecond);
  feed.arrive(2, 1 + 1024);
  EXPECT_EQ(feed.counters().lost, 1U);
  EXPECT_EQ(feed.tracker.pending(), 0U);
}

TEST(SequenceTracker, DoesNotGiveAMissingPacketUpWhenTheHighestIs1023Ahead) {
  SequenceFeed feed(0, 10 * kMicrosecond);
  feed.arrive(2, 1 + 1023);
  EXPECT_EQ(feed.counters().lost, 0U);
  EXPECT_EQ(feed.tracker.pending(), 1U);
  EXPECT_EQ(feed.arrives(1, feed.due(1024)), Verdict::kReordered);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 0U);
}

TEST(SequenceTracker, GivesAMissingPacketUpWhenTheLossTimeoutHasPassedSinceTheGapWasSeen) {
  SequenceFeed feed;
  const Nanoseconds seen_at = 5 * kSecond;
  feed.arrives(2, seen_at);
  feed.advance(seen_at + kSecond);
  EXPECT_EQ(feed.counters().lost, 1U);
  EXPECT_EQ(feed.tracker.next_deadline(), kNever);
}

TEST(SequenceTracker, DoesNotGiveAMissingPacketUpANanosecondBeforeTheLossTimeout) {
  SequenceFeed feed;
  const Nanoseconds seen_at = 5 * kSecond;
  feed.arrives(2, seen_at);
  feed.advance(seen_at + kSecond - 1);
  EXPECT_EQ(feed.counters().lost, 0U);
  EXPECT_EQ(feed.tracker.next_deadline(), seen_at + kSecond);
}

TEST(SequenceTracker, GivesUpByTimeWithoutAdvanceWhenTheNextPacketComes) {
  SequenceFeed feed;
  feed.arrives(2, 0);
  EXPECT_EQ(feed.arrives(1, kSecond), Verdict::kLate);
  EXPECT_EQ(feed.counters().lost, 1U);
  EXPECT_EQ(feed.counters().late, 1U);
}

TEST(SequenceTracker, CountsAPacketThatFillsItsGapInTimeAsReorderedAndNotLost) {
  SequenceFeed feed;
  feed.arrives(2, 0);
  EXPECT_EQ(feed.arrives(1, kSecond - 1), Verdict::kReordered);
  feed.settle();
  EXPECT_EQ(feed.counters().reordered, 1U);
  EXPECT_EQ(feed.counters().lost, 0U);
  EXPECT_EQ(feed.counters().late, 0U);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 0U);
}

TEST(SequenceTracker, CountsAPacketAfterItsGapWasGivenUpAsLateAndReorderedAndStillLost) {
  SequenceFeed feed;
  feed.arrives(2, 0);
  feed.advance(kSecond);
  ASSERT_EQ(feed.counters().lost, 1U);
  EXPECT_EQ(feed.arrives(1, 2 * kSecond), Verdict::kLate);
  EXPECT_EQ(feed.counters().lost, 1U);
  EXPECT_EQ(feed.counters().late, 1U);
  EXPECT_EQ(feed.counters().reordered, 1U);
  EXPECT_EQ(feed.counters().duplicates, 0U);
}

TEST(SequenceTracker, CountsTheSecondCopyOfALatePacketAsDuplicateAndNotAsLateAgain) {
  SequenceFeed feed;
  feed.arrives(2, 0);
  feed.advance(kSecond);
  feed.arrives(1, 2 * kSecond);
  EXPECT_EQ(feed.arrives(1, 2 * kSecond), Verdict::kDuplicate);
  EXPECT_EQ(feed.counters().late, 1U);
  EXPECT_EQ(feed.counters().duplicates, 1U);
}

TEST(SequenceTracker, CountsEveryFurtherCopyOfAPacketAsDuplicateAndNothingElse) {
  SequenceFeed feed;
  feed.arrive(1, 5);
  for (int copy = 0; copy < 3; ++copy) {
    EXPECT_EQ(feed.arrives(5), Verdict::kDuplicate);
    EXPECT_EQ(feed.arrives(0, feed.due(5)), Verdict::kDuplicate);
  }
  EXPECT_EQ(feed.counters().duplicates, 6U);
  EXPECT_EQ(feed.counters().reordered, 0U);
}

TEST(SequenceTracker, KnowsADuplicate4095BehindTheHighest) {
  SequenceFeed feed;
  feed.arrive(1, 5000);
  EXPECT_EQ(feed.arrives(5000 - 4095, feed.due(5000)), Verdict::kDuplicate);
  EXPECT_EQ(feed.counters().duplicates, 1U);
}

TEST(SequenceTracker, CallsAPacket4096BehindTheHighestStaleAndCountsNothing) {
  SequenceFeed feed;
  feed.arrive(1, 5000);
  EXPECT_EQ(feed.arrives(5000 - 4096, feed.due(5000)), Verdict::kStale);
  EXPECT_EQ(feed.arrives(0, feed.due(5000)), Verdict::kStale);
  expect_nothing_counted(feed.counters());
}

TEST(SequenceTracker, KnowsALatePacket4095BehindTheHighestButNot4096Behind) {
  SequenceFeed feed;
  feed.arrive(3, 4097);
  ASSERT_EQ(feed.counters().lost, 2U);
  EXPECT_EQ(feed.arrives(1, feed.due(4097)), Verdict::kStale);
  EXPECT_EQ(feed.arrives(2, feed.due(4097)), Verdict::kLate);
  EXPECT_EQ(feed.counters().late, 1U);
}

TEST(SequenceTracker, DoesNotMistakeAnOldPacketForANewOneInTheSameSlotOfTheWindow) {
  SequenceFeed feed;
  feed.arrive(1, 100);
  feed.arrives(100 + 4096 + 50);  // slots 101 to 4245 are now of missing numbers
  feed.settle();
  EXPECT_EQ(feed.arrives(100 + 4096, feed.due(20'000)), Verdict::kLate);
  EXPECT_EQ(feed.arrives(100 + 4096, feed.due(20'000)), Verdict::kDuplicate);
}

TEST(SequenceTracker, NeverCountsPacketsBeforeTheFirstOneSeenAsLost) {
  SequenceFeed feed(1000);
  feed.arrive(1001, 3000);
  feed.settle();
  expect_nothing_counted(feed.counters());
  EXPECT_EQ(feed.tracker.first(), 1000U);
}

TEST(SequenceTracker, CountsAPacketBeforeTheFirstOneSeenAsReorderedOnceAndNeverAsLate) {
  SequenceFeed feed(1000);
  feed.arrives(1001);
  EXPECT_EQ(feed.raw(998, SequenceFeed::kSendBase - 1, 10 * kSecond), Verdict::kReordered);
  EXPECT_EQ(feed.raw(998, SequenceFeed::kSendBase - 1, 10 * kSecond), Verdict::kDuplicate);
  feed.settle();
  EXPECT_EQ(feed.counters().reordered, 1U);
  EXPECT_EQ(feed.counters().duplicates, 1U);
  EXPECT_EQ(feed.counters().lost, 0U);
  EXPECT_EQ(feed.counters().late, 0U);
}

TEST(SequenceTracker, FollowsARandomFillOfOneLongGap) {
  SequenceFeed feed;
  feed.arrives(1000, 0);
  // 7 is a generator modulo 997: visits every number from 1 to 996 once.
  std::uint64_t n = 1;
  for (std::uint64_t i = 1; i <= 996; ++i) {
    n = n * 7 % 997;
    ASSERT_EQ(feed.arrives(n, 0), Verdict::kReordered) << n;
    ASSERT_EQ(feed.tracker.pending(), 999 - i);
  }
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 3U);  // 997, 998, 999
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
}

// --- jumps --------------------------------------------------------------------

TEST(SequenceTracker, RefusesAJumpFasterThanTwentyMillionPacketsASecondAndForgetsIt) {
  SequenceFeed feed;
  feed.arrive(1, 10);
  // 1025 packets take 51,250 ns at 20 Mpps.
  EXPECT_EQ(feed.raw(10 + 1025, feed.send_time(10) + 51'249, feed.due(11)), Verdict::kImplausible);
  EXPECT_EQ(feed.tracker.highest(), 10U);
  EXPECT_EQ(feed.tracker.pending(), 0U);
  EXPECT_EQ(feed.tracker.next_deadline(), kNever);
  EXPECT_EQ(feed.arrives(11), Verdict::kInOrder);
  EXPECT_EQ(feed.arrives(10, feed.due(11)), Verdict::kDuplicate);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 0U);
}

TEST(SequenceTracker, AcceptsAJumpOfTwentyMillionPacketsASecond) {
  SequenceFeed feed;
  feed.arrive(1, 10);
  EXPECT_EQ(feed.raw(10 + 1025, feed.send_time(10) + 51'250, feed.due(11)), Verdict::kInOrder);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 1024U);
}

TEST(SequenceTracker, AcceptsAJumpWithinTheReorderWindowWhateverTheSendTime) {
  SequenceFeed feed;
  EXPECT_EQ(feed.raw(1024, SequenceFeed::kSendBase, 0), Verdict::kInOrder);
  EXPECT_EQ(feed.raw(2048, SequenceFeed::kSendBase - kSecond, 0), Verdict::kInOrder);
}

TEST(SequenceTracker, RefusesAJumpBeyondTheReorderWindowWhenSendTimeGoesBack) {
  SequenceFeed feed;
  EXPECT_EQ(feed.raw(1025, SequenceFeed::kSendBase, 0), Verdict::kImplausible);
  EXPECT_EQ(feed.raw(1025, SequenceFeed::kSendBase - 1, 0), Verdict::kImplausible);
  EXPECT_EQ(feed.raw(kTop, 0, 0), Verdict::kImplausible);
  expect_nothing_counted(feed.counters());
}

TEST(SequenceTracker, RefusesTheJumpToTheLargestSequence) {
  SequenceFeed feed;
  // The longest time that can pass, 292 years, is still too short for it.
  EXPECT_EQ(feed.raw(kTop, SequenceFeed::kSendBase + (kTop >> 1U), 0), Verdict::kImplausible);
  EXPECT_EQ(feed.tracker.highest(), 0U);
}

TEST(SequenceTracker, CountsAHugePlausibleJumpExactlyAndAtOnce) {
  SequenceFeed feed;
  constexpr std::uint64_t kJump = 20'000'000ULL * 3600;
  const std::uint64_t hour = 3'600'000'000'000;
  EXPECT_EQ(feed.raw(kJump, SequenceFeed::kSendBase + hour, 0), Verdict::kInOrder);
  EXPECT_EQ(feed.counters().lost, kJump - 1024);
  EXPECT_EQ(feed.tracker.pending(), 1023U);
  feed.advance(kSecond);
  EXPECT_EQ(feed.counters().lost, kJump - 1);
  EXPECT_EQ(feed.counters().loss_bursts.count(), 1U);
}

TEST(SequenceTracker, CountsUpToTheLargestSequence) {
  SequenceFeed feed(kTop - 5000);
  feed.arrive(kTop - 4999, kTop - 3);
  feed.arrives(kTop);
  EXPECT_EQ(feed.tracker.pending(), 2U);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 2U);
  EXPECT_EQ(feed.arrives(kTop), Verdict::kDuplicate);
  EXPECT_EQ(feed.arrives(kTop - 1), Verdict::kLate);
}

TEST(SequenceTracker, CallsANumberBehindTheWrapOfTheLargestSequenceStale) {
  SequenceFeed feed(kTop - 1);
  feed.arrives(kTop);
  EXPECT_EQ(feed.raw(0, feed.send_time(kTop) + 1'000'000, kSecond), Verdict::kStale);
}

// --- send times ----------------------------------------------------------------

TEST(SequenceTracker, TakesSendTimesModuloTwoToThe64) {
  SequenceTracker tracker(0, kTop - 500'000, {.stall = 3 * kSecond, .loss = kSecond});
  LossRecord record;
  // A million ns pass over the wrap: room for 20,000 packets.
  EXPECT_EQ(tracker.on_packet(20'000, 499'999, 0, record), Verdict::kInOrder);
  tracker.advance(kSecond, record);
  EXPECT_EQ(record.counters.lost, 19'999U);
  EXPECT_EQ(record.longest_interruption(), 1'000'000 - 50);
}

TEST(SequenceTracker, TakesAnInterruptionInWhichSendTimeGoesBackAsOfNoLength) {
  SequenceFeed feed;
  feed.raw(5, 0, 0);
  feed.settle();
  EXPECT_EQ(feed.counters().lost, 4U);
  EXPECT_EQ(feed.record.longest_interruption(), 0);
  EXPECT_EQ(feed.counters().interruptions.count(), 1U);
}

TEST(SequenceTracker, AveragesTheIntervalOverLostPacketsToo) {
  SequenceFeed feed(0, 40 * kMillisecond);
  EXPECT_EQ(feed.tracker.mean_interval(), 0);
  feed.arrives(1);
  feed.arrives(10);
  EXPECT_EQ(feed.tracker.mean_interval(), 40 * kMillisecond);
}

}  // namespace
}  // namespace mcast::test
