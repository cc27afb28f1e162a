#include "cli/streams/sparkline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::cli::test {
namespace {

using Seconds = std::vector<RateHistory::Second>;

std::string text_of(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

TEST(Sparkline, DrawsRatesRelativeToTheirPeakWithTheNewestOnTheRight) {
  const Seconds seconds{{0, 0}, {1, 0}, {25, 0}, {50, 0}, {75, 0}, {100, 0}};
  EXPECT_EQ(text_of(rate_sparkline(seconds, 6, true)), "·▁▂▄▆█");
  EXPECT_EQ(text_of(rate_sparkline(seconds, 8, true)), "  ·▁▂▄▆█");
  EXPECT_EQ(text_of(rate_sparkline(seconds, 2, true)), "▆█");
  EXPECT_EQ(text_of(rate_sparkline(seconds, 6, false)), ".1246#");
}

TEST(Sparkline, StandsStillWhenTheRateWandersByAPacket) {
  const Seconds seconds{{24, 0}, {26, 0}, {25, 0}, {24, 0}};
  EXPECT_EQ(text_of(rate_sparkline(seconds, 4, true)), "████");
}

TEST(Sparkline, DrawsLossOnAScaleOfItsOwnSoThatOnePacketIsNoOutage) {
  const Seconds seconds{{1000, 0}, {10'000, 1}, {999, 1}, {99, 1}, {9, 1}, {1, 1}, {0, 25}};
  EXPECT_EQ(text_of(loss_sparkline(seconds, 7, true)), "·▁▂▄▆██");
  EXPECT_EQ(text_of(loss_sparkline(seconds, 7, false)), ".1246##");
}

TEST(Sparkline, ColoursLossAlone) {
  const Line line = loss_sparkline(Seconds{{10, 0}, {10, 0}, {9, 1}, {8, 2}, {10, 0}}, 5, true);
  ASSERT_EQ(line.size(), 3U);
  EXPECT_EQ(line[0].style, Style::kFaint);
  EXPECT_EQ(line[1].style, Style::kBad);
  EXPECT_EQ(line[2].style, Style::kFaint);
}

TEST(Sparkline, HasItsWidthWithoutAnySecond) {
  EXPECT_EQ(text_of(rate_sparkline({}, 3, true)), "   ");
  EXPECT_EQ(text_of(loss_sparkline({}, 3, true)), "   ");
  EXPECT_EQ(text_of(rate_sparkline({}, 0, true)), "");
  EXPECT_EQ(text_of(loss_sparkline(Seconds{{1, 1}}, -1, true)), "");
}

TEST(Sparkline, KnowsItsPeaks) {
  const Seconds seconds{{30, 0}, {15, 5}, {0, 0}};
  EXPECT_EQ(peak_rate(seconds), 30);
  EXPECT_EQ(peak_loss_percent(seconds), 25);
  EXPECT_EQ(peak_rate({}), 0);
  EXPECT_EQ(peak_loss_percent({}), 0);
}

}  // namespace
}  // namespace mcast::cli::test
