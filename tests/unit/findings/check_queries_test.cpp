// querier_invalid, mld_version: queries that are heard on the wire and stay without an answer, by
// whose fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using Names = std::vector<std::string>;
using testing::HasSubstr;

class QuerierInvalid : public BothFamilies {
 protected:
  // 8 queries, the first of which had to be answered 4 s ago; 2 reports before them.
  QuerierInvalid() {
    example_.host.now = 100 * kSecond;
    netlink::InterfaceActivity& heard = example_.heard(8);
    heard.reports_sent[1] = 2;
    heard.unanswered = 8;
    heard.answer_due = 96 * kSecond;
  }
  [[nodiscard]] netlink::InterfaceActivity& heard() { return example_.host.igmp_activity->front(); }
  [[nodiscard]] Finding answer() const { return example_.answer(Check::kQuerierInvalid); }

  Example example_;
};
INSTANTIATE_TEST_SUITE_P(, QuerierInvalid, both_families(), family_name);

TEST_P(QuerierInvalid, IsFoundWhereQueriesAreHeardAndNoReportFollows) {
  EXPECT_EQ(answer().seen,
            say("8 queries heard on eth1, 2 reports sent, the last before the first query: "
                "something drops IGMP on input"));
  EXPECT_EQ(example_.all(), Names{"querier_invalid"});
  heard().unanswered = 3;
  EXPECT_THAT(answer().seen, HasSubstr("2 reports sent, the last before the last 3: "));
  heard().reports_sent[1] = 0;
  EXPECT_THAT(answer().seen, HasSubstr("0 reports sent: something"));
}

TEST_P(QuerierInvalid, NamesTheRuleThatDropsThem) {
  using Kind = netlink::FilterStep::Kind;
  netlink::FilterChain in{
      .family = 1, .table = "t", .name = "in", .is_base = true, .hook = 1, .drops = true};
  example_.host.filters = std::vector{in};
  EXPECT_EQ(answer().remedy,
            is_v4() ? "nft insert rule inet t in ip protocol igmp accept"
                    : "nft insert rule inet t in icmpv6 type mld-listener-query accept");
  // "meta l4proto igmp drop", or icmpv6.
  const std::uint8_t protocol = is_v4() ? 2 : 58;
  in.drops = false;
  in.rules = {{.table = "t",
               .chain = "in",
               .family = 1,
               .handle = 5,
               .steps = {{.kind = Kind::kMeta, .to = 1, .key = 16},
                         {.kind = Kind::kCompare, .from = 1, .key = 0, .data = {protocol}},
                         {.kind = Kind::kVerdict, .verdict = 0}}}};
  example_.host.filters = std::vector{in};
  EXPECT_THAT(answer().seen, HasSubstr("rule 5 of chain in (table inet t) drops them"));
  // One of another protocol is innocent.
  in.rules[0].steps[1].data = {17};
  example_.host.filters = std::vector{in};
  EXPECT_THAT(answer().seen, testing::EndsWith("on input"));
}

TEST_P(QuerierInvalid, IsFineBeforeAnAnswerIsDueAndAfterOne) {
  heard().answer_due = 101 * kSecond;
  EXPECT_EQ(answer().verdict, Verdict::kFine);
  heard().answer_due = 96 * kSecond;
  heard().unanswered = 0;
  EXPECT_EQ(answer().seen, "8 queries heard on eth1, and answered");
  EXPECT_EQ(example_.all(), Names{});
}

TEST_P(QuerierInvalid, SaysNothingWhereReportsAreNotHeardOrAnotherMemberMayHaveAnswered) {
  heard().hears_reports = false;
  EXPECT_EQ(answer().verdict, Verdict::kFine);
  heard().hears_reports = true;
  --example_.host.protocols[0].version;
  EXPECT_EQ(answer().verdict, Verdict::kFine);
}

TEST_P(QuerierInvalid, IsFineOfGroupsThatNobodyReports) {
  // On IPv4 none of 224.0.0.0/24 is reported, of IPv6 ff02::1 alone.
  example_.evidence.subject.group =
      is_v4() ? ip("224.0.0.251") : IpAddress::parse("ff02::1").value();
  example_.host.memberships[0].group = example_.evidence.subject.group;
  EXPECT_EQ(answer().seen, "8 queries heard on eth1, and nothing to report for it");
}

