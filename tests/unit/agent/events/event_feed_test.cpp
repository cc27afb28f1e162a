// What the log and the listeners hear of what happens again and again.
#include "agent/events/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::agent {
namespace {

using testing::ElementsAre;

class SetClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now; }
  [[nodiscard]] Nanoseconds realtime() const override { return now; }

  Nanoseconds now = 60 * kSecond;
};

// "msg key=value", with the last field only.
class KeptLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view message, Fields fields) override {
    std::string line(message);
    if (fields.size() > 0) {
      const LogField& last = *(fields.end() - 1);
      line += " " + std::string(last.key) + "=" + last.value;
    }
    lines.push_back(line);
  }

  std::vector<std::string> lines;
};

class EventFeedTest : public testing::Test {
 protected:
  [[nodiscard]] std::size_t published() const { return hub_.take(0, 1000).events.size(); }

  EventHub hub_;
  SetClock clock_;
  KeptLog log_;
  EventFeed feed_{hub_, log_, clock_};
};

// Anybody may POST /-/reload over TCP, as often as he likes.
TEST_F(EventFeedTest, ReloadsThatAreNoNewsFillNeitherTheLogNorTheEvents) {
  for (int i = 0; i < 100; ++i) feed_.on_reload({.unchanged = 3}, {"a warning"}, false);
  EXPECT_EQ(log_.lines.size(), 2 * EventFeed::kLines);
  EXPECT_EQ(published(), EventFeed::kLines);
  log_.lines.clear();
  clock_.now += 10 * kSecond;
  feed_.on_reload({.unchanged = 3}, {}, false);
  EXPECT_THAT(log_.lines, ElementsAre("reloads were not logged events=95", "reloaded unchanged=3"));
}

TEST_F(EventFeedTest, AReloadThatIsNewsIsAlwaysTold) {
  for (int i = 0; i < 100; ++i) feed_.on_reload({.unchanged = 3}, {}, false);
  log_.lines.clear();
  const std::size_t before = published();
  feed_.on_reload({.added = 1}, {}, false);
  feed_.on_reload({.unchanged = 4}, {}, true);
  EXPECT_THAT(log_.lines, ElementsAre("reloaded unchanged=0", "reloaded unchanged=4"));
  EXPECT_EQ(published(), before + 2);
}

TEST_F(EventFeedTest, FailedReloadsAreLimitedToo) {
  for (int i = 0; i < 100; ++i) feed_.on_failed_reload({"error " + std::to_string(i)});
  EXPECT_EQ(log_.lines.size(), EventFeed::kLines);
  EXPECT_EQ(published(), EventFeed::kLines);
}

TEST_F(EventFeedTest, AStreamThatFlapsFillsNoDisk) {
  ReceiverSpec spec;
  spec.name = "video";
  StreamEvent stall;
  stall.type = StreamEventType::kStall;
  stall.time = clock_.now;
  for (int i = 0; i < 100; ++i) feed_.on_stream_event(stall, spec);
  EXPECT_EQ(log_.lines.size(), EventFeed::kLines);
  EXPECT_EQ(published(), 100U);
  StreamEvent later = stall;
  later.time += 10 * kSecond;
  log_.lines.clear();
  feed_.on_stream_event(later, spec);
  EXPECT_EQ(log_.lines.front(), "similar events were not logged events=95");
  EXPECT_EQ(log_.lines.size(), 2U);
}

TEST_F(EventFeedTest, JoinsAndLeavesArePublishedButNotAllLogged) {
  const netlink::MembershipEvent join{true, 2, IpAddress::v4(0xEF010101)};
  for (int i = 0; i < 100; ++i) feed_.on_membership(join, "eth1");
  EXPECT_EQ(log_.lines.size(), EventFeed::kLinesOfMemberships);
  EXPECT_EQ(published(), 100U);
}

}  // namespace
}  // namespace mcast::agent
