// What a stream counts per packet: bytes, rejected kinds, TTL, DSCP, jitter, and
// the events that go with them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>

#include "probe/stream_tracker.h"
#include "tests/unit/probe/stream_feed.h"

namespace mcast::test {
namespace {

StreamTracker::Arrival arrival(Nanoseconds time, std::uint8_t ttl = 97, std::uint8_t dscp = 0) {
  return {.source = kHost, .time = time, .size = 200, .ttl = ttl, .dscp = dscp};
}

TEST(StreamPackets, CountsEveryPacketAndItsBytesDuplicatesIncluded) {
  StreamFeed feed;
  const TestSender sender;
  for (const std::uint64_t n : {0U, 1U, 1U, 5U, 3U}) feed.arrives(sender, n, 0);
  EXPECT_EQ(feed.source().counters.packets, 5U);
  EXPECT_EQ(feed.source().counters.bytes, 1000U);
  EXPECT_EQ(feed.source().counters.duplicates, 1U);
  EXPECT_EQ(feed.source().counters.reordered, 1U);
}

TEST(StreamPackets, CountsEachKindOfRejectedDatagramAsWhatItIsAndNothingElse) {
  StreamFeed feed;
  feed.tracker.on_rejected(NotAProbe::kForeign);
  for (int i = 0; i < 2; ++i) feed.tracker.on_rejected(NotAProbe::kVersion);
  for (int i = 0; i < 3; ++i) feed.tracker.on_rejected(NotAProbe::kTruncated);
  const auto snapshot = feed.at(0);
  EXPECT_EQ(snapshot.rejected.foreign, 1U);
  EXPECT_EQ(snapshot.rejected.version, 2U);
  EXPECT_EQ(snapshot.rejected.truncated, 3U);
  EXPECT_EQ(snapshot.rejected.stale, 0U);
  EXPECT_EQ(snapshot.rejected.implausible, 0U);
  EXPECT_EQ(snapshot.state, ReceiverState::kWaiting);
  EXPECT_TRUE(snapshot.sources.empty());
}

TEST(StreamPackets, SaysWhichPacketsItCounted) {
  StreamFeed feed;
  const TestSender sender;
  EXPECT_TRUE(feed.tracker.on_probe(sender.header(0), arrival(0)));
  EXPECT_TRUE(feed.tracker.on_probe(sender.header(0), arrival(0)));  // a duplicate
  for (std::uint64_t n = 1; n < 5000; ++n) feed.arrives(sender, n, 0);
  EXPECT_FALSE(feed.tracker.on_probe(sender.header(0), arrival(1)));      // stale
  EXPECT_FALSE(feed.tracker.on_probe(sender.header(~0ULL), arrival(1)));  // implausible
}

TEST(StreamPackets, GivesUpAllThatIsMissingAtTheEnd) {
  StreamFeed feed;
  const TestSender sender;
  for (const std::uint64_t n : {0U, 1U, 4U, 7U, 8U}) feed.arrives(sender, n, sender.due(n));
  EXPECT_EQ(feed.source().counters.lost, 0U);
  feed.tracker.settle(sender.due(9));
  EXPECT_EQ(feed.source().counters.lost, 4U);
  EXPECT_EQ(feed.source().counters.loss_bursts.count(), 2U);
  EXPECT_EQ(feed.at(sender.due(9)).state, ReceiverState::kReceiving);
  // A second time there is nothing left to give up.
  feed.tracker.settle(sender.due(9));
  EXPECT_EQ(feed.source().counters.lost, 4U);
}

TEST(StreamPackets, RejectsStaleAndImplausiblePacketsWithoutCountingThemAsPackets) {
  StreamFeed feed;
  const TestSender sender;
  for (std::uint64_t n = 0; n < 5000; ++n) feed.arrives(sender, n, 0);
  feed.arrives(sender, 0, 1, 50);
  feed.arrives(sender, ~0ULL, 1, 50);
  const auto snapshot = feed.at(1);
  EXPECT_EQ(snapshot.rejected.stale, 1U);
  EXPECT_EQ(snapshot.rejected.implausible, 1U);
  EXPECT_EQ(snapshot.sources[0].counters.packets, 5000U);
  EXPECT_EQ(snapshot.sources[0].counters.ttl_changes, 0U);
  EXPECT_EQ(snapshot.sources[0].ttl, 97);
}

TEST(StreamPackets, CountsLostPacketsOfTheSourceAndReportsTheBurst) {
  StreamFeed feed;
  TestSender sender;
  feed.arrives(sender, 0, 0);
  feed.arrives(sender, 4, sender.due(4));
  EXPECT_EQ(feed.tracker.next_deadline(), sender.due(4) + kSecond);
  feed.tracker.advance(sender.due(4) + kSecond);
  EXPECT_EQ(feed.source().counters.lost, 3U);
  const auto bursts = feed.events.of(StreamEventType::kBurst);
  ASSERT_EQ(bursts.size(), 1U);
  EXPECT_EQ(bursts[0].source, kHost);
  EXPECT_EQ(bursts[0].value, 3U);
  EXPECT_EQ(bursts[0].duration, 120 * kMillisecond);
  EXPECT_EQ(feed.source().longest_interruption, 120 * kMillisecond);
  ASSERT_EQ(feed.source().gaps.size(), 1U);
}

TEST(StreamPackets, ReportsNoBurstForAReorderedPacket) {
  StreamFeed feed;
  const TestSender sender;
  for (const std::uint64_t n : {0U, 2U, 1U}) feed.arrives(sender, n, 0);
  feed.tracker.advance(2 * kSecond);
  EXPECT_EQ(feed.events.count(StreamEventType::kBurst), 0U);
  EXPECT_EQ(feed.source().counters.lost, 0U);
}

// --- TTL and DSCP ---------------------------------------------------------------

TEST(StreamPackets, CountsATtlChangeAndSaysFromWhatToWhat) {
  StreamFeed feed;
  const TestSender sender;
  feed.arrives(sender, 0, 0, 97);
  feed.arrives(sender, 1, 1, 96);
  feed.arrives(sender, 2, 2, 96);
  feed.arrives(sender, 3, 3, 97);
  EXPECT_EQ(feed.source().counters.ttl_changes, 2U);
  const auto changes = feed.events.of(StreamEventType::kTtlChange);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].value, (96U << 8U) | 97U);
  EXPECT_EQ(changes[1].value, (97U << 8U) | 96U);
  EXPECT_EQ(feed.source().hops(), 3);
}

