#include "cli/terminal/number_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace mcast::cli::test {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(NumberText, SeparatesThousandsAndShortensWhatIsTooWide) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(12'345'678), "12,345,678");
  EXPECT_EQ(count_text(999'999'999'999), "999,999,999,999");
  EXPECT_EQ(count_text(1'000'000'000'000), "1.00 T");
  EXPECT_EQ(count_text(kMax), "18.4 E");
  EXPECT_EQ(count_text(1'234'567, 9), "1,234,567");
  EXPECT_EQ(count_text(12'345'678, 9), "12.3 M");
  EXPECT_EQ(bytes_text(2'469'000), "2,469,000");
  EXPECT_EQ(bytes_text(1'234'000'000'000), "1.23 TB");
}

TEST(NumberText, GivesRatesThreeDigits) {
  EXPECT_EQ(rate_text(0, "pps"), "0.00 pps");
  EXPECT_EQ(rate_text(0.5, "pps"), "0.50 pps");
  EXPECT_EQ(rate_text(9.994, "pps"), "9.99 pps");
  EXPECT_EQ(rate_text(9.996, "pps"), "10.0 pps");
  EXPECT_EQ(rate_text(25, "pps"), "25.0 pps");
  EXPECT_EQ(rate_text(99.96, "pps"), "100 pps");
  EXPECT_EQ(rate_text(999.4, "pps"), "999 pps");
  EXPECT_EQ(rate_text(999.5, "pps"), "1.00 kpps");
  EXPECT_EQ(rate_text(40'000, "bps"), "40.0 kbps");
  EXPECT_EQ(rate_text(12.7e6, "pps"), "12.7 Mpps");
  EXPECT_EQ(rate_text(999.6e6, "bps"), "1.00 Gbps");
  EXPECT_EQ(rate_text(1e30, "bps"), "999 Ebps");
  EXPECT_EQ(rate_text(-1, "pps"), "0.00 pps");
  EXPECT_EQ(rate_text(std::numeric_limits<double>::quiet_NaN(), "pps"), "0.00 pps");
}

TEST(NumberText, SaysNothingAndAllLostOnlyWhenItIsSo) {
  EXPECT_EQ(percent_text(0), "0.00 %");
  EXPECT_EQ(percent_text(0.0001), "0.01 %");
  EXPECT_EQ(percent_text(0.126), "0.13 %");
  EXPECT_EQ(percent_text(99.999), "99.99 %");
  EXPECT_EQ(percent_text(100), "100.00 %");
  const auto loss = [](std::uint64_t lost, std::uint64_t packets, std::uint64_t late = 0) {
    ReceptionCounters counters;
    counters.packets = packets;
    counters.lost = lost;
    counters.late = late;
    return loss_text(counters);
  };
  EXPECT_EQ(loss(0, 0), "-");
  EXPECT_EQ(loss(0, 5), "0.00 %");
  EXPECT_EQ(loss(5, 0), "100.00 %");
  EXPECT_EQ(loss(5, 5, 5), "100.00 %") << "nothing came in time";
  EXPECT_EQ(loss(1, 3), "25.00 %");
  EXPECT_EQ(loss(1, kMax - 1), "0.01 %");
  EXPECT_EQ(loss(kMax - 1, 1), "99.99 %");
  EXPECT_EQ(loss(kMax / 2, kMax / 2), "50.00 %");
}

TEST(NumberText, ChoosesTheUnitOfADuration) {
  EXPECT_EQ(duration_text(-5), "0 s");
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(850), "850 ns");
  EXPECT_EQ(duration_text(12'340), "12.3 us");
  EXPECT_EQ(duration_text(999'600), "1.00 ms");
  EXPECT_EQ(duration_text(40 * kMillisecond), "40.0 ms");
  EXPECT_EQ(duration_text(1'240 * kMillisecond), "1.24 s");
  EXPECT_EQ(duration_text(999 * kSecond), "999 s");
  EXPECT_EQ(duration_text(1234 * kSecond), "00:20:34");
  EXPECT_EQ(duration_text(std::numeric_limits<Nanoseconds>::max()), "106751d 23:47:16");
}

TEST(NumberText, CutsARunningTimeToWhatHasPassed) {
  EXPECT_EQ(running_text(-kSecond), "0.0 s");
  EXPECT_EQ(running_text(1'699 * kMillisecond), "1.6 s");
  EXPECT_EQ(running_text(99'999 * kMillisecond), "99.9 s");
  EXPECT_EQ(running_text(100 * kSecond), "00:01:40");
  EXPECT_EQ(clock_text(83 * kSecond + 999 * kMillisecond), "00:01:23");
  EXPECT_EQ(clock_text(86'399 * kSecond), "23:59:59");
  EXPECT_EQ(clock_text(176'400 * kSecond), "2d 01:00:00");
  EXPECT_EQ(clock_text(-kSecond), "00:00:00");
}

TEST(NumberText, AddsTheDateToATimeOfAnotherDay) {
  const Nanoseconds now = 1'773'500'966 * kSecond;  // 2026-03-14 15:09:26
  EXPECT_EQ(time_text(now - 21 * kSecond, now), "15:09:05");
  EXPECT_EQ(time_text(now - 86'400 * kSecond, now), "03-13 15:09:26");
  EXPECT_EQ(time_text(now - 31'536'000 * kSecond, now), "03-14 15:09:26");
}

}  // namespace
}  // namespace mcast::cli::test
