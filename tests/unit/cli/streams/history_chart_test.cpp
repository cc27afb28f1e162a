#include "cli/streams/history_chart.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::cli::test {
namespace {

using Seconds = std::vector<RateHistory::Totals>;

std::string text_of(const Chart& chart) {
  std::string text;
  for (const Line& line : chart.lines) {
    if (!text.empty()) text += '\n';
    for (const Span& span : line) text += span.text;
  }
  return text;
}

TEST(HistoryChart, DrawsRatesRelativeToTheirPeakWithTheNewestOnTheRight) {
  const Seconds seconds{{0, 0, 0}, {1, 0, 0}, {25, 0, 0}, {50, 0, 0}, {75, 0, 0}, {100, 0, 0}};
  EXPECT_EQ(text_of(rate_chart(seconds, {6, 1, true})), "·▁▂▄▆█");
  EXPECT_EQ(text_of(rate_chart(seconds, {8, 1, true})), "  ·▁▂▄▆█");
  EXPECT_EQ(text_of(rate_chart(seconds, {2, 1, true})), "▆█");
  EXPECT_EQ(text_of(rate_chart(seconds, {6, 1, false})), ".1246#");
}

TEST(HistoryChart, StandsStillWhenTheRateWandersByAPacket) {
  const Seconds seconds{{24, 0, 0}, {26, 0, 0}, {25, 0, 0}, {24, 0, 0}};
  EXPECT_EQ(text_of(rate_chart(seconds, {4, 1, true})), "████");
}

TEST(HistoryChart, DrawsLossOnAScaleOfItsOwnSoThatOnePacketIsNoOutage) {
  const Seconds seconds{{1000, 0, 0}, {10'000, 0, 1}, {999, 0, 1}, {99, 0, 1},
                        {9, 0, 1},    {1, 0, 1},      {0, 0, 25}};
  EXPECT_EQ(text_of(loss_chart(seconds, {7, 1, true})), "·▁▂▄▆██");
  EXPECT_EQ(text_of(loss_chart(seconds, {7, 1, false})), ".1246##");
}

TEST(HistoryChart, ColoursLossAlone) {
  const Seconds seconds{{10, 0, 0}, {10, 0, 0}, {9, 0, 1}, {8, 0, 2}, {10, 0, 0}};
  const Line line = loss_chart(seconds, {5, 1, true}).lines.front();
  ASSERT_EQ(line.size(), 3U);
  EXPECT_EQ(line[0].style, Style::kFaint);
  EXPECT_EQ(line[1].style, Style::kBad);
  EXPECT_EQ(line[2].style, Style::kFaint);
}

TEST(HistoryChart, HasItsWidthWithoutAnySecond) {
  EXPECT_EQ(text_of(rate_chart({}, {3, 1, true})), "   ");
  EXPECT_EQ(text_of(loss_chart({}, {3, 1, true})), "   ");
  EXPECT_EQ(text_of(rate_chart({}, {0, 1, true})), "");
  EXPECT_EQ(text_of(loss_chart(Seconds{{1, 0, 1}}, {-1, 1, true})), "");
}

TEST(HistoryChart, KnowsItsPeaks) {
  const Seconds seconds{{30, 0, 0}, {15, 0, 5}, {0, 0, 0}};
  EXPECT_EQ(rate_chart(seconds, {3, 1, true}).peak, 30);
  EXPECT_EQ(rate_chart(seconds, {2, 1, true}).peak, 15) << "of what is shown";
  EXPECT_EQ(loss_chart(seconds, {3, 1, true}).peak, 25);
  EXPECT_EQ(rate_chart({}, {3, 1, true}).peak, 0);
  EXPECT_EQ(loss_chart({}, {3, 1, true}).peak, 0);
}

TEST(HistoryChart, GrowsByWholeLinesWhereThereIsHeight) {
  const Seconds seconds{{0, 0, 0}, {1, 0, 0}, {25, 0, 0}, {50, 0, 0}, {75, 0, 0}, {100, 0, 0}};
  EXPECT_EQ(text_of(rate_chart(seconds, {6, 2, true})), "   ▁▅█\n·▁▄███");
  EXPECT_EQ(text_of(rate_chart(seconds, {6, 2, false})), "   15#\n.14###");
  const Seconds lossy{{1000, 0, 0}, {10'000, 0, 1}, {9, 0, 1}, {0, 0, 25}};
  EXPECT_EQ(text_of(loss_chart(lossy, {4, 3, true})), "   █\n  ██\n·▁██");
}

}  // namespace
}  // namespace mcast::cli::test
