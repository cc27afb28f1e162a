// Waiting, receiving, stalled; join delay; times of the last packet.
#include <gtest/gtest.h>

#include "probe/stream_tracker.h"
#include "tests/unit/probe/stream_feed.h"

namespace mcast::test {
namespace {

constexpr Nanoseconds kStall = StreamFeed::kStallTimeout;

TEST(StreamState, WaitsUntilTheFirstPacketAndNeverStallsBefore) {
  StreamFeed feed;
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kWaiting);
  EXPECT_EQ(feed.tracker.next_deadline(), kNever);
  feed.tracker.advance(1000 * kSecond);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kWaiting);
  const auto snapshot = feed.at(1000 * kSecond, 5);
  EXPECT_EQ(snapshot.stalls, 0U);
  EXPECT_EQ(snapshot.stalled_time, 0);
  EXPECT_EQ(snapshot.join_delay, -1);
  EXPECT_EQ(snapshot.last_packet_realtime, 0);
  EXPECT_TRUE(snapshot.sources.empty());
  EXPECT_TRUE(feed.events.all.empty());
}

TEST(StreamState, ReceivesWithTheFirstPacketAndSaysSoOnce) {
  StreamFeed feed;
  TestSender sender;
  feed.next(sender);
  feed.next(sender);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kReceiving);
  const auto first = feed.events.of(StreamEventType::kFirstPacket);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].stream, StreamFeed::kId);
  EXPECT_EQ(first[0].source, kHost);
  EXPECT_EQ(first[0].time, 0);
}

TEST(StreamState, CountsTheJoinDelayFromTheNewestJoinToTheFirstPacketAlone) {
  StreamFeed feed;
  feed.tracker.joined(1 * kSecond);
  feed.tracker.joined(4 * kSecond);
  TestSender sender;
  feed.arrives(sender, 0, 4 * kSecond + 123);
  feed.arrives(sender, 1, 6 * kSecond);
  EXPECT_EQ(feed.at(6 * kSecond).join_delay, 123);
  feed.tracker.joined(7 * kSecond);
  feed.arrives(sender, 2, 8 * kSecond);
  EXPECT_EQ(feed.at(8 * kSecond).join_delay, 123);
}

TEST(StreamState, TakesAPacketStampedBeforeTheJoinAsNoDelay) {
  StreamFeed feed;
  feed.tracker.joined(4 * kSecond);
  feed.arrives(TestSender{}, 0, 4 * kSecond - 1);
  EXPECT_EQ(feed.at(4 * kSecond).join_delay, 0);
}

TEST(StreamState, IsStalledTheStallTimeoutAfterTheLastPacket) {
  StreamFeed feed;
  TestSender sender;
  feed.run_until(kSecond, {&sender});
  const Nanoseconds last = sender.due(sender.next - 1);
  EXPECT_LE(feed.tracker.next_deadline(), last + kStall);
  feed.tracker.advance(last + kStall);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kStalled);
  EXPECT_EQ(feed.at(last + kStall).stalls, 1U);
  const auto stalls = feed.events.of(StreamEventType::kStall);
  ASSERT_EQ(stalls.size(), 1U);
  EXPECT_EQ(stalls[0].time, last + kStall);
}

TEST(StreamState, IsNotStalledANanosecondEarlier) {
  StreamFeed feed;
  TestSender sender;
  feed.run_until(kSecond, {&sender});
  const Nanoseconds last = sender.due(sender.next - 1);
  feed.tracker.advance(last + kStall - 1);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kReceiving);
  EXPECT_EQ(feed.tracker.next_deadline(), last + kStall);
  EXPECT_EQ(feed.at(last + kStall - 1).stalls, 0U);
}

TEST(StreamState, StallsOnceHoweverLongItLasts) {
  StreamFeed feed;
  TestSender sender;
  feed.next(sender);
  for (Nanoseconds now = 0; now < 100 * kSecond; now += kSecond) feed.tracker.advance(now);
  EXPECT_EQ(feed.at(100 * kSecond).stalls, 1U);
  EXPECT_EQ(feed.tracker.next_deadline(), kNever);
}

TEST(StreamState, RecoversWithTheNextPacketAndKnowsHowLongItWasStalled) {
  StreamFeed feed;
  const TestSender sender;
  feed.arrives(sender, 0, 0);
  feed.tracker.advance(kStall + 50 * kMillisecond);  // noticed late
  feed.arrives(sender, 1, 10 * kSecond);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kReceiving);
  const auto snapshot = feed.at(11 * kSecond);
  EXPECT_EQ(snapshot.stalls, 1U);
  EXPECT_EQ(snapshot.stalled_time, 7 * kSecond);
  const auto recoveries = feed.events.of(StreamEventType::kRecovery);
  ASSERT_EQ(recoveries.size(), 1U);
  EXPECT_EQ(recoveries[0].time, 10 * kSecond);
  EXPECT_EQ(recoveries[0].source, kHost);
  EXPECT_EQ(recoveries[0].duration, 7 * kSecond);
}

