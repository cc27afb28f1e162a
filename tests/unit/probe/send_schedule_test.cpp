#include "probe/send_schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace mcast::test {
namespace {

constexpr Nanoseconds kStart = 1'000'000'000'007;
constexpr std::uint64_t kNoLimit = 1'000'000;

TEST(SendSchedule, BeginsAtItsStart) {
  const SendSchedule schedule(25, kStart);
  EXPECT_EQ(schedule.next(), kStart);
  EXPECT_EQ(schedule.due_count(kStart - 1, kNoLimit), 0U);
  EXPECT_EQ(schedule.due_count(kStart, kNoLimit), 1U);
}

TEST(SendSchedule, PutsSlotsOneIntervalApart) {
  SendSchedule schedule(25, kStart);
  for (Nanoseconds n = 0; n < 100; ++n) {
    EXPECT_EQ(schedule.next(), kStart + n * 40 * kMillisecond);
    EXPECT_EQ(schedule.due_after(3), kStart + (n + 3) * 40 * kMillisecond);
    schedule.advance(1);
  }
}

TEST(SendSchedule, DoesNotDriftOverABillionSlots) {
  for (const double rate : {3.0, 7.0, 25.0, 999.0, 1e6, 3e6, 20e6}) {
    SendSchedule schedule(rate, kStart);
    schedule.advance(1'000'000'000);
    const long double exact = 1e9L * 1e9L / static_cast<long double>(rate);
    const auto error =
        std::abs(static_cast<double>(static_cast<long double>(schedule.next() - kStart) - exact));
    EXPECT_LT(error, 100.0) << "ns at " << rate << " pps";
  }
}

TEST(SendSchedule, GivesTheSameSlotsInOneStepOrInMany) {
  SendSchedule one(999, kStart);
  SendSchedule many(999, kStart);
  for (int i = 0; i < 10'000; ++i) many.advance(1);
  one.advance(10'000);
  EXPECT_EQ(one.next(), many.next());
}

TEST(SendSchedule, CountsTheSlotsThatAreDueAndNoMore) {
  const SendSchedule schedule(1000, kStart);
  EXPECT_EQ(schedule.due_count(kStart + 3 * kMillisecond - 1, kNoLimit), 3U);
  EXPECT_EQ(schedule.due_count(kStart + 3 * kMillisecond, kNoLimit), 4U);
  EXPECT_EQ(schedule.due_count(kStart + 3 * kMillisecond, 2), 2U);
}

TEST(SendSchedule, CountsExactlyTheSlotsWhoseTimeHasComeAtAnyRate) {
  for (const double rate : {1.0, 3.0, 7.0, 999.0, 40'001.0, 3e6, 20e6}) {
    SendSchedule schedule(rate, kStart);
    schedule.advance(12'345);
    for (std::uint64_t n = 1; n < 300; ++n) {
      const Nanoseconds due = schedule.due_after(n);
      ASSERT_EQ(schedule.due_count(due - 1, kNoLimit), n) << rate << " pps, just before " << n;
      ASSERT_EQ(schedule.due_count(due, kNoLimit), n + 1) << rate << " pps, slot " << n;
    }
  }
}

TEST(SendSchedule, SendsTwentyMillionASecond) {
  const SendSchedule schedule(20e6, kStart);
  EXPECT_EQ(schedule.due_after(1), kStart + 50);
  EXPECT_EQ(schedule.due_count(kStart + kMillisecond - 1, kNoLimit), 20'000U);
}

TEST(SendSchedule, SkipsNothingWhileItIsOnlyALittleLate) {
  SendSchedule schedule(1000, kStart);
  EXPECT_EQ(schedule.skip_overdue(kStart), 0U);
  EXPECT_EQ(schedule.skip_overdue(kStart + SendSchedule::kCatchUp), 0U);
  EXPECT_EQ(schedule.next(), kStart);
}

TEST(SendSchedule, SkipsNothingWhileASlowStreamIsLessThanAnIntervalLate) {
  SendSchedule schedule(1, kStart);
  EXPECT_EQ(schedule.skip_overdue(kStart + kSecond), 0U);
  EXPECT_EQ(schedule.next(), kStart);
}

TEST(SendSchedule, GivesUpWhatIsOverdueAfterAPauseButTheNewestSlot) {
  SendSchedule schedule(1000, kStart);
  const Nanoseconds now = kStart + kSecond + 300 * kMicrosecond;
  EXPECT_EQ(schedule.skip_overdue(now), 1000U);
  EXPECT_EQ(schedule.next(), kStart + kSecond);
  EXPECT_EQ(schedule.due_count(now, kNoLimit), 1U);
  EXPECT_EQ(schedule.skip_overdue(now), 0U);
}

TEST(SendSchedule, KeepsItsPhaseThroughPauses) {
  SendSchedule schedule(25, kStart);
  Nanoseconds now = kStart;
  std::uint64_t skipped = 0;
  for (int pause = 1; pause < 200; ++pause) {
    now += pause * 77 * kMillisecond + 13;
    skipped += schedule.skip_overdue(now);
    EXPECT_LE(schedule.next(), now);
    EXPECT_GT(schedule.next(), now - 2 * 40 * kMillisecond);
    EXPECT_EQ((schedule.next() - kStart) % (40 * kMillisecond), 0);
    schedule.advance(schedule.due_count(now, kNoLimit));
    EXPECT_GT(schedule.next(), now);
  }
  EXPECT_GT(skipped, 0U);
}

TEST(SendSchedule, SurvivesTheLongestPauseAtTheHighestRate) {
  SendSchedule schedule(20e6, kStart);
  const Nanoseconds year = 365 * 86'400 * kSecond;
  EXPECT_NEAR(static_cast<double>(schedule.skip_overdue(kStart + year)),
              static_cast<double>(year) / 50, 10);
  EXPECT_LE(schedule.next(), kStart + year);
  EXPECT_GT(schedule.next(), kStart + year - kMicrosecond);
}

}  // namespace
}  // namespace mcast::test
