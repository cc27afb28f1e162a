// Several senders on one stream: kept apart by address and ID, bounded in number.
#include <gtest/gtest.h>

#include <cstdint>

#include "probe/stream_tracker.h"
#include "tests/unit/probe/stream_feed.h"

namespace mcast::test {
namespace {

IpAddress host(std::uint32_t n) {
  return IpAddress::v4(0x0A010000 + n);
}

// One packet each of `count` senders with an address of their own, at `time`.
void one_packet_each(StreamFeed& feed, std::uint32_t count, Nanoseconds time,
                     std::uint64_t sequence = 0) {
  for (std::uint32_t n = 0; n < count; ++n) {
    feed.arrives(TestSender{.source = host(n), .id = n}, sequence, time);
  }
}

TEST(StreamSenders, KeepsTwoSourcesWithTheSameIdApart) {
  StreamFeed feed;
  const TestSender one{.source = kHost, .id = 7};
  const TestSender other{.source = kOtherHost, .id = 7};
  feed.arrives(one, 0, 0);
  feed.arrives(other, 1000, 1, 60);
  feed.arrives(one, 3, one.due(3));
  feed.tracker.advance(10 * kSecond);
  const auto snapshot = feed.at(10 * kSecond);
  ASSERT_EQ(snapshot.sources.size(), 2U);
  EXPECT_EQ(snapshot.sources[0].source, kHost);
  EXPECT_EQ(snapshot.sources[0].counters.packets, 2U);
  EXPECT_EQ(snapshot.sources[0].counters.lost, 2U);
  EXPECT_EQ(snapshot.sources[1].source, kOtherHost);
  EXPECT_EQ(snapshot.sources[1].counters.packets, 1U);
  EXPECT_EQ(snapshot.sources[1].counters.lost, 0U);
  EXPECT_EQ(snapshot.sources[1].ttl, 60);
  EXPECT_EQ(snapshot.senders_seen, 2U);
}

TEST(StreamSenders, AddsUpTheSenderIdsOfOneSource) {
  StreamFeed feed;
  const TestSender one{.id = 1};
  const TestSender two{.id = 2};
  feed.arrives(one, 0, 0);
  feed.arrives(two, 0, 1);
  feed.arrives(one, 2, 2);
  feed.arrives(two, 3, 3);
  feed.tracker.advance(10 * kSecond);
  ASSERT_EQ(feed.at(10 * kSecond).sources.size(), 1U);
  EXPECT_EQ(feed.source().counters.packets, 4U);
  EXPECT_EQ(feed.source().counters.lost, 1U + 2U);
  EXPECT_EQ(feed.source().counters.loss_bursts.count(), 2U);
}

TEST(StreamSenders, CountsAsActiveWhoWasHeardWithinTheStallTimeout) {
  StreamFeed feed;
  feed.arrives(TestSender{.source = kHost, .id = 1}, 0, 0);
  feed.arrives(TestSender{.source = kOtherHost, .id = 2}, 0, 2 * kSecond);
  EXPECT_EQ(feed.at(3 * kSecond - 1).active_senders, 2U);
  EXPECT_EQ(feed.at(3 * kSecond).active_senders, 1U);
  EXPECT_EQ(feed.at(5 * kSecond).active_senders, 0U);
  EXPECT_EQ(feed.at(5 * kSecond).senders_seen, 2U);
}

TEST(StreamSenders, Tracks256SendersAndNoneIsLeftOut) {
  StreamFeed feed;
  for (std::uint64_t n = 0; n < 3; ++n) one_packet_each(feed, 256, kSecond, n);
  const auto snapshot = feed.at(kSecond);
  EXPECT_EQ(snapshot.sources.size(), 256U);
  EXPECT_EQ(snapshot.untracked_packets, 0U);
  for (const auto& source : snapshot.sources) {
    EXPECT_EQ(source.counters.packets, 3U);
    EXPECT_EQ(source.counters.lost, 0U);
  }
}

TEST(StreamSenders, CountsThePacketsOfThe257thAndTracksItNot) {
  StreamFeed feed;
  one_packet_each(feed, 256, 0);
  const TestSender extra{.source = host(999), .id = 999};
  feed.arrives(extra, 0, 1);
  feed.arrives(extra, 9, 2);
  const auto snapshot = feed.at(2);
  EXPECT_EQ(snapshot.sources.size(), 256U);
  EXPECT_EQ(snapshot.untracked_packets, 2U);
  EXPECT_EQ(snapshot.senders_seen, 256U);
}

TEST(StreamSenders, KeepsTheStreamReceivingByPacketsOfUntrackedSenders) {
  StreamFeed feed;
  one_packet_each(feed, 256, 0);
  feed.arrives(TestSender{.source = host(999), .id = 999}, 0, 2 * kSecond);
  feed.tracker.advance(4 * kSecond);
  EXPECT_EQ(feed.tracker.state(), ReceiverState::kReceiving);
}

TEST(StreamSenders, GivesThePlaceOfASenderSilentForAMinuteToANewOne) {
  StreamFeed feed;
  one_packet_each(feed, 256, 0);
  for (std::uint32_t n = 1; n < 256; ++n) {
    feed.arrives(TestSender{.source = host(n), .id = n}, 1, kSecond);
  }
  const TestSender extra{.source = host(999), .id = 999};
  feed.arrives(extra, 0, 60 * kSecond);
  const auto snapshot = feed.at(60 * kSecond);
  EXPECT_EQ(snapshot.untracked_packets, 0U);
  EXPECT_EQ(snapshot.senders_seen, 257U);
  ASSERT_EQ(snapshot.sources.size(), 256U);
  EXPECT_EQ(snapshot.sources.front().source, host(1));
  EXPECT_EQ(snapshot.sources.back().source, host(999));
  // The others are still found.
  feed.arrives(TestSender{.source = host(200), .id = 200}, 2, 60 * kSecond);
  EXPECT_EQ(feed.at(60 * kSecond).sources[199].counters.packets, 3U);
}

TEST(StreamSenders, KeepsASenderSilentForANanosecondLessThanAMinute) {
  StreamFeed feed;
  one_packet_each(feed, 256, 0);
  feed.arrives(TestSender{.source = host(999), .id = 999}, 0, 60 * kSecond - 1);
  EXPECT_EQ(feed.at(60 * kSecond).untracked_packets, 1U);
  EXPECT_EQ(feed.at(60 * kSecond).sources.front().source, host(0));
}

TEST(StreamSenders, KeepsTheCountersOfASourceWhileOneOfItsIdsIsTracked) {
  StreamFeed feed;
  for (std::uint32_t id = 0; id < 256; ++id) feed.arrives(TestSender{.id = id}, 0, 0);
  for (std::uint32_t id = 256; id < 1000; ++id) {
    feed.arrives(TestSender{.id = id}, 0, static_cast<Nanoseconds>(id) * 61 * kSecond);
  }
  ASSERT_EQ(feed.at(0).sources.size(), 1U);
  EXPECT_EQ(feed.source().counters.packets, 1000U);
}

}  // namespace
}  // namespace mcast::test
