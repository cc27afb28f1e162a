// Joins, leaves and changes out of two reports and the kernel's notifications between.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/json_values.h"
#include "cli/status/status_report.h"
#include "tests/unit/cli/status/status_fixture.h"

namespace mcast::cli::test {
namespace {

constexpr Nanoseconds kEventTime = 1'000;
constexpr Nanoseconds kReadTime = 2'000;

class MembershipWatchTest : public testing::Test {
 protected:
  static TimedEvent event(bool joined, int ifindex, const char* group) {
    return {.realtime = kEventTime,
            .event = {.joined = joined, .ifindex = ifindex, .group = address(group)}};
  }
  void join(int ifindex, const char* group, std::uint32_t users = 1) {
    now_.memberships.push_back({.ifindex = ifindex, .group = address(group), .users = users});
  }
  void leave(int ifindex, const char* group) {
    std::erase_if(now_.memberships, [&](const netlink::Membership& entry) {
      return entry.ifindex == ifindex && entry.group == address(group);
    });
  }
  // "join eth1 239.1.1.1 @1000", each.
  std::vector<std::string> update(const std::vector<TimedEvent>& events = {}) {
    std::vector<std::string> told;
    MembershipReport now = membership_report(now_, streams_);
    changes_ = membership_changes(last_, now, events, selection_, kReadTime);
    last_ = std::move(now);
    told.reserve(changes_.size());
    for (const MembershipChange& change : changes_) {
      told.push_back(std::string(to_string(change.kind)) + " " + change.interface + " " +
                     change.membership.group.to_string() + " @" + std::to_string(change.realtime));
    }
    return told;
  }
  using Told = std::vector<std::string>;

  netlink::HostSnapshot now_ = host();
  RunningStreams streams_ = streams();
  MembershipSelection selection_;
  MembershipReport last_ = report();
  std::vector<MembershipChange> changes_;
};

TEST_F(MembershipWatchTest, TellsNothingWhereNothingChanged) {
  EXPECT_EQ(update(), Told{});
  EXPECT_EQ(update(), Told{});
}

TEST_F(MembershipWatchTest, TellsAJoinOnceWithItsStream) {
  join(2, "239.1.1.1", 3);
  streams_.streams.push_back(running("new", 2, "239.1.1.1"));
  EXPECT_EQ(update({event(true, 2, "239.1.1.1")}), Told{"join eth1 239.1.1.1 @1000"});
  EXPECT_EQ(changes_[0].membership.users, 3U);
  EXPECT_EQ(changes_[0].membership.holders.at(0).join.stream, "new");
  EXPECT_EQ(update(), Told{});
}

TEST_F(MembershipWatchTest, TellsALeaveWithTheStreamThatHeldIt) {
  leave(2, "239.0.10.101");
  streams_.streams.clear();
  const auto told = update({event(false, 2, "239.0.10.101")});
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0], "leave eth1 239.0.10.101 @1000");
  EXPECT_EQ(changes_[0].membership.users, 0U);
  EXPECT_EQ(changes_[0].membership.holders.at(0).join.stream, "video");
}

TEST_F(MembershipWatchTest, NeedsNoEvents) {
  join(3, "239.1.1.1");
  leave(2, "ff15::1234");
  EXPECT_EQ(update(), (Told{"leave eth1 ff15::1234 @2000", "join eth2 239.1.1.1 @2000"}));
}

TEST_F(MembershipWatchTest, TellsAJoinThatIsOverAlready) {
  EXPECT_EQ(update({event(true, 2, "239.1.1.1"), event(false, 2, "239.1.1.1")}),
            (Told{"join eth1 239.1.1.1 @1000", "leave eth1 239.1.1.1 @1000"}));
  EXPECT_EQ(update({event(true, 77, "239.1.1.1"), event(false, 77, "239.1.1.1")}),
            (Told{"join index 77 239.1.1.1 @1000", "leave index 77 239.1.1.1 @1000"}));
}

TEST_F(MembershipWatchTest, TellsALeaveAndAJoinOfTheSameGroup) {
  EXPECT_EQ(update({event(false, 2, "239.0.10.101"), event(true, 2, "239.0.10.101")}),
            (Told{"leave eth1 239.0.10.101 @1000", "join eth1 239.0.10.101 @1000"}));
}

TEST_F(MembershipWatchTest, TellsNothingTwiceWhenAnEventComesAfterTheReading) {
  join(2, "239.1.1.1");
  EXPECT_EQ(update(), Told{"join eth1 239.1.1.1 @2000"});
  EXPECT_EQ(update({event(true, 2, "239.1.1.1")}), Told{});
  leave(2, "239.1.1.1");
  EXPECT_EQ(update(), Told{"leave eth1 239.1.1.1 @2000"});
  EXPECT_EQ(update({event(false, 2, "239.1.1.1")}), Told{});
}

