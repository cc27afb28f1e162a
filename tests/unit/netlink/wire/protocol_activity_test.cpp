#include "netlink/wire/protocol_activity.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::netlink {
namespace {

constexpr Nanoseconds kRealtimeOffset = 1'000'000 * kSecond;

MessageTimes at(Nanoseconds seconds) {
  return {.monotonic = seconds * kSecond, .realtime = seconds * kSecond + kRealtimeOffset};
}

IpAddress address(const std::string& text) {
  return IpAddress::parse(text).value();
}

MembershipMessage query(const std::string& source, int version = 2) {
  MembershipMessage message;
  message.kind = MessageKind::kQuery;
  message.version = version;
  message.source = address(source);
  message.max_response_time = 10 * kSecond;
  return message;
}

MembershipMessage query_v3(const std::string& source, Nanoseconds interval, int robustness) {
  MembershipMessage message = query(source, 3);
  message.query_interval = interval;
  message.robustness = robustness;
  return message;
}

MembershipMessage mld_query(const std::string& source) {
  MembershipMessage message = query(source);
  message.ttl = 1;
  message.router_alert = true;
  message.group = address("::");
  return message;
}

MembershipMessage report(int version, const std::string& group) {
  MembershipMessage message;
  message.kind = MessageKind::kReport;
  message.version = version;
  message.group = address(group);
  return message;
}

MembershipMessage report_v3(GroupRecordType type, const std::string& group) {
  MembershipMessage message;
  message.kind = MessageKind::kReport;
  message.version = 3;
  message.records = {{.type = type, .group = address(group), .sources = {}}};
  return message;
}

class Activity : public testing::Test {
 protected:
  void hear(Nanoseconds seconds, const MembershipMessage& message, int ifindex = 2) {
    activity_.on_message(ifindex, Direction::kIncoming, message, at(seconds));
  }
  void send(Nanoseconds seconds, const MembershipMessage& message, int ifindex = 2) {
    activity_.on_message(ifindex, Direction::kOutgoing, message, at(seconds));
  }
  [[nodiscard]] InterfaceActivity seen(Nanoseconds seconds) const {
    const auto all = activity_.snapshot(seconds * kSecond);
    return all.empty() ? InterfaceActivity{} : all.front();
  }
  // "" without a querier.
  [[nodiscard]] std::string querier(Nanoseconds seconds) const {
    const auto found = seen(seconds).querier;
    return found ? found->address.to_string() : "";
  }

  ProtocolActivity activity_;
};

TEST_F(Activity, OfAnInterfaceThatHeardNothingIsZeroWithoutAQuerier) {
  EXPECT_TRUE(activity_.snapshot(0).empty());
  EXPECT_TRUE(activity_.add(2));
  InterfaceActivity expected;
  expected.ifindex = 2;
  EXPECT_EQ(seen(1), expected);
}

TEST_F(Activity, ShowsTheQuerierWithItsVersionAndTimes) {
  hear(100, query("10.1.1.9"));
  hear(110, query("10.1.1.9"));
  const auto interface = seen(111);
  ASSERT_TRUE(interface.querier);
  EXPECT_EQ(interface.querier->address, address("10.1.1.9"));
  EXPECT_EQ(interface.querier->version, 2);
  EXPECT_EQ(interface.querier->queries, 2U);
  EXPECT_EQ(interface.querier->last_query, at(110));
  EXPECT_FALSE(interface.querier->outgoing);
  EXPECT_EQ(interface.queries, 2U);
  EXPECT_EQ(interface.last_query, at(110));
}

TEST_F(Activity, ForgetsNobodyBefore255SecondsWithoutAnIntervalSaid) {
  hear(100, query("10.1.1.9"));
  EXPECT_EQ(querier(355), "10.1.1.9");
  EXPECT_EQ(querier(356), "");
  // Heard once, all the same.
  EXPECT_EQ(seen(356).queriers.size(), 1U);
}

TEST_F(Activity, UsesTheIntervalAndTheRobustnessThatVersion3Says) {
  hear(100, query_v3("10.1.1.9", 20 * kSecond, 3));
  const auto found = seen(100).querier;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->query_interval, 20 * kSecond);
  EXPECT_EQ(found->robustness, 3);
  // 3 x 20 s + 10 s / 2
  EXPECT_EQ(querier(165), "10.1.1.9");
  EXPECT_EQ(querier(166), "");
}

TEST_F(Activity, MeasuresTheIntervalOfAQuerierThatDoesNotSayIt) {
  hear(100, query("10.1.1.9"));
  EXPECT_EQ(seen(100).querier->query_interval, 125 * kSecond);
  hear(160, query("10.1.1.9"));
  EXPECT_EQ(seen(160).querier->query_interval, 60 * kSecond);
  // Version 3 with QQIC 0 says none either.
  hear(220, query_v3("10.1.1.9", 0, 0));
  EXPECT_EQ(seen(220).querier->query_interval, 60 * kSecond);
}

