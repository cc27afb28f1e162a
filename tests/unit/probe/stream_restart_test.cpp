// Restarts and concurrent senders: told apart by whether the old ID goes on.
#include <gtest/gtest.h>

#include <cstdint>

#include "probe/stream_tracker.h"
#include "tests/unit/probe/stream_feed.h"

namespace mcast::test {
namespace {

TEST(Restart, IsCountedOnceWhenANewIdComesAndTheOldOneStaysSilent) {
  StreamFeed feed;
  TestSender old{.id = 1};
  TestSender fresh{.id = 2, .started = 5 * kSecond};
  feed.run_until(5 * kSecond, {&old});
  feed.run_until(20 * kSecond, {&fresh});
  EXPECT_EQ(feed.source().restarts, 1U);
  EXPECT_EQ(feed.source().counters.lost, 0U);
  EXPECT_EQ(feed.source().counters.reordered, 0U);
  EXPECT_EQ(feed.source().sender_id, 2U);
  const auto events = feed.events.of(StreamEventType::kRestart);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].value, 2U);
  EXPECT_EQ(events[0].source, kHost);
}

TEST(Restart, IsNotCountedForTheFirstSender) {
  StreamFeed feed;
  TestSender only{.id = 1};
  feed.run_until(60 * kSecond, {&only});
  feed.tracker.advance(200 * kSecond);
  EXPECT_EQ(feed.source().restarts, 0U);
}

TEST(Restart, IsConfirmedAfterASecondOfSilenceAndNotBefore) {
  StreamFeed feed;
  TestSender old{.id = 1};
  feed.run_until(5 * kSecond, {&old});
  const Nanoseconds last = old.due(old.next - 1);
  TestSender fresh{.id = 2, .started = last + 100 * kMillisecond};
  feed.next(fresh);
  EXPECT_LE(feed.tracker.next_deadline(), last + kSecond);
  feed.tracker.advance(last + kSecond - 1);
  EXPECT_EQ(feed.source().restarts, 0U);
  feed.tracker.advance(last + kSecond);
  EXPECT_EQ(feed.source().restarts, 1U);
}

TEST(Restart, WaitsThreeIntervalsOfASlowSender) {
  StreamFeed feed;
  TestSender old{.id = 1, .interval = 5 * kSecond};
  feed.run_until(11 * kSecond, {&old});  // the last one at 10 s
  TestSender fresh{.id = 2, .started = 12 * kSecond, .interval = 5 * kSecond};
  feed.next(fresh);
  feed.tracker.advance(25 * kSecond - 1);
  EXPECT_EQ(feed.source().restarts, 0U);
  feed.tracker.advance(25 * kSecond);
  EXPECT_EQ(feed.source().restarts, 1U);
}

TEST(Restart, WaitsAtMostAMinute) {
  StreamFeed feed;
  TestSender old{.id = 1, .interval = 1000 * kSecond};
  feed.next(old);
  feed.next(old);  // at 1000 s
  TestSender fresh{.id = 2, .started = 1001 * kSecond};
  feed.next(fresh);
  feed.tracker.advance(1060 * kSecond - 1);
  EXPECT_EQ(feed.source().restarts, 0U);
  feed.tracker.advance(1060 * kSecond);
  EXPECT_EQ(feed.source().restarts, 1U);
}

TEST(Restart, IsNotCountedForTwoSendersThatBothGoOn) {
  StreamFeed feed;
  TestSender one{.id = 1};
  TestSender two{.id = 2, .started = 5 * kSecond + 7};
  feed.run_until(60 * kSecond, {&one, &two});
  EXPECT_EQ(feed.source().restarts, 0U);
  EXPECT_EQ(feed.source().counters.lost, 0U);
  EXPECT_EQ(feed.at(60 * kSecond).active_senders, 2U);
}

TEST(Restart, IsNotCountedWhenTheOlderOfTwoConcurrentSendersEndsLater) {
  StreamFeed feed;
  TestSender one{.id = 1};
  TestSender two{.id = 2, .started = 5 * kSecond + 7};
  feed.run_until(10 * kSecond, {&one, &two});
  feed.run_until(60 * kSecond, {&two});
  EXPECT_EQ(feed.source().restarts, 0U);
}

TEST(Restart, IsCountedWhileAnotherSenderOfTheAddressGoesOn) {
  StreamFeed feed;
  TestSender steady{.id = 1};
  TestSender old{.id = 2, .started = kSecond + 7};
  feed.run_until(10 * kSecond, {&steady, &old});
  TestSender fresh{.id = 3, .started = 12 * kSecond + 9};
  feed.run_until(30 * kSecond, {&steady, &fresh});
  EXPECT_EQ(feed.source().restarts, 1U);
  EXPECT_EQ(feed.at(30 * kSecond).active_senders, 2U);
}

