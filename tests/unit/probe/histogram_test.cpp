#include "probe/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace mcast::test {
namespace {

constexpr std::array<double, 3> kBounds{1, 10, 100};
using SmallHistogram = Histogram<kBounds>;
using Counts = std::array<std::uint64_t, 4>;

TEST(Histogram, PutsAValueThatEqualsABoundIntoThatBucket) {
  SmallHistogram histogram;
  for (const double value : {1.0, 10.0, 100.0}) histogram.observe(value);
  EXPECT_EQ(histogram.counts(), (Counts{1, 1, 1, 0}));
}

TEST(Histogram, PutsAValueJustAboveABoundIntoTheNextBucket) {
  SmallHistogram histogram;
  for (const double value : {1.0000001, 10.0000001, 100.0000001}) histogram.observe(value);
  EXPECT_EQ(histogram.counts(), (Counts{0, 1, 1, 1}));
}

TEST(Histogram, TakesZeroAndNegativeValuesIntoTheFirstBucket) {
  SmallHistogram histogram;
  histogram.observe(0);
  histogram.observe(-5);
  EXPECT_EQ(histogram.counts(), (Counts{2, 0, 0, 0}));
  EXPECT_EQ(histogram.sum(), -5.0);
}

TEST(Histogram, CountsAndSumsEveryObservation) {
  SmallHistogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.observe(i);
  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_EQ(histogram.sum(), 500500.0);
  EXPECT_EQ(histogram.counts(), (Counts{1, 9, 90, 900}));
}

TEST(Histogram, AddsAnotherOneBucketByBucket) {
  SmallHistogram one;
  SmallHistogram other;
  one.observe(1);
  other.observe(5);
  other.observe(1000);
  one.add(other);
  EXPECT_EQ(one.counts(), (Counts{1, 1, 0, 1}));
  EXPECT_EQ(one.count(), 3U);
  EXPECT_EQ(one.sum(), 1006.0);
  EXPECT_EQ(other.count(), 2U);
}

template <typename H>
void expect_sound_bounds() {
  EXPECT_TRUE(std::ranges::is_sorted(H::bounds()));
  EXPECT_EQ(std::ranges::adjacent_find(H::bounds()), H::bounds().end());
  EXPECT_GT(H::bounds().front(), 0.0);
  EXPECT_EQ(H::kBuckets, H::bounds().size() + 1);
}

TEST(Histogram, HasStrictlyAscendingBoundsWhereverThePromisedNamesUseIt) {
  expect_sound_bounds<LossBurstHistogram>();
  expect_sound_bounds<InterruptionHistogram>();
  expect_sound_bounds<ScheduleLagHistogram>();
}

}  // namespace
}  // namespace mcast::test
