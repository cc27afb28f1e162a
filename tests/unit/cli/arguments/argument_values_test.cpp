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
  EXPECT_EQ(parsed("1h").value(), 3600 * kSecond);
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
            "--for: '99ms' is not a time from 100ms to 1h, for example 3, 1.5s or 500ms");
  for (const char* text :
       {"", "s", "ms", "3d", "3 s", " 3s", "3s ", "-3s", "+3", "3S", "1e1s", "3ss", "1.2.3", ".",
        "nan", "inf", "0x10", "3\n", "99999999999999999999999999999999"}) {
    EXPECT_FALSE(parsed(text)) << text;
  }
  EXPECT_EQ(parsed("3\x1b[0m").error().message,
            "--for: '3?[0m' is not a time from 100ms to 1h, for example 3, 1.5s or 500ms");
}

TEST(RunTime, IsATimeOrZeroForNoEnd) {
  EXPECT_EQ(run_time("-t", "0").value(), 0);
  EXPECT_EQ(run_time("-t", "0s").value(), 0);
  EXPECT_EQ(run_time("-t", "10").value(), 10 * kSecond);
  EXPECT_EQ(run_time("-t", "1.5").value(), 1500 * kMillisecond);
  EXPECT_EQ(run_time("-t", "2m").value(), 120 * kSecond);
  for (const char* text : {"0.0001", "-1", "", "x", "1e3", "87601h"}) {
    EXPECT_FALSE(run_time("-t", text)) << text;
  }
}

std::string listed_groups(const char* text) {
  const auto list = groups("GROUP", text);
  if (!list) return list.error().message;
  std::string result;
  for (const GroupAndPort& each : *list) {
    result += each.group.to_string() + (each.port ? ":" + std::to_string(*each.port) : "") + " ";
  }
  return result;
}

TEST(Groups, AreOneOrSeveralEachWithItsPort) {
  EXPECT_EQ(listed_groups("239.1.1.1"), "239.1.1.1 ");
  EXPECT_EQ(listed_groups("239.1.1.1:5004"), "239.1.1.1:5004 ");
  EXPECT_EQ(listed_groups("239.1.1.1,239.5.5.5:5004,239.1.1.1:5004"),
            "239.1.1.1 239.5.5.5:5004 239.1.1.1:5004 ");
}

TEST(Groups, ThatAreWrongAreNamed) {
  EXPECT_EQ(listed_groups("239.1.1.1,239.1.1.1"), "GROUP: 239.1.1.1 is given twice");
  EXPECT_EQ(listed_groups("239.10.0.1-8"),
            "GROUP: '239.10.0.1-8' is a range; did you mean 239.10.0.1 --groups 8?");
  EXPECT_EQ(listed_groups("232.1.1.1/24"),
            "GROUP: '232.1.1.1/24' is a range; did you mean 232.1.1.0 --groups 256?");
  EXPECT_TRUE(listed_groups("239.1.1.1:0").starts_with("GROUP: port: '0' is not a whole number"));
  EXPECT_EQ(listed_groups("ff1e::1,[ff1e::1]:5004"), "ff1e::1 ff1e::1:5004 ");
  for (const char* text : {"", ",", "239.1.1.1,", ",239.1.1.1", "239.1.1.1, 239.1.1.2",
                           "239.1.1.1:", "239.1.1.1:5004:1", ":5004"}) {
    EXPECT_FALSE(groups("GROUP", text)) << text;
  }
  std::string many = "239.1.0.0";
  for (int i = 1; i <= 1'000; ++i) {
    many += ",239.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
  }
  EXPECT_EQ(listed_groups(many.c_str()), "GROUP: more than 1000 groups");
}

}  // namespace
}  // namespace mcast::cli
