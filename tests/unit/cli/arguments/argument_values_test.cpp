#include "cli/arguments/argument_values.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::cli {
namespace {

Result<Nanoseconds> parsed(const char* text) {
  return duration("--for", text, 100 * kMillisecond, 3600 * kSecond);
}

TEST(Duration, IsOfSecondsUnlessAUnitStandsBehindIt) {
  EXPECT_EQ(parsed("3").value(), 3 * kSecond);
  EXPECT_EQ(parsed("3s").value(), 3 * kSecond);
  EXPECT_EQ(parsed("500ms").value(), 500 * kMillisecond);
  EXPECT_EQ(parsed("2m").value(), 120 * kSecond);
  EXPECT_EQ(parsed("1.5").value(), 1500 * kMillisecond);
  EXPECT_EQ(parsed(".5s").value(), 500 * kMillisecond);
  EXPECT_EQ(parsed("0.25m").value(), 15 * kSecond);
}

TEST(Duration, MayBeItsLimits) {
  EXPECT_EQ(parsed("100ms").value(), 100 * kMillisecond);
  EXPECT_EQ(parsed("60m").value(), 3600 * kSecond);
  for (const char* text : {"99ms", "0", "3601", "60.1m", "3600001ms"}) {
    EXPECT_FALSE(parsed(text)) << text;
  }
}

TEST(Duration, IsRefusedWithWhatIsAllowed) {
  EXPECT_EQ(parsed("99ms").error().message,
            "--for: '99ms' is not a time from 0.1s to 3600s, for example 3s or 500ms");
  for (const char* text :
       {"", "s", "ms", "3h", "3 s", " 3s", "3s ", "-3s", "+3", "3S", "1e1s", "3ss", "1.2.3", ".",
        "nan", "inf", "0x10", "3\n", "99999999999999999999999999999999"}) {
    EXPECT_FALSE(parsed(text)) << text;
  }
  EXPECT_EQ(parsed("3\x1b[0m").error().message,
            "--for: '3?[0m' is not a time from 0.1s to 3600s, for example 3s or 500ms");
}

}  // namespace
}  // namespace mcast::cli