TEST_F(MembershipWatchTest, TellsOtherUsersSourcesAndStreamsAsAChange) {
  for (auto& entry : now_.memberships) {
    if (entry.group == address("239.0.10.101")) ++entry.users;
  }
  EXPECT_EQ(update(), Told{"change eth1 239.0.10.101 @2000"});
  EXPECT_EQ(changes_[0].membership.users, 13U);
  now_.source_filters.push_back({.ifindex = 2,
                                 .group = address("232.5.5.5"),
                                 .source = address("10.1.1.7"),
                                 .includes = 1,
                                 .excludes = 0});
  EXPECT_EQ(update(), Told{"change eth1 232.5.5.5 @2000"});
  EXPECT_EQ(changes_[0].membership.sources.size(), 3U);
  streams_.streams.push_back(running("late", 2, "ff15::1234"));
  EXPECT_EQ(update(), Told{"change eth1 ff15::1234 @2000"});
}

TEST_F(MembershipWatchTest, TellsThatAnInterfaceTookItsMembershipsAlong) {
  std::erase_if(now_.links, [](const netlink::Link& link) { return link.index == 3; });
  EXPECT_EQ(update(), Told{"leave eth2 233.1.1.1 @2000"});
}

TEST_F(MembershipWatchTest, TellsOnlyWhatIsShown) {
  join(2, "224.0.0.251");
  join(1, "239.5.5.5");
  EXPECT_EQ(update({event(true, 2, "224.0.0.251")}), Told{});
  join(1, "239.5.5.6");
  streams_.streams.push_back(running("ours", 1, "239.5.5.6"));
  EXPECT_EQ(update(), Told{"join lo 239.5.5.6 @2000"});
  // No longer ours, but not left.
  streams_.streams.pop_back();
  EXPECT_EQ(update(), Told{"change lo 239.5.5.6 @2000"});
  leave(1, "239.5.5.6");
  EXPECT_EQ(update(), Told{});
}

TEST_F(MembershipWatchTest, TellsOnlyOfTheInterfaceThatWasAskedFor) {
  selection_.interface = "lo";
  join(1, "239.5.5.5");
  join(2, "239.5.5.5");
  EXPECT_EQ(update(), Told{"join lo 239.5.5.5 @2000"});
}

TEST_F(MembershipWatchTest, IsPrintedAsALineOrAsJson) {
  join(2, "239.1.1.1");
  streams_.streams.push_back(running("new", 2, "239.1.1.1"));
  (void)update();
  const auto text = [](const MembershipChange& change) {
    return plain_text({{change_line(change)}});
  };
  EXPECT_EQ(text(changes_.at(0)),
            "00:00:00.000 join   eth1       239.1.1.1       users 1  any  mcast-agent[417] new\n");
  const auto json = nlohmann::json::parse(change_json(changes_[0]));
  EXPECT_EQ(json, nlohmann::json::parse(R"({"time": "1970-01-01T00:00:00.000002Z", "event": "join",
      "interface": "eth1", "ifindex": 2, "group": "239.1.1.1", "family": "ipv4",
      "class": "admin-scoped", "users": 1, "filter_mode": "exclude", "sources": [],
      "joined_sources": [], "streams": [{"program": "mcast-agent", "pid": 417, "stream": "new",
      "source": null, "port": 19779}]})"));
  leave(2, "232.5.5.5");
  (void)update();
  EXPECT_EQ(text(changes_.at(0)),
            "00:00:00.000 leave  eth1       232.5.5.5       10.1.1.1, 10.1.1.3  "
            "mcast-agent[417] one\n");
}

// The form that the agent's API has, and that its readers take.
TEST(ChangeJson, HasATimeThatCanBeReadBack) {
  constexpr Nanoseconds kTime = 1'763'987'696'045'678'000;
  const auto json = nlohmann::json::parse(
      change_json({.realtime = kTime, .interface = "eth1", .membership = {}}));
  EXPECT_EQ(json["time"], "2025-11-24T12:34:56.045678Z");
  EXPECT_EQ(api::parse_time(json["time"].get<std::string>()), kTime);
}

TEST(ChangeLine, HasTheTimeOfDayWithThousandths) {
  const Line line =
      change_line({.realtime = 1'763'987'696'045'999'999, .interface = "eth1", .membership = {}});
  EXPECT_EQ(line.at(0).text, "12:34:56.045 ");
}

}  // namespace
}  // namespace mcast::cli::test