TEST_F(Activity, DoesNotMeasureByQueriesForAGroup) {
  MembershipMessage for_group = query("10.1.1.9");
  for_group.group = address("239.1.2.3");
  for_group.max_response_time = kSecond;
  hear(100, query("10.1.1.9"));
  hear(101, for_group);
  hear(102, for_group);
  EXPECT_EQ(seen(102).querier->query_interval, 125 * kSecond);
  EXPECT_EQ(seen(102).querier->queries, 3U);
  hear(160, query("10.1.1.9"));
  EXPECT_EQ(seen(160).querier->query_interval, 60 * kSecond);
}

TEST_F(Activity, DoesNotLoseARouterThatAsksFasterWhileItStarts) {
  hear(100, query("10.1.1.9"));
  hear(131, query("10.1.1.9"));
  hear(162, query("10.1.1.9"));
  EXPECT_EQ(querier(162 + 255), "10.1.1.9");
}

TEST_F(Activity, LosesAQuerierByItsMeasuredIntervalAfterManyOfThem) {
  Nanoseconds now = 100;
  for (int i = 0; i < 9; ++i) hear(now += 10, query("10.1.1.9"));
  // 2 x 10 s + 10 s / 2
  EXPECT_EQ(querier(now + 25), "10.1.1.9");
  EXPECT_EQ(querier(now + 26), "");
}

