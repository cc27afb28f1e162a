#include "agent/run/decode_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mcast::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SetClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now; }
  [[nodiscard]] Nanoseconds realtime() const override { return now; }

  Nanoseconds now = 5 * kSecond;
};

// "msg key=value key=value"
class KeptLog final : public Log {
 public:
  void write(LogLevel level, std::string_view message, Fields fields) override {
    EXPECT_EQ(level, LogLevel::kWarning);
    std::string line(message);
    for (const LogField& field : fields) line += " " + std::string(field.key) + "=" + field.value;
    lines.push_back(line);
  }

  std::vector<std::string> lines;
};

class DecodeErrorsTest : public testing::Test {
 protected:
  void add(const char* where, const char* reason, std::uint64_t times = 1) {
    decode_errors_.add(where, Error{.message = reason, .code = 0}, times);
  }
  // "igmp 3", of those that are not 0.
  [[nodiscard]] std::vector<std::string> counts() const {
    std::vector<std::string> result;
    for (const auto& [where, times] : decode_errors_.counts()) {
      if (times > 0) result.push_back(where + " " + std::to_string(times));
    }
    return result;
  }

  SetClock clock_;
  KeptLog log_;
  DecodeErrors decode_errors_{log_, clock_};
};

TEST_F(DecodeErrorsTest, AreCountedWithZeroBeforeTheFirst) {
  std::vector<std::string> places;
  for (const auto& [where, times] : decode_errors_.counts()) {
    places.push_back(where);
    EXPECT_EQ(times, 0U);
  }
  EXPECT_THAT(places, ElementsAre("host", "igmp", "mld", "netlink", "packets"));
  EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(DecodeErrorsTest, AreLoggedAtOnceAndThenOnceAMinuteWithTheirNumber) {
  add("igmp", "too short");
  EXPECT_THAT(log_.lines,
              ElementsAre("cannot be read or decoded where=igmp reason=too short times=1"));
  clock_.now += 10 * kSecond;
  add("igmp", "too long", 3);
  clock_.now += 50 * kSecond - 1;
  add("igmp", "too long");
  EXPECT_EQ(log_.lines.size(), 1U);
  clock_.now += 1;
  add("igmp", "too wide");
  ASSERT_EQ(log_.lines.size(), 2U);
  EXPECT_EQ(log_.lines[1], "cannot be read or decoded where=igmp reason=too wide times=5");
  EXPECT_THAT(counts(), ElementsAre("igmp 6"));
}

TEST_F(DecodeErrorsTest, OfOnePlaceDoNotSilenceAnother) {
  add("igmp", "a", 2);
  add("packets", "b");
  EXPECT_THAT(log_.lines, ElementsAre("cannot be read or decoded where=igmp reason=a times=2",
                                      "cannot be read or decoded where=packets reason=b times=1"));
  EXPECT_THAT(counts(), ElementsAre("igmp 2", "packets 1"));
}

TEST_F(DecodeErrorsTest, AreAllCountedWithoutALine) {
  for (int i = 0; i < 1000; ++i) add("netlink", "no");
  EXPECT_EQ(log_.lines.size(), 1U);
  EXPECT_THAT(counts(), ElementsAre("netlink 1000"));
}

}  // namespace
}  // namespace mcast::agent