TEST(StreamPackets, CountsNoTtlChangeForTheFirstPacketNorBetweenTwoSendersOfOneAddress) {
  StreamFeed feed;
  const TestSender one{.id = 1};
  const TestSender two{.id = 2};
  for (std::uint64_t n = 0; n < 5; ++n) {
    feed.arrives(one, n, one.due(n), 97);
    feed.arrives(two, n, two.due(n), 60);
  }
  EXPECT_EQ(feed.source().counters.ttl_changes, 0U);
  EXPECT_EQ(feed.source().ttl, 60);
}

TEST(StreamPackets, CountsEveryRemarkedPacketAndReportsWhenItBegan) {
  StreamFeed feed;
  const TestSender sender{.dscp = 46};
  feed.tracker.on_probe(sender.header(0), arrival(0, 97, 46));
  for (std::uint64_t n = 1; n <= 3; ++n) {
    feed.tracker.on_probe(sender.header(n), arrival(sender.due(n), 97, 10));
  }
  feed.tracker.on_probe(sender.header(4), arrival(sender.due(4), 97, 46));
  feed.tracker.on_probe(sender.header(5), arrival(sender.due(5), 97, 0));
  EXPECT_EQ(feed.source().counters.remarked, 4U);
  const auto remarks = feed.events.of(StreamEventType::kRemark);
  ASSERT_EQ(remarks.size(), 2U);
  EXPECT_EQ(remarks[0].value, (10U << 8U) | 46U);
  EXPECT_EQ(remarks[0].time, sender.due(1));
  EXPECT_EQ(remarks[1].value, 46U);
  EXPECT_EQ(feed.source().dscp, 0);
  EXPECT_EQ(feed.source().sent_dscp, 46);
}

