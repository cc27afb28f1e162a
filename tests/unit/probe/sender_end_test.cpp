// How a receiver takes the end of its senders, and their silence: states, tail loss, overdue
// packets, outages.
#include <gtest/gtest.h>

#include "probe/snapshot.h"
#include "tests/unit/probe/stream_feed.h"

namespace mcast::test {
namespace {

using enum ReceiverState;

TEST(SenderEnd, IsNoStallWhereTheLastPacketSaidSo) {
  StreamFeed feed;
  TestSender sender{.last = 49};
  feed.run_until(2 * kSecond, {&sender});
  EXPECT_EQ(feed.tracker.state(), kEnded);
  feed.tracker.advance(100 * kSecond);
  const auto snapshot = feed.at(100 * kSecond);
  EXPECT_EQ(snapshot.state, kEnded);
  EXPECT_EQ(snapshot.stalls, 0U);
  EXPECT_EQ(snapshot.active_senders, 0U);
  EXPECT_EQ(feed.source().counters.lost, 0U);
  EXPECT_EQ(feed.at(100 * kSecond).sources[0].overdue, 0U);
  EXPECT_EQ(snapshot.state_since_realtime, sender.due(49));
  EXPECT_EQ(feed.events.count(StreamEventType::kEnded), 1U);
  EXPECT_EQ(feed.events.count(StreamEventType::kStall), 0U);
}

TEST(SenderEnd, TailLossIsExact) {
  StreamFeed feed;
  TestSender sender{.last = 49};
  feed.run_until(sender.due(40), {&sender});  // 0 to 39; 40 to 49 never come
  const Nanoseconds due = sender.due(49);
  feed.tracker.advance(due + StreamFeed::kLossTimeout - 1);
  EXPECT_EQ(feed.source().counters.lost, 0U);
  feed.tracker.advance(due + StreamFeed::kLossTimeout);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  const auto source = feed.source();
  EXPECT_EQ(source.counters.lost, 10U);
  EXPECT_EQ(source.counters.outage_lost, 0U);
  EXPECT_EQ(source.longest_interruption, 400 * kMillisecond);
  EXPECT_EQ(feed.at(due + 10 * kSecond).stalls, 0U);
  ASSERT_EQ(source.gaps.size(), 1U);
  EXPECT_EQ(source.gaps[0].lost_packets, 10U);
}

TEST(SenderEnd, WaitsForAHoleBeforeIt) {
  StreamFeed feed;
  TestSender sender{.last = 49};
  feed.run_until(sender.due(48), {&sender});
  feed.arrives(sender, 49, sender.due(49));
  EXPECT_EQ(feed.tracker.state(), kReceiving);
  feed.arrives(sender, 48, sender.due(49) + kMillisecond);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  EXPECT_EQ(feed.source().counters.lost, 0U);
}

TEST(SenderEnd, HoleBeforeItThatIsNotFilledIsLost) {
  StreamFeed feed;
  TestSender sender{.last = 49};
  feed.run_until(sender.due(48), {&sender});
  feed.arrives(sender, 49, sender.due(49));
  feed.tracker.advance(100 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  EXPECT_EQ(feed.source().counters.lost, 1U);
  EXPECT_EQ(feed.at(100 * kSecond).stalls, 0U);
  EXPECT_EQ(feed.at(100 * kSecond).state_since_realtime, sender.due(49) + StreamFeed::kLossTimeout);
}

TEST(SenderEnd, PacketsOfTheTailThatComeAfterAllAreLate) {
  StreamFeed feed;
  TestSender sender{.last = 49};
  feed.run_until(sender.due(40), {&sender});
  feed.tracker.advance(10 * kSecond);
  feed.arrives(sender, 45, 11 * kSecond);
  feed.arrives(sender, 45, 11 * kSecond);
  const auto counters = feed.source().counters;
  EXPECT_EQ(counters.lost, 10U);
  EXPECT_EQ(counters.late, 1U);
  EXPECT_EQ(counters.duplicates, 1U);
  // It had only paused.
  EXPECT_EQ(feed.tracker.state(), kReceiving);
  feed.tracker.advance(20 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  EXPECT_EQ(feed.source().counters.lost, 10U);
  // A straggler below what was heard is no new beginning.
  feed.arrives(sender, 42, 21 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  EXPECT_EQ(feed.source().counters.late, 2U);
}

TEST(SenderEnd, OfOneThatOnlyPausedIsTakenBack) {
  StreamFeed feed;
  TestSender sender{.last = 49};
  feed.run_until(sender.due(25), {&sender});
  feed.tracker.advance(8 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  sender.started = 7 * kSecond;  // it goes on with number 25 at 8 s
  feed.run_until(sender.due(49), {&sender});
  EXPECT_EQ(feed.tracker.state(), kReceiving);
  feed.next(sender);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  const auto counters = feed.source().counters;
  EXPECT_EQ(counters.lost, 25U);
  EXPECT_EQ(counters.late, 25U);
}

TEST(SenderEnd, ThatIsForgedHoldsNoStreamThatGoesOn) {
  StreamFeed feed;
  TestSender sender;
  feed.run_until(kSecond, {&sender});
  sender.last = sender.next + 4'000;
  feed.next(sender);
  sender.last.reset();
  feed.tracker.advance(400 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  sender.started = 400 * kSecond;
  feed.next(sender);
  feed.next(sender);
  EXPECT_EQ(feed.tracker.state(), kReceiving);
  feed.tracker.advance(sender.due() + 4 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kStalled);
  EXPECT_EQ(feed.source().counters.lost, 4'000U);
}

TEST(Overdue, IsUnknownWhereAllSendTimesAreOne) {
  StreamFeed feed;
  TestSender sender{.interval = 0};
  feed.arrives(sender, 0, kSecond);
  feed.arrives(sender, 1, kSecond);
  EXPECT_EQ(feed.at(10 * kSecond).sources[0].overdue, 0U);
  sender.interval = 1;  // a pace that no sender has
  feed.arrives(sender, 2, kSecond);
  EXPECT_LE(feed.at(11 * kSecond).sources[0].overdue, 10U * kMaxPacketsPerSecond);
}

TEST(SenderEnd, OutageBeforeItIsAStallThatEnds) {
  StreamFeed feed;
  TestSender sender{.last = 249};  // 10 s
  feed.run_until(5 * kSecond, {&sender});
  const Nanoseconds heard = sender.due(124);
  feed.tracker.advance(heard + StreamFeed::kStallTimeout);
  EXPECT_EQ(feed.tracker.state(), kStalled);
  EXPECT_EQ(feed.at(8 * kSecond).sources[0].overdue, 76U);
  feed.tracker.advance(30 * kSecond);
  const auto snapshot = feed.at(30 * kSecond);
  EXPECT_EQ(snapshot.state, kEnded);
  EXPECT_EQ(snapshot.stalls, 1U);
  EXPECT_EQ(snapshot.stalled_time,
            sender.due(249) + StreamFeed::kLossTimeout - heard - StreamFeed::kStallTimeout);
  EXPECT_EQ(snapshot.sources[0].counters.lost, 125U);
  EXPECT_EQ(snapshot.sources[0].counters.outage_lost, 125U);
  EXPECT_EQ(snapshot.sources[0].overdue, 0U);
}

TEST(SenderEnd, LookingSeldomMakesNoDifference) {
  StreamFeed often;
  StreamFeed seldom;
  TestSender sender{.last = 249};
  TestSender same = sender;
  often.run_until(5 * kSecond, {&sender});
  seldom.run_until(5 * kSecond, {&same});
  for (Nanoseconds now = 5 * kSecond; now <= 30 * kSecond; now += 25 * kMillisecond) {
    often.tracker.advance(now);
  }
  seldom.tracker.advance(30 * kSecond);
  const auto one = often.at(30 * kSecond);
  const auto other = seldom.at(30 * kSecond);
  EXPECT_EQ(one.state, other.state);
  EXPECT_EQ(one.stalls, other.stalls);
  EXPECT_EQ(one.stalled_time, other.stalled_time);
  EXPECT_EQ(one.state_since_realtime, other.state_since_realtime);
  EXPECT_EQ(one.sources[0].counters.lost, other.sources[0].counters.lost);
  EXPECT_EQ(often.events.all.size(), seldom.events.all.size());
}

TEST(SenderEnd, OfOneDoesNotEndTheStreamOfTwo) {
  StreamFeed feed;
  TestSender first{.id = 1, .last = 49};
  TestSender second{.source = kOtherHost, .id = 2};
  feed.run_until(first.due(49) + 1, {&first, &second});
  EXPECT_EQ(feed.tracker.state(), kReceiving);
  TestSender rest = second;
  feed.run_until(5 * kSecond, {&rest});
  EXPECT_EQ(feed.tracker.state(), kReceiving);
  feed.tracker.advance(20 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kStalled);  // the other one died without a word
}

TEST(SenderEnd, EndsTheStreamWhereTheOtherIsLongSilent) {
  StreamFeed feed;
  TestSender dead{.source = kOtherHost, .id = 2};
  feed.run_until(kSecond, {&dead});
  TestSender sender{.id = 1, .started = kSecond, .last = 474};
  feed.run_until(20 * kSecond, {&sender});
  feed.tracker.advance(30 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kEnded);
}

TEST(SenderEnd, NextSenderBeginsAnew) {
  StreamFeed feed;
  TestSender first{.id = 1, .last = 49};
  feed.run_until(2 * kSecond, {&first});
  TestSender second{.id = 2, .started = 60 * kSecond};
  feed.run_until(65 * kSecond, {&second});
  EXPECT_EQ(feed.tracker.state(), kReceiving);
  const auto snapshot = feed.at(65 * kSecond);
  EXPECT_EQ(snapshot.stalls, 0U);
  EXPECT_EQ(snapshot.sources[0].restarts, 1U);
  EXPECT_EQ(feed.events.count(StreamEventType::kFirstPacket), 2U);
  EXPECT_EQ(snapshot.join_delay, 0);
}

TEST(SenderEnd, ThatIsTakenBackIsNone) {
  StreamFeed feed;
  TestSender sender{.last = 49};
  feed.run_until(sender.due(40), {&sender});
  sender.last.reset();
  feed.run_until(sender.due(45), {&sender});  // goes on and knows no end any more
  feed.tracker.advance(60 * kSecond);
  EXPECT_EQ(feed.tracker.state(), kStalled);
  EXPECT_EQ(feed.source().counters.lost, 0U);
}

TEST(SenderEnd, ThatLiesHidesNoLossAndCountsNoMoreThan4096) {
  StreamFeed feed;
  TestSender sender;
  // Each packet says that 4,096 more will come, then nothing does.
  for (std::uint64_t n = 0; n < 50; ++n) {
    if (n == 20) continue;
    sender.last = n + kMaxAnnounced;
    feed.arrives(sender, n, sender.due(n));
  }
  feed.tracker.advance(100'000 * kSecond);
  EXPECT_EQ(feed.source().counters.lost, 1U + 4'096U);
  EXPECT_EQ(feed.tracker.state(), kEnded);
  EXPECT_EQ(feed.at(100'000 * kSecond).stalls, 1U);
}

TEST(SenderEnd, ThatIsSaidInEveryPacketIsNoFloodOfEvents) {
  StreamFeed feed;
  TestSender sender;
  for (std::uint64_t n = 0; n < 1'000; n += 2) {
    sender.last = n;
    feed.arrives(sender, n, sender.due(n));
  }
  EXPECT_LE(feed.events.count(StreamEventType::kEnded), 2U);
  feed.tracker.advance(sender.due(1'000) + kSecond);
  EXPECT_EQ(feed.source().counters.lost, 499U);
}

TEST(SenderEnd, AtTheLastOfAllNumbersOverflowsNothing) {
  StreamFeed feed;
  TestSender sender{.started = 0, .interval = 1, .next = ~0ULL - 9};
  ProbeHeader header = sender.header(~0ULL - 9);
  const auto arrives = [&](std::uint64_t sequence, Nanoseconds now) {
    header.sequence = sequence;
    header.send_time = static_cast<std::uint64_t>(now);
    header.left_plus_one = 4'097;
    feed.tracker.on_probe(header,
                          {.source = kHost, .time = now, .size = 200, .ttl = 97, .dscp = 0});
  };
  arrives(~0ULL - 9, kSecond);
  arrives(~0ULL - 8, kSecond + kMillisecond);
  feed.tracker.advance(100 * kSecond);
  EXPECT_EQ(feed.source().counters.lost, 8U);
}

TEST(Overdue, IsWhatThePaceSaysWhileNothingComes) {
  StreamFeed feed;
  TestSender sender{.interval = 10 * kMillisecond};
  feed.run_until(2 * kSecond + 300 * kMillisecond, {&sender});  // 230 packets, then nothing
  const Nanoseconds heard = sender.due(229);
  EXPECT_EQ(feed.at(heard + 100 * kMillisecond).sources[0].overdue, 0U);
  EXPECT_EQ(feed.at(heard + 300 * kMillisecond).sources[0].overdue, 30U);
  feed.tracker.advance(5 * kSecond);
  const auto source = feed.at(5 * kSecond).sources[0];
  EXPECT_EQ(source.overdue, 271U);
  EXPECT_EQ(source.silence, 2'700 * kMillisecond);
  EXPECT_EQ(source.counters.lost, 0U);
  EXPECT_NEAR(*loss_ratio(source.counters, source.overdue), 271.0 / 501.0, 1e-9);
  // It came again: what did not come is lost, and no longer overdue.
  sender.next = 600;
  feed.next(sender);
  EXPECT_EQ(feed.at(sender.due(600)).sources[0].overdue, 0U);
}

TEST(Overdue, IsUnknownAfterASinglePacket) {
  StreamFeed feed;
  TestSender sender;
  feed.next(sender);
  EXPECT_EQ(feed.at(10 * kSecond).sources[0].overdue, 0U);
  EXPECT_GT(feed.at(10 * kSecond).sources[0].silence, 0);
}

TEST(Overdue, IsNotThatOfASenderThatAnotherReplaced) {
  StreamFeed feed;
  TestSender first{.id = 1};
  feed.run_until(10 * kSecond, {&first});
  TestSender second{.id = 2, .started = 10 * kSecond};
  for (Nanoseconds end = 10 * kSecond; end < 20 * kSecond; end += 100 * kMillisecond) {
    feed.run_until(end, {&second});
    feed.tracker.advance(end);
    EXPECT_EQ(feed.at(end).sources[0].overdue, 0U) << end;
  }
}

TEST(Overdue, IsThatOfOneOfTwoForAMinuteThenItIsGone) {
  StreamFeed feed;
  TestSender first{.id = 1};
  TestSender second{.source = kOtherHost, .id = 2};
  feed.run_until(10 * kSecond, {&first, &second});
  TestSender rest = second;
  feed.run_until(40 * kSecond, {&rest});
  EXPECT_GT(feed.at(40 * kSecond).sources[0].overdue, 700U);
  feed.run_until(80 * kSecond, {&rest});
  EXPECT_EQ(feed.at(80 * kSecond).sources[0].overdue, 0U);
}

TEST(Outage, IsCountedAsOneApartFromLossThatGoesOn) {
  StreamFeed feed;
  TestSender sender;
  feed.run_until(10 * kSecond, {&sender});
  sender.next = 252;  // 2 lost
  feed.run_until(20 * kSecond, {&sender});
  sender.next = 500 + 25 * 60;  // a minute
  feed.next(sender);
  feed.tracker.advance(sender.due() + 2 * kSecond);
  const auto source = feed.source();
  EXPECT_EQ(source.counters.lost, 2U + 25 * 60);
  EXPECT_EQ(source.counters.outage_lost, 25U * 60);
  ASSERT_EQ(source.longest_gaps.size(), 2U);
  EXPECT_EQ(source.longest_gaps[0].length, 60 * kSecond);
  EXPECT_EQ(source.longest_gaps[1].lost_packets, 2U);
  EXPECT_EQ(source.longest_interruption_realtime, sender.due(500 + 25 * 60));
}

TEST(Outage, LongestGapsAreKeptThoughManyShortOnesFollow) {
  StreamFeed feed;
  TestSender sender;
  feed.run_until(4 * kSecond, {&sender});
  sender.next = 200;  // 4 s
  for (int i = 0; i < 100; ++i) {
    feed.next(sender);
    feed.next(sender);
    sender.next += static_cast<std::uint64_t>(1 + i % 2);
  }
  feed.tracker.advance(sender.due() + 2 * kSecond);
  const auto source = feed.source();
  EXPECT_EQ(source.gaps.size(), 8U);
  ASSERT_EQ(source.longest_gaps.size(), 8U);
  EXPECT_EQ(source.longest_gaps[0].lost_packets, 100U);
  for (std::size_t i = 1; i < 8; ++i) {
    EXPECT_LE(source.longest_gaps[i].length, source.longest_gaps[i - 1].length);
    EXPECT_EQ(source.longest_gaps[i].lost_packets, 2U);
  }
}

}  // namespace
}  // namespace mcast::test