TEST_P(QuerierInvalid, IsUnknownWhereNobodyListens) {
  example_.host.igmp_activity = fail("CAP_NET_RAW is missing");
  EXPECT_THAT(answer().seen, HasSubstr("CAP_NET_RAW"));
  EXPECT_EQ(answer().verdict, Verdict::kUnknown);
  example_.heard(0);
  EXPECT_EQ(answer().seen, "no query was heard on eth1");
}

class Ipv6 : public BothFamilies {};
class MldQueries : public Ipv6 {
 protected:
  Example example_;
};
INSTANTIATE_TEST_SUITE_P(, MldQueries, testing::Values(Family::kIpv6), family_name);

TEST_P(MldQueries, ThatNoHostAnswersAreFoundWithTheReason) {
  netlink::InterfaceActivity& heard = example_.heard(0);
  heard.invalid_queries = 5;
  heard.last_invalid = netlink::InvalidQuery{.source = IpAddress::parse("fe80::9").value(),
                                             .reason = "it has no router alert",
                                             .heard = {}};
  EXPECT_EQ(example_.all(), Names{"querier_invalid"});
  EXPECT_EQ(example_.answer(Check::kQuerierInvalid).seen,
            "5 queries of fe80::9%eth1 heard on eth1 that no host answers: it has no router alert");
  // Beside valid ones they do no harm.
  example_.host.igmp_activity->front().queries = 1;
  EXPECT_EQ(example_.all(), Names{});
}

TEST_P(MldQueries, OfVersion1AreNotAnsweredByAHostThatIsForcedToVersion2) {
  netlink::InterfaceActivity& heard = example_.heard(3);
  heard.querier.emplace();
  heard.querier->address = IpAddress::parse("fe80::9").value();
  heard.querier->version = 1;
  heard.unanswered = 3;
  example_.host.now = kSecond;
  example_.host.protocols[0].forced_version = 2;
  EXPECT_EQ(example_.all(), Names{"mld_version"});
  Finding finding = example_.answer(Check::kMldVersion);
  EXPECT_EQ(finding.seen, "eth1 is forced to MLDv2, and the querier fe80::9%eth1 speaks MLDv1");
  EXPECT_EQ(finding.remedy,
            "sysctl -w net.ipv6.conf.eth1.force_mld_version=0 "
            "net.ipv6.conf.all.force_mld_version=0");
  // A stream that asks for it gets what it can have; one that names a source needs version 2.
  example_.evidence.subject.version = 2;
  example_.evidence.subject.origin.command = {"mcast-receive", "ff1e::1", "--mld-version", "2"};
  EXPECT_EQ(example_.answer(Check::kMldVersion).remedy, "mcast-receive ff1e::1 --mld-version 1");
  example_.evidence.subject.source = ip("10.1.1.1");
  EXPECT_EQ(example_.answer(Check::kMldVersion).remedy, "set the querier fe80::9%eth1 to MLDv2");
  // A querier of version 2, or no force: fine.
  example_.host.igmp_activity->front().querier->version = 2;
  example_.host.igmp_activity->front().unanswered = 0;
  EXPECT_EQ(example_.all(), Names{});
}

TEST_P(MldQueries, MakeAnSsmJoinUselessWhereTheHostReportsInVersion1) {
  example_.evidence.subject.source = ip("10.1.1.1");
  example_.evidence.arrived = 0;
  example_.host.flows->clear();
  example_.host.protocols[0].version = 1;
  example_.host.protocols[0].forced_version = 1;
  EXPECT_EQ(example_.answer(Check::kMldVersion).seen,
            "eth1 reports in MLDv1, because force_mld_version is 1");
  example_.host.protocols[0].forced_version = 0;
  EXPECT_EQ(example_.answer(Check::kMldVersion).seen,
            "eth1 reports in MLDv1, because the querier speaks that version");
  EXPECT_EQ(example_.answer(Check::kIgmpVersion).seen, "IPv6 has none");
  // Nothing was reported yet.
  example_.host.protocols[0].version = 0;
  EXPECT_EQ(example_.answer(Check::kMldVersion).verdict, Verdict::kUnknown);
}

TEST(MldVersion, IsNoMatterOfIpv4) {
  EXPECT_EQ(Example().answer(Check::kMldVersion).seen, "IPv4 has none");
}

}  // namespace
}  // namespace mcast::findings::test
