#include "cli/streams/rate_history.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::cli::test {
namespace {

using Seconds = std::vector<RateHistory::Totals>;

std::string text_of(const Sparkline& sparkline) {
  std::string text;
  for (const Span& span : sparkline.bars) text += span.text;
  return text;
}

TEST(Sparkline, DrawsRatesRelativeToTheirPeakWithTheNewestOnTheRight) {
  const Seconds seconds{{0, 0, 0}, {1, 0, 0}, {25, 0, 0}, {50, 0, 0}, {75, 0, 0}, {100, 0, 0}};
  EXPECT_EQ(text_of(rate_sparkline(seconds, 6, true)), "·▁▂▄▆█");
  EXPECT_EQ(text_of(rate_sparkline(seconds, 8, true)), "  ·▁▂▄▆█");
  EXPECT_EQ(text_of(rate_sparkline(seconds, 2, true)), "▆█");
  EXPECT_EQ(text_of(rate_sparkline(seconds, 6, false)), ".1246#");
}

TEST(Sparkline, StandsStillWhenTheRateWandersByAPacket) {
  const Seconds seconds{{24, 0, 0}, {26, 0, 0}, {25, 0, 0}, {24, 0, 0}};
  EXPECT_EQ(text_of(rate_sparkline(seconds, 4, true)), "████");
}

TEST(Sparkline, DrawsLossOnAScaleOfItsOwnSoThatOnePacketIsNoOutage) {
  const Seconds seconds{{1000, 0, 0}, {10'000, 0, 1}, {999, 0, 1}, {99, 0, 1},
                        {9, 0, 1},    {1, 0, 1},      {0, 0, 25}};
  EXPECT_EQ(text_of(loss_sparkline(seconds, 7, true)), "·▁▂▄▆██");
  EXPECT_EQ(text_of(loss_sparkline(seconds, 7, false)), ".1246##");
}

TEST(Sparkline, ColoursLossAlone) {
  const Seconds seconds{{10, 0, 0}, {10, 0, 0}, {9, 0, 1}, {8, 0, 2}, {10, 0, 0}};
  const Line line = loss_sparkline(seconds, 5, true).bars;
  ASSERT_EQ(line.size(), 3U);
  EXPECT_EQ(line[0].style, Style::kFaint);
  EXPECT_EQ(line[1].style, Style::kBad);
  EXPECT_EQ(line[2].style, Style::kFaint);
}

TEST(Sparkline, HasItsWidthWithoutAnySecond) {
  EXPECT_EQ(text_of(rate_sparkline({}, 3, true)), "   ");
  EXPECT_EQ(text_of(loss_sparkline({}, 3, true)), "   ");
  EXPECT_EQ(text_of(rate_sparkline({}, 0, true)), "");
  EXPECT_EQ(text_of(loss_sparkline(Seconds{{1, 0, 1}}, -1, true)), "");
}

TEST(Sparkline, KnowsItsPeaks) {
  const Seconds seconds{{30, 0, 0}, {15, 0, 5}, {0, 0, 0}};
  EXPECT_EQ(rate_sparkline(seconds, 3, true).peak, 30);
  EXPECT_EQ(rate_sparkline(seconds, 2, true).peak, 15) << "of what is shown";
  EXPECT_EQ(loss_sparkline(seconds, 3, true).peak, 25);
  EXPECT_EQ(rate_sparkline({}, 3, true).peak, 0);
  EXPECT_EQ(loss_sparkline({}, 3, true).peak, 0);
}

}  // namespace
}  // namespace mcast::cli::test