TEST_F(Activity, DoesNotTakeASilenceForAnInterval) {
  hear(100, query("10.1.1.9"));
  hear(160, query("10.1.1.9"));
  hear(10'000, query("10.1.1.9"));
  EXPECT_EQ(seen(10'000).querier->query_interval, 125 * kSecond);
  hear(10'060, query("10.1.1.9"));
  EXPECT_EQ(seen(10'060).querier->query_interval, 60 * kSecond);
}

TEST_F(Activity, ElectsTheLowestAddressOfThoseThatArePresent) {
  hear(100, query_v3("10.1.1.9", 100 * kSecond, 2));
  hear(101, query_v3("10.1.1.10", 100 * kSecond, 2));
  EXPECT_EQ(querier(102), "10.1.1.9");
  hear(110, query_v3("10.1.1.2", 10 * kSecond, 2));
  EXPECT_EQ(querier(111), "10.1.1.2");
  // 10.1.1.2 falls silent.
  EXPECT_EQ(querier(136), "10.1.1.9");
  EXPECT_EQ(seen(136).queriers.size(), 3U);
  EXPECT_EQ(seen(136).queriers.back().address, address("10.1.1.2"));
}

TEST_F(Activity, ElectsASwitchWithoutAnAddressOnlyWhereThereIsNobodyElse) {
  hear(100, query("0.0.0.0"));
  EXPECT_EQ(querier(101), "0.0.0.0");
  hear(102, query("10.1.1.9"));
  EXPECT_EQ(querier(103), "10.1.1.9");
}

TEST_F(Activity, CountsThisHostsOwnQueriesAsAQuerier) {
  send(100, query("10.1.1.1"));
  ASSERT_TRUE(seen(101).querier);
  EXPECT_TRUE(seen(101).querier->outgoing);
  EXPECT_EQ(seen(101).queries, 1U);
}

TEST_F(Activity, KeepsTheQuerierThroughAFloodOfForgedOnes) {
  hear(100, query("10.1.1.9"));
  for (int i = 0; i < 10'000; ++i) {
    MembershipMessage forged = query("10.2.0.0");
    forged.source = IpAddress::v4(0x0A020000U + static_cast<std::uint32_t>(i));
    hear(101, forged);
  }
  const auto interface = seen(102);
  EXPECT_EQ(interface.queriers.size(), ProtocolActivity::kMaxQueriers);
  EXPECT_EQ(interface.querier->address, address("10.1.1.9"));
  EXPECT_EQ(interface.queries, 10'001U);
  // Those that fell silent make room.
  hear(1'000, query("10.9.9.9"));
  EXPECT_EQ(querier(1'000), "10.9.9.9");
}

TEST_F(Activity, CountsThisHostsReportsByVersion) {
  send(100, report(2, "239.1.2.2"));
  send(101, report(1, "239.1.2.1"));
  send(102, report(1, "239.1.2.1"));
  send(103, report_v3(GroupRecordType::kChangeToExclude, "239.1.2.3"));
  const auto interface = seen(103);
  EXPECT_EQ(interface.reports_sent, (std::array<std::uint64_t, 3>{2, 1, 1}));
  EXPECT_FALSE(interface.querier);
}

TEST_F(Activity, DoesNotCountTheReportsOfOthers) {
  hear(100, report(2, "239.1.2.2"));
  hear(100, report_v3(GroupRecordType::kChangeToExclude, "239.1.2.3"));
  EXPECT_EQ(seen(100).reports_sent, (std::array<std::uint64_t, 3>{}));
}

TEST_F(Activity, DoesNotCountALeaveAsAReport) {
  MembershipMessage leave = report(2, "239.1.2.2");
  leave.kind = MessageKind::kLeave;
  send(101, leave);
  EXPECT_EQ(seen(101).reports_sent, (std::array<std::uint64_t, 3>{}));
}

TEST_F(Activity, IsOfEachInterfaceByItself) {
  hear(100, query("10.1.1.9"), 2);
  hear(101, query("10.2.2.9"), 3);
  activity_.on_bad_message(3, Family::kIpv4);
  const auto all = activity_.snapshot(102 * kSecond);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].querier->address, address("10.1.1.9"));
  EXPECT_EQ(all[0].bad_messages, 0U);
  EXPECT_EQ(all[2].querier->address, address("10.2.2.9"));
  EXPECT_EQ(all[2].bad_messages, 1U);
  activity_.forget(2);
  EXPECT_EQ(activity_.snapshot(102 * kSecond).size(), 2U);
}

TEST_F(Activity, IsOfEachProtocolByItself) {
  hear(100, query("10.1.1.9"));
  hear(100, mld_query("fe80::9"));
  hear(101, mld_query("fe80::8"));
  activity_.on_bad_message(2, Family::kIpv6);
  const auto all = activity_.snapshot(102 * kSecond);
  const InterfaceActivity* const igmp = activity_on(all, 2, Family::kIpv4);
  const InterfaceActivity* const mld = activity_on(all, 2, Family::kIpv6);
  ASSERT_TRUE(igmp != nullptr && mld != nullptr);
  EXPECT_EQ(activity_on(all, 3, Family::kIpv6), nullptr);
  EXPECT_EQ(igmp->queries, 1U);
  EXPECT_EQ(igmp->querier->address, address("10.1.1.9"));
  EXPECT_EQ(igmp->bad_messages, 0U);
  EXPECT_EQ(mld->queries, 2U);
  EXPECT_EQ(mld->bad_messages, 1U);
  // The lower address is elected, whoever asked first.
  EXPECT_EQ(mld->querier->address, address("fe80::8"));
  EXPECT_EQ(mld->queriers.size(), 2U);
}

TEST_F(Activity, IsUnansweredWhenTheResponseTimeOfTheFirstQueryIsOver) {
  const auto unanswered = [&](Nanoseconds seconds) {
    return seen(seconds).is_unanswered(seconds * kSecond);
  };
  ASSERT_TRUE(activity_.add(2, true));
  send(90, report(2, "239.1.1.1"));
  hear(100, query("10.1.1.9"));
  // 10 s for the answer, and one for its way.
  EXPECT_FALSE(unanswered(110));
  hear(110, query("10.1.1.9"));
  EXPECT_TRUE(unanswered(111));
  EXPECT_EQ(seen(111).unanswered, 2U);
  send(112, report(2, "239.1.1.1"));
  EXPECT_FALSE(unanswered(130));
  // A query for a group is for its members alone, and what this host asks nobody has to answer
  // here.
  MembershipMessage of_group = query("10.1.1.9");
  of_group.group = address("239.1.1.1");
  hear(140, of_group);
  send(141, query("10.1.1.1"));
  EXPECT_FALSE(unanswered(160));
}

TEST_F(Activity, IsNeverUnansweredWhereReportsAreNotHeard) {
  ASSERT_TRUE(activity_.add(2));
  hear(100, query("10.1.1.9"));
  EXPECT_FALSE(seen(200).is_unanswered(200 * kSecond));
}

TEST_F(Activity, OfMldCountsQueriesThatNoHostAnswersByThemselves) {
  MembershipMessage global = mld_query("2001:db8::1");
  hear(100, global);
  MembershipMessage far = mld_query("fe80::1");
  far.ttl = 64;
  hear(101, far);
  const auto all = activity_.snapshot(102 * kSecond);
  const InterfaceActivity& mld = *activity_on(all, 2, Family::kIpv6);
  EXPECT_EQ(mld.queries, 0U);
  EXPECT_EQ(mld.invalid_queries, 2U);
  EXPECT_FALSE(mld.querier);
  EXPECT_FALSE(mld.last_query);
  ASSERT_TRUE(mld.last_invalid);
  EXPECT_EQ(mld.last_invalid->source, address("fe80::1"));
  EXPECT_EQ(mld.last_invalid->reason, "its hop limit is not 1");
  EXPECT_EQ(mld.last_invalid->heard, at(101));
}

TEST_F(Activity, HasABoundedNumberOfInterfaces) {
  for (int i = 1; i <= 1'000; ++i) hear(100, query("10.1.1.9"), i);
  activity_.on_bad_message(2'000, Family::kIpv6);
  EXPECT_FALSE(activity_.add(2'000));
  EXPECT_EQ(activity_.snapshot(0).size(), 2 * ProtocolActivity::kMaxInterfaces);
  activity_.forget(1);
  EXPECT_TRUE(activity_.add(2'000));
}

}  // namespace
}  // namespace mcast::netlink
