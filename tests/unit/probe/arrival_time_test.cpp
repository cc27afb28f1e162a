#include "probe/arrival_time.h"

#include <gtest/gtest.h>

namespace mcast::test {
namespace {

constexpr Nanoseconds kOffset = 1'700'000'000 * kSecond;

// Stands still.
class StoppedClock final : public Clock {
 public:
  explicit StoppedClock(Nanoseconds monotonic) : monotonic_(monotonic) {}
  [[nodiscard]] Nanoseconds monotonic() const override { return monotonic_; }
  [[nodiscard]] Nanoseconds realtime() const override { return monotonic_ + kOffset; }

 private:
  Nanoseconds monotonic_;
};

TEST(ArrivalTime, IsTheKernelsStamp) {
  const StoppedClock clock(20 * kSecond);
  EXPECT_EQ(arrival_time(9 * kSecond + kOffset, kOffset, 10 * kSecond, clock), 9 * kSecond);
}

TEST(ArrivalTime, IsTheStampAlsoWhereTheThreadWasHeldUpBetweenLookingAtTheClockAndReading) {
  const StoppedClock clock(10 * kSecond + 5 * kMillisecond);
  for (const Nanoseconds came : {kMicrosecond, kMillisecond, 5 * kMillisecond}) {
    EXPECT_EQ(arrival_time(10 * kSecond + came + kOffset, kOffset, 10 * kSecond, clock),
              10 * kSecond + came);
  }
}

TEST(ArrivalTime, BearsTheNoiseOfTheOffset) {
  const StoppedClock clock(10 * kSecond);
  EXPECT_EQ(arrival_time(10 * kSecond + kClockStep + kOffset, kOffset, 10 * kSecond, clock),
            10 * kSecond + kClockStep);
}

TEST(ArrivalTime, IsThePresentWhereAClockWasSetMeanwhile) {
  const StoppedClock clock(10 * kSecond + kMillisecond);
  EXPECT_EQ(arrival_time(3600 * kSecond + kOffset, kOffset, 10 * kSecond, clock),
            10 * kSecond + kMillisecond);
}

TEST(ArrivalTime, IsTheTimeOfReadingWhereTheKernelMadeNoStamp) {
  const StoppedClock clock(20 * kSecond);
  EXPECT_EQ(arrival_time(0, kOffset, 10 * kSecond, clock), 10 * kSecond);
}

}  // namespace
}  // namespace mcast::test
