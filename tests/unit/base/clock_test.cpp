#include "base/clock.h"

#include <gtest/gtest.h>

namespace mcast::test {
namespace {

TEST(Clock, MonotonicNeverGoesBack) {
  const SystemClock clock;
  Nanoseconds last = clock.monotonic();
  EXPECT_GT(last, 0);
  for (int i = 0; i < 1000; ++i) {
    const Nanoseconds now = clock.monotonic();
    EXPECT_GE(now, last);
    last = now;
  }
}

TEST(Clock, RealtimeCountsNanosecondsSince1970) {
  // 2020 to 2100: a mistake in the unit lies far outside.
  EXPECT_GT(SystemClock().realtime(), 1'577'836'800 * kSecond);
  EXPECT_LT(SystemClock().realtime(), 4'102'444'800 * kSecond);
}

TEST(Clock, TurnsNanosecondsIntoSeconds) {
  EXPECT_DOUBLE_EQ(to_seconds(1'500 * kMillisecond), 1.5);
  EXPECT_DOUBLE_EQ(to_seconds(-kSecond), -1);
}

}  // namespace
}  // namespace mcast::test