TEST(Restart, IsCountedOnceForEveryLinkOfAChain) {
  StreamFeed feed;
  for (std::uint32_t id = 1; id <= 6; ++id) {
    TestSender sender{.id = id, .started = static_cast<Nanoseconds>(id) * 5 * kSecond};
    feed.run_until(sender.started + 3 * kSecond, {&sender});
  }
  feed.tracker.advance(100 * kSecond);
  EXPECT_EQ(feed.source().restarts, 5U);
  EXPECT_EQ(feed.source().counters.lost, 0U);
}

TEST(Restart, IsCountedForEveryLinkOfAChainFasterThanTheSilenceNeeded) {
  StreamFeed feed;
  for (std::uint32_t id = 1; id <= 6; ++id) {
    TestSender sender{.id = id, .started = static_cast<Nanoseconds>(id) * 300 * kMillisecond};
    feed.run_until(sender.started + 200 * kMillisecond, {&sender});
  }
  feed.tracker.advance(100 * kSecond);
  EXPECT_EQ(feed.source().restarts, 5U);
}

TEST(Restart, IsCountedOnceWhenOneSenderIsFollowedByTwo) {
  StreamFeed feed;
  TestSender old{.id = 1};
  feed.run_until(5 * kSecond, {&old});
  TestSender two{.id = 2, .started = 6 * kSecond};
  TestSender three{.id = 3, .started = 6 * kSecond + 5};
  feed.run_until(30 * kSecond, {&two, &three});
  EXPECT_EQ(feed.source().restarts, 1U);
}

TEST(Restart, IsCountedThoughStragglersOfTheOldSenderComeBehindTheNewOne) {
  StreamFeed feed;
  TestSender old{.id = 1};
  feed.run_until(5 * kSecond, {&old});
  TestSender fresh{.id = 2, .started = 5 * kSecond};
  feed.next(fresh);
  feed.arrives(old, old.next, 5 * kSecond + 90 * kMillisecond);
  fresh.next = 3;
  feed.run_until(20 * kSecond, {&fresh});
  EXPECT_EQ(feed.source().restarts, 1U);
}

TEST(Restart, IsNotCountedWhenTheOldSenderComesLaterThanAStraggler) {
  StreamFeed feed;
  TestSender old{.id = 1};
  feed.run_until(5 * kSecond, {&old});
  TestSender fresh{.id = 2, .started = 5 * kSecond};
  feed.next(fresh);
  feed.run_until(5 * kSecond + 100 * kMillisecond, {&fresh});
  feed.arrives(old, old.next, 5 * kSecond + 100 * kMillisecond + 1);
  feed.run_until(60 * kSecond, {&fresh});
  EXPECT_EQ(feed.source().restarts, 0U);
}

TEST(Restart, IsNotCountedForASenderOfAnotherAddress) {
  StreamFeed feed;
  TestSender old{.source = kHost, .id = 1};
  TestSender fresh{.source = kOtherHost, .id = 2, .started = 5 * kSecond};
  feed.run_until(5 * kSecond, {&old});
  feed.run_until(20 * kSecond, {&fresh});
  const auto snapshot = feed.at(20 * kSecond);
  ASSERT_EQ(snapshot.sources.size(), 2U);
  EXPECT_EQ(snapshot.sources[0].restarts, 0U);
  EXPECT_EQ(snapshot.sources[1].restarts, 0U);
}

TEST(Restart, KeepsTheLossesOfTheOldSender) {
  StreamFeed feed;
  TestSender old{.id = 1};
  feed.arrives(old, 0, 0);
  feed.arrives(old, 5, old.due(5));
  TestSender fresh{.id = 2, .started = 500 * kMillisecond};
  feed.run_until(20 * kSecond, {&fresh});
  EXPECT_EQ(feed.source().restarts, 1U);
  EXPECT_EQ(feed.source().counters.lost, 4U);
}

TEST(Restart, LeavesASenderThatWakesUpAfterItsSuccessorAmongTheActiveOnes) {
  // A process that was stopped for a while: the restart was wrongly counted and
  // stays, but both are heard now.
  StreamFeed feed;
  TestSender old{.id = 1};
  feed.run_until(5 * kSecond, {&old});
  TestSender fresh{.id = 2, .started = 6 * kSecond};
  feed.run_until(10 * kSecond, {&fresh});
  ASSERT_EQ(feed.source().restarts, 1U);
  EXPECT_EQ(feed.at(10 * kSecond).active_senders, 1U);
  old.started = 10 * kSecond - static_cast<Nanoseconds>(old.next) * old.interval;
  feed.run_until(20 * kSecond, {&old, &fresh});
  EXPECT_EQ(feed.at(20 * kSecond).active_senders, 2U);
}

}  // namespace
}  // namespace mcast::test
