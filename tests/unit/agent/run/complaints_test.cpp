#include "agent/run/complaints.h"

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

class ComplaintsTest : public testing::Test {
 protected:
  void complain(const char* where, const char* reason, std::uint64_t times = 1) {
    complaints_.add(where, Error{.message = reason, .code = 0}, times);
  }
  // "igmp 3", of those that are not 0.
  [[nodiscard]] std::vector<std::string> counts() const {
    std::vector<std::string> result;
    for (const auto& [where, times] : complaints_.counts()) {
      if (times > 0) result.push_back(where + " " + std::to_string(times));
    }
    return result;
  }

  SetClock clock_;
  KeptLog log_;
  Complaints complaints_{log_, clock_};
};

TEST_F(ComplaintsTest, AreCountedWithZeroBeforeTheFirst) {
  std::vector<std::string> places;
  for (const auto& [where, times] : complaints_.counts()) {
    places.push_back(where);
    EXPECT_EQ(times, 0U);
  }
  EXPECT_THAT(places, ElementsAre("host", "igmp", "netlink", "packets"));
  EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(ComplaintsTest, AreLoggedAtOnceAndThenOnceAMinuteWithTheirNumber) {
  complain("igmp", "too short");
  EXPECT_THAT(log_.lines,
              ElementsAre("cannot be read or decoded where=igmp reason=too short times=1"));
  clock_.now += 10 * kSecond;
  complain("igmp", "too long", 3);
  clock_.now += 50 * kSecond - 1;
  complain("igmp", "too long");
  EXPECT_EQ(log_.lines.size(), 1U);
  clock_.now += 1;
  complain("igmp", "too wide");
  ASSERT_EQ(log_.lines.size(), 2U);
  EXPECT_EQ(log_.lines[1], "cannot be read or decoded where=igmp reason=too wide times=5");
  EXPECT_THAT(counts(), ElementsAre("igmp 6"));
}

TEST_F(ComplaintsTest, OfOnePlaceDoNotSilenceAnother) {
  complain("igmp", "a", 2);
  complain("packets", "b");
  EXPECT_THAT(log_.lines, ElementsAre("cannot be read or decoded where=igmp reason=a times=2",
                                      "cannot be read or decoded where=packets reason=b times=1"));
  EXPECT_THAT(counts(), ElementsAre("igmp 2", "packets 1"));
}

TEST_F(ComplaintsTest, AreAllCountedWithoutALine) {
  for (int i = 0; i < 1000; ++i) complain("netlink", "no");
  EXPECT_EQ(log_.lines.size(), 1U);
  EXPECT_THAT(counts(), ElementsAre("netlink 1000"));
}

}  // namespace
}  // namespace mcast::agent