TEST(StreamState, CountsAStallThatNobodyAskedAboutWhenTheNextPacketComes) {
  StreamFeed feed;
  const TestSender sender;
  feed.arrives(sender, 0, 0);
  feed.arrives(sender, 1, 10 * kSecond);
  EXPECT_EQ(feed.at(10 * kSecond).stalls, 1U);
  EXPECT_EQ(feed.at(10 * kSecond).stalled_time, 7 * kSecond);
  ASSERT_EQ(feed.events.count(StreamEventType::kStall), 1U);
  EXPECT_EQ(feed.events.of(StreamEventType::kStall)[0].time, kStall);
}

TEST(StreamState, ShowsTheStalledTimeGrowWhileStalled) {
  StreamFeed feed;
  feed.arrives(TestSender{}, 0, 0);
  feed.tracker.advance(kStall);
  EXPECT_EQ(feed.at(kStall + kSecond).stalled_time, kSecond);
  EXPECT_EQ(feed.at(kStall + 2 * kSecond).stalled_time, 2 * kSecond);
}

TEST(StreamState, StallsAgainAfterARecovery) {
  StreamFeed feed;
  const TestSender sender;
  for (std::uint64_t n = 0; n < 5; ++n) {
    feed.arrives(sender, n, static_cast<Nanoseconds>(n) * 4 * kSecond);
  }
  EXPECT_EQ(feed.at(16 * kSecond).stalls, 4U);
  EXPECT_EQ(feed.at(16 * kSecond).stalled_time, 4 * kSecond);
}

TEST(StreamState, IsNotKeptAliveByRejectedPackets) {
  StreamFeed feed;
  TestSender sender;
  for (std::uint64_t n = 0; n < 6000; ++n) feed.arrives(sender, n, 0);
  feed.tracker.on_rejected(NotAProbe::kForeign);
  feed.arrives(sender, 1, 2 * kSecond);          // stale
  feed.arrives(sender, ~0ULL, 2 * kSecond + 1);  // implausible
  feed.tracker.advance(kStall);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kStalled);
  feed.arrives(sender, 1, 5 * kSecond);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kStalled);
}

TEST(StreamState, IsKeptAliveByDuplicates) {
  StreamFeed feed;
  const TestSender sender;
  feed.arrives(sender, 0, 0);
  feed.arrives(sender, 0, 2 * kSecond);
  feed.tracker.advance(kStall);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kReceiving);
}

TEST(StreamState, TellsTheLastPacketInRealTime) {
  StreamFeed feed;
  const TestSender sender;
  feed.arrives(sender, 0, 5);
  feed.arrives(sender, 1, 70);
  const auto snapshot = feed.at(100, 1'000'000);
  EXPECT_EQ(snapshot.last_packet_realtime, 1'000'070);
  EXPECT_EQ(snapshot.sources.at(0).last_packet_realtime, 1'000'070);
}

TEST(StreamState, KnowsSinceWhenItIsAsItIs) {
  StreamFeed feed;
  feed.tracker.joined(kSecond);
  EXPECT_EQ(feed.at(2 * kSecond, 5).state_since_realtime, kSecond + 5);
  const TestSender sender;
  feed.arrives(sender, 0, 3 * kSecond);
  feed.arrives(sender, 1, 4 * kSecond);
  EXPECT_EQ(feed.at(4 * kSecond).state_since_realtime, 3 * kSecond);
  feed.tracker.advance(4 * kSecond + kStall + kSecond);
  EXPECT_EQ(feed.at(60 * kSecond).state_since_realtime, 4 * kSecond + kStall);
}

TEST(StreamState, StallsAfterTheTimeoutThatItHasNow) {
  for (const Nanoseconds timeout : {kSecond, 10 * kSecond}) {
    StreamFeed feed;
    feed.arrives(TestSender{}, 0, 0);
    feed.tracker.set_timeouts({.stall = timeout, .loss = kSecond});
    feed.tracker.advance(timeout - 1);
    EXPECT_EQ(feed.tracker.state(), ReceiverState::kReceiving);
    EXPECT_EQ(feed.tracker.next_deadline(), timeout);
    feed.tracker.advance(timeout);
    EXPECT_EQ(feed.tracker.state(), ReceiverState::kStalled);
  }
}

TEST(StreamState, GivesUpWhatIsMissingAfterTheLossTimeoutThatItHasNow) {
  StreamFeed feed;
  const TestSender sender;
  feed.arrives(sender, 0, 0);
  feed.arrives(sender, 2, kSecond);
  feed.tracker.set_timeouts({.stall = kStall, .loss = 100 * kMillisecond});
  feed.tracker.advance(kSecond + 100 * kMillisecond - 1);
  EXPECT_EQ(feed.at(2 * kSecond).sources.front().counters.lost, 0U);
  feed.tracker.advance(kSecond + 100 * kMillisecond);
  EXPECT_EQ(feed.at(2 * kSecond).sources.front().counters.lost, 1U);
}

}  // namespace
}  // namespace mcast::test
