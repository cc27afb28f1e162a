// no_querier, no_bridge_entry: bridges of this host. Each says "found" of its
// cause, "fine" of what is right, and "unknown" where what it needs is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using testing::HasSubstr;

const Error kNoPrivilege{.message = "CAP_NET_RAW is missing", .code = EPERM};

class NoQuerier : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, NoQuerier, both_families(), family_name);
class NoBridgeEntry : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, NoBridgeEntry, both_families(), family_name);

TEST_P(NoQuerier, IsFoundOfASnoopingBridgeThatHeardNone) {
  Example example;
  example.be_bridge();
  example.hear_no_querier();
  const Finding finding = example.answer(Check::kNoQuerier);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.remedy, "ip link set dev br0 type bridge mcast_querier 1");

  // A kernel that does not tell: only when a join would be forgotten by now.
  example.host.bridges->front().knows_querier = false;
  EXPECT_EQ(example.answer(Check::kNoQuerier).verdict, Verdict::kUnknown);
  example.host.igmp_watched = 260 * kSecond;
  EXPECT_EQ(example.answer(Check::kNoQuerier).seen,
            say("br0 snoops IGMP and has heard no query for 260 s"));
}

TEST_P(NoQuerier, IsFineWithOneOrWithoutSnooping) {
  Example heard;
  heard.be_bridge();
  EXPECT_EQ(heard.answer(Check::kNoQuerier).seen, say("querier 10.1.1.254 was heard on br0"));
  Example itself;
  itself.be_bridge();
  itself.hear_no_querier();
  itself.host.bridges->front().querier = true;
  EXPECT_EQ(itself.answer(Check::kNoQuerier).verdict, Verdict::kFine);
  Example floods;
  floods.be_bridge();
  floods.hear_no_querier();
  floods.host.bridges->front().snooping = false;
  EXPECT_EQ(floods.answer(Check::kNoQuerier).verdict, Verdict::kFine);
}

TEST_P(NoQuerier, IsUnknownAfterAFewSecondsAndWithoutThePrivilegeToListen) {
  Example example;
  EXPECT_EQ(example.answer(Check::kNoQuerier).seen,
            "no query was heard on eth1 in 3 s (they come every 125 s)");
  example.host.igmp_activity = std::unexpected(kNoPrivilege);
  EXPECT_THAT(example.answer(Check::kNoQuerier).seen, HasSubstr("CAP_NET_RAW"));
}

TEST_P(NoBridgeEntry, IsFoundWhereTheBridgeDoesNotKnowThisHost) {
  Example example;
  example.be_bridge();
  example.host.bridge_entries->clear();
  const Finding finding = example.answer(Check::kNoBridgeEntry);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen, say("br0 snoops IGMP and has no entry for 239.1.1.1 towards this host"));
  EXPECT_THAT(finding.remedy, HasSubstr(say("bridge mdb add dev br0 port br0 grp 239.1.1.1")));
  // An entry of another port is for somebody else.
  example.host.bridge_entries = std::vector<netlink::BridgeEntry>{{.bridge = kBr0,
                                                                   .port = kEth1,
                                                                   .group = ip("239.1.1.1"),
                                                                   .source = std::nullopt,
                                                                   .blocked = false}};
  EXPECT_EQ(example.answer(Check::kNoBridgeEntry).verdict, Verdict::kFound);
}

TEST_P(NoBridgeEntry, IsFineWithAnEntryAndWhereTheBridgeFloods) {
  Example example;
  example.be_bridge();
  EXPECT_EQ(example.answer(Check::kNoBridgeEntry).verdict, Verdict::kFine);
  example.host.bridge_entries->clear();
  example.hear_no_querier();
  EXPECT_EQ(example.answer(Check::kNoBridgeEntry).seen, "br0 floods while it hears no querier");
  const Example no_bridge;
  EXPECT_EQ(no_bridge.answer(Check::kNoBridgeEntry).verdict, Verdict::kFine);
}

TEST_P(NoBridgeEntry, IsFineOfGroupsThatTheBridgeFloodsWhateverItKnows) {
  const auto verdict_of = [](const char* group) {
    Example example;
    example.be_bridge();
    example.host.bridge_entries->clear();
    example.evidence.subject.group = IpAddress::parse(group).value();
    return example.answer(Check::kNoBridgeEntry).verdict;
  };
  // Of IPv6 ff02::1 alone: other link-local groups are reported and snooped.
  EXPECT_EQ(verdict_of(is_v4() ? "224.0.0.251" : "ff02::1"), Verdict::kFine);
  EXPECT_EQ(verdict_of(is_v4() ? "239.1.1.1" : "ff02::fb"), Verdict::kFound);
}

TEST_P(NoBridgeEntry, IsUnknownWithoutNetlink) {
  Example example;
  example.be_bridge();
  example.host.bridge_entries = fail_errno("needs netlink", EOPNOTSUPP);
  EXPECT_EQ(example.answer(Check::kNoBridgeEntry).verdict, Verdict::kUnknown);
  example.host.bridges = fail_errno("needs netlink", EOPNOTSUPP);
  EXPECT_EQ(example.answer(Check::kNoBridgeEntry).verdict, Verdict::kUnknown);
}

}  // namespace
}  // namespace mcast::findings::test