TEST(StreamPackets, ReportsARemarkOfTheVeryFirstPacket) {
  StreamFeed feed;
  feed.tracker.on_probe(TestSender{}.header(0), arrival(0, 97, 8));
  EXPECT_EQ(feed.source().counters.remarked, 1U);
  EXPECT_EQ(feed.events.count(StreamEventType::kRemark), 1U);
}

TEST(StreamPackets, CountsNoRemarkWhenTheSenderItselfChangesItsDscp) {
  StreamFeed feed;
  TestSender sender;
  for (std::uint64_t n = 0; n < 64; ++n) {
    sender.dscp = static_cast<std::uint8_t>(n);
    feed.arrives(sender, n, sender.due(n));
  }
  EXPECT_EQ(feed.source().counters.remarked, 0U);
  EXPECT_EQ(feed.events.count(StreamEventType::kRemark), 0U);
}

// --- jitter ---------------------------------------------------------------------

TEST(Jitter, IsZeroWhileEveryPacketTakesTheSameTime) {
  StreamFeed feed;
  const TestSender sender;
  for (std::uint64_t n = 0; n < 100; ++n) {
    feed.arrives(sender, n, sender.due(n) + 7 * kMillisecond);
  }
  EXPECT_EQ(feed.source().jitter, 0);
}

TEST(Jitter, FollowsTheFormulaOfRfc3550) {
  StreamFeed feed;
  const TestSender sender;
  std::mt19937_64 random(3550);
  std::uniform_int_distribution<Nanoseconds> delay(0, 20 * kMillisecond);
  double expected = 0;
  double last_transit = 0;
  for (std::uint64_t n = 0; n < 2000; ++n) {
    const Nanoseconds travelled = delay(random);
    feed.arrives(sender, n, sender.due(n) + travelled);
    const auto transit = static_cast<double>(travelled);
    if (n > 0) expected += (std::abs(transit - last_transit) - expected) / 16;
    last_transit = transit;
    ASSERT_NEAR(static_cast<double>(feed.source().jitter), expected, 2.0) << "packet " << n;
  }
  EXPECT_GT(feed.source().jitter, 4 * kMillisecond);
}

TEST(Jitter, IsNotMovedByLostPackets) {
  StreamFeed feed;
  const TestSender sender;
  for (std::uint64_t n = 0; n < 500; n += 7) feed.arrives(sender, n, sender.due(n));
  EXPECT_EQ(feed.source().jitter, 0);
}

TEST(Jitter, IsNotMovedByDuplicates) {
  StreamFeed feed;
  const TestSender sender;
  for (std::uint64_t n = 0; n < 50; ++n) {
    feed.arrives(sender, n, sender.due(n));
    feed.arrives(sender, n, sender.due(n) + 30 * kMillisecond);
  }
  EXPECT_EQ(feed.source().counters.duplicates, 50U);
  EXPECT_EQ(feed.source().jitter, 0);
}

TEST(Jitter, IsNotMovedByRejectedPackets) {
  StreamFeed feed;
  const TestSender sender;
  for (std::uint64_t n = 0; n < 5000; ++n) feed.arrives(sender, n, sender.due(n));
  feed.arrives(sender, 0, sender.due(5000) - 1);
  feed.arrives(sender, 5000, sender.due(5000));
  EXPECT_EQ(feed.source().jitter, 0);
}

TEST(Jitter, StaysWithinBoundsWhateverTheSendTimesSay) {
  StreamFeed feed;
  std::mt19937_64 random(1);
  for (std::uint64_t n = 0; n < 2000; ++n) {
    ProbeHeader header = TestSender{}.header(n);
    header.send_time = n % 3 == 0 ? random() : ~0ULL * (n % 2);
    feed.tracker.on_probe(header, arrival(static_cast<Nanoseconds>(n)));
    ASSERT_GE(feed.source().jitter, 0);
    ASSERT_LE(feed.source().jitter, 3600 * kSecond);
  }
}

}  // namespace
}  // namespace mcast::test
