#include "cli/streams/rate_history.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace mcast::cli::test {
namespace {

using Seconds = std::vector<RateHistory::Totals>;
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(RateHistory, SaysNothingBeforeTwoSamples) {
  RateHistory history;
  EXPECT_EQ(history.over(kSecond).packets_per_second, 0);
  EXPECT_EQ(history.over(kSecond).bits_per_second, 0);
  EXPECT_EQ(history.over(kSecond).loss_percent, std::nullopt);
  EXPECT_EQ(history.seconds(10), Seconds{});
  history.add(5 * kSecond, {.packets = 100, .bytes = 2000, .lost = 3});
  EXPECT_EQ(history.over(kSecond).packets_per_second, 0);
  EXPECT_EQ(history.over(kSecond).bits_per_second, 0);
  EXPECT_EQ(history.over(kSecond).loss_percent, std::nullopt);
  EXPECT_EQ(history.seconds(10), Seconds{});
}

TEST(RateHistory, MeasuresFromTheFirstSampleWhereThatIsLessThanTheSpan) {
  RateHistory history;
  history.add(kSecond, {.packets = 1000, .bytes = 50'000, .lost = 7});
  history.add(3 * kSecond, {.packets = 1030, .bytes = 56'000, .lost = 17});
  EXPECT_DOUBLE_EQ(history.over(10 * kSecond).packets_per_second, 15);
  EXPECT_DOUBLE_EQ(history.over(10 * kSecond).bits_per_second, 24'000);
  EXPECT_DOUBLE_EQ(history.over(10 * kSecond).loss_percent.value(), 25);
}

TEST(RateHistory, ForgetsWhatLiesBeforeTheSpan) {
  RateHistory history;
  history.add(0, {});
  history.add(10 * kSecond, {.packets = 1000, .bytes = 10'000, .lost = 100});
  history.add(11 * kSecond, {.packets = 1002, .bytes = 10'020, .lost = 100});
  history.add(12 * kSecond, {.packets = 1004, .bytes = 10'040, .lost = 101});
  EXPECT_DOUBLE_EQ(history.over(2 * kSecond).packets_per_second, 2);
  EXPECT_DOUBLE_EQ(history.over(2 * kSecond).bits_per_second, 160);
  EXPECT_DOUBLE_EQ(history.over(2 * kSecond).loss_percent.value(), 20);
  EXPECT_DOUBLE_EQ(history.over(kSecond / 2).loss_percent.value(), 0)
      << "half of the packet, rounded up, lies before the span";
}

TEST(RateHistory, TakesTotalsToGrowEvenlyBetweenTwoSamples) {
  RateHistory history;
  history.add(0, {});
  history.add(4 * kSecond, {.packets = 100, .bytes = 400, .lost = 0});
  EXPECT_DOUBLE_EQ(history.over(kSecond).packets_per_second, 25);
  EXPECT_EQ(history.seconds(10), Seconds(4, {.packets = 25, .bytes = 100}));
}

TEST(RateHistory, LosesNoPacketBetweenSecondsWhateverTheTimesOfItsSamples) {
  RateHistory history;
  RateHistory::Totals totals;
  history.add(0, totals);
  // 230 ms apart: boundaries of seconds lie at other places every time.
  for (Nanoseconds i = 1; i <= 100; ++i) {
    totals.packets += 7;
    totals.lost += i % 3 == 0 ? 1U : 0U;
    history.add(i * (230 * kMillisecond), totals);
  }
  std::uint64_t packets = 0;
  std::uint64_t lost = 0;
  const Seconds seconds = history.seconds(RateHistory::kSeconds);
  ASSERT_EQ(seconds.size(), 23U);
  for (const auto& second : seconds) {
    packets += second.packets;
    lost += second.lost;
    EXPECT_NEAR(static_cast<double>(second.packets), 7 / 0.23, 1);
  }
  EXPECT_EQ(packets, 700U);
  EXPECT_EQ(lost, 33U);
}

TEST(RateHistory, ShowsTheLastWholeSecondsOldestFirst) {
  RateHistory history;
  history.add(0, {});
  history.add(kSecond, {.packets = 1, .lost = 0});
  history.add(2 * kSecond, {.packets = 3, .lost = 1});
  history.add(3 * kSecond, {.packets = 6, .lost = 1});
  history.add(3 * kSecond + 900 * kMillisecond, {.packets = 90, .lost = 50});
  EXPECT_EQ(history.seconds(10), (Seconds{{1}, {2, 0, 1}, {3}}));
  EXPECT_EQ(history.seconds(2), (Seconds{{2, 0, 1}, {3}}));
  EXPECT_EQ(history.seconds(0), Seconds{});
}

TEST(RateHistory, IsZeroWhileNothingGrows) {
  RateHistory history;
  for (Nanoseconds i = 0; i < 20; ++i)
    history.add(i * kSecond / 5, {.packets = 9, .bytes = 9, .lost = 9});
  EXPECT_EQ(history.over(kSecond).packets_per_second, 0);
  EXPECT_EQ(history.over(kSecond).bits_per_second, 0);
  EXPECT_EQ(history.over(kSecond).loss_percent, std::nullopt);
  EXPECT_EQ(history.seconds(9), Seconds(3));
}

TEST(RateHistory, IsAllLossWhenNothingArrives) {
  RateHistory history;
  history.add(0, {});
  history.add(kSecond, {.packets = 0, .bytes = 0, .lost = 25});
  EXPECT_DOUBLE_EQ(history.over(10 * kSecond).loss_percent.value(), 100);
}

TEST(RateHistory, CountsWhatComesTooLateAsLostAndADuplicateOnce) {
  RateHistory history;
  history.add(0, {});
  history.add(kSecond, {.packets = 1010, .bytes = 0, .lost = 100, .duplicates = 10, .late = 100});
  EXPECT_DOUBLE_EQ(history.over(10 * kSecond).loss_percent.value(), 10);
  EXPECT_DOUBLE_EQ(history.seconds(1).at(0).loss_percent().value(), 10);
}

TEST(RateHistory, SpreadsWhatCameWhileNobodyAsked) {
  RateHistory history;
  history.add(0, {});
  history.add(kSecond, {.packets = 10});
  history.add(11 * kSecond, {.packets = 1010});
  EXPECT_EQ(history.seconds(3), Seconds(3, {.packets = 100}));
}

TEST(RateHistory, BeginsAgainWhenTimeOrTotalsGoBack) {
  RateHistory history;
  history.add(100 * kSecond, {.packets = 1000});
  history.add(101 * kSecond, {.packets = 2000});
  history.add(50 * kSecond, {.packets = 2010});
  EXPECT_EQ(history.over(kSecond).packets_per_second, 0);
  history.add(51 * kSecond, {.packets = 2013});
  EXPECT_DOUBLE_EQ(history.over(kSecond).packets_per_second, 3);
  history.add(52 * kSecond, {.packets = 5});
  EXPECT_EQ(history.seconds(10), Seconds{});
  history.add(53 * kSecond, {.packets = 6});
  EXPECT_EQ(history.seconds(10), (Seconds{{1}}));
}

TEST(RateHistory, TakesTheLastOfTwoSamplesAtOneTime) {
  RateHistory history;
  history.add(0, {});
  history.add(kSecond, {.packets = 10});
  history.add(kSecond, {.packets = 20});
  EXPECT_DOUBLE_EQ(history.over(kSecond).packets_per_second, 20);
  RateHistory same;
  same.add(0, {});
  same.add(0, {.packets = 20});
  EXPECT_EQ(same.over(kSecond).packets_per_second, 0);
}

TEST(RateHistory, KeepsNoMoreThanItsSecondsHoweverOftenItIsFed) {
  RateHistory history;
  RateHistory::Totals totals;
  for (Nanoseconds i = 0; i < 20'000; ++i) {
    history.add(i * (20 * kMillisecond), totals);
    ++totals.packets;
  }
  const Seconds seconds = history.seconds(100'000);
  EXPECT_EQ(seconds.size(), RateHistory::kSeconds);
  for (const auto& second : seconds) EXPECT_EQ(second.packets, 50U);
  EXPECT_NEAR(history.over(5 * kSecond).packets_per_second, 50, 0.5);
}

TEST(RateHistory, StandsTheLargestTotals) {
  RateHistory history;
  history.add(0, {});
  history.add(3 * kSecond, {.packets = kMax, .bytes = kMax, .lost = kMax});
  EXPECT_GT(history.over(kSecond).packets_per_second, 6e18);
  EXPECT_GT(history.over(kSecond).bits_per_second, 4e19);
  EXPECT_DOUBLE_EQ(history.over(2 * kSecond).loss_percent.value(), 50);
  std::uint64_t sum = 0;
  for (const auto& second : history.seconds(3)) sum += second.packets;
  EXPECT_EQ(sum, kMax);
}

// 100 packets a second; silent from second `from` to second `to`, of which `cost` are counted lost
// a second after that; the estimate of what is overdue is `error` packets off.
RateHistory with_outage(Nanoseconds from, Nanoseconds to, std::uint64_t cost, std::uint64_t error,
                        Nanoseconds until) {
  RateHistory history;
  RateHistory::Totals totals;
  for (Nanoseconds tenth = 0; tenth <= until * 10; ++tenth) {
    const bool silent = tenth > from * 10 && tenth <= to * 10;
    if (tenth > 0 && !silent) totals.packets += 10;
    totals.overdue = silent ? static_cast<std::uint64_t>(tenth - from * 10) * (10 + error) : 0;
    if (tenth == to * 10 + 10) totals.lost = cost;
    history.add(tenth * (kSecond / 10), totals);
  }
  return history;
}

std::vector<std::uint64_t> lost_in(const Seconds& seconds) {
  std::vector<std::uint64_t> lost;
  for (const auto& second : seconds) lost.push_back(second.lost);
  return lost;
}
using Lost = std::vector<std::uint64_t>;

TEST(RateHistory, ShowsAnOutageFromItsFirstSecondOn) {
  const RateHistory history = with_outage(3, 9, 0, 0, 6);
  EXPECT_EQ(lost_in(history.seconds(6)), (Lost{0, 0, 0, 100, 100, 100}));
  EXPECT_DOUBLE_EQ(history.over(2 * kSecond).loss_percent.value(), 100);
}

TEST(RateHistory, HasAnOutageWhereItWasWhenItIsCounted) {
  EXPECT_EQ(lost_in(with_outage(3, 6, 300, 0, 10).seconds(10)),
            (Lost{0, 0, 0, 100, 100, 100, 0, 0, 0, 0}));
}

TEST(RateHistory, PutsRightWhatWasEstimatedOfAnOutage) {
  // Until it is counted, the estimate stands; nothing of it is shown a second time.
  EXPECT_EQ(lost_in(with_outage(3, 6, 300, 2, 6).seconds(6)), (Lost{0, 0, 0, 120, 120, 120}));
  EXPECT_EQ(lost_in(with_outage(3, 6, 270, 0, 10).seconds(10)),
            (Lost{0, 0, 0, 90, 90, 90, 0, 0, 0, 0}));
  EXPECT_EQ(lost_in(with_outage(3, 6, 330, 0, 10).seconds(10)),
            (Lost{0, 0, 0, 110, 110, 110, 0, 0, 0, 0}));
  // All of it came after all, or the sender had paused.
  EXPECT_EQ(lost_in(with_outage(3, 6, 0, 0, 10).seconds(10)), Lost(10, 0));
}

TEST(RateHistory, TakesOverdueForLossFromTheFirstSampleOn) {
  RateHistory history;
  history.add(0, {.packets = 100, .overdue = 50});
  history.add(kSecond, {.packets = 100, .overdue = 150});
  EXPECT_EQ(lost_in(history.seconds(1)), Lost{100});
  history.add(2 * kSecond, {.packets = 200, .overdue = 0});
  history.add(3 * kSecond, {.packets = 300, .lost = 150});
  EXPECT_EQ(history.seconds(3).at(2).lost, 0U);
}

}  // namespace
}  // namespace mcast::cli::test
