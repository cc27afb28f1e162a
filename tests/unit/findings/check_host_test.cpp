// interface_down, not_joined, igmp_version: what this host does to receive. Each says "found" of
// its cause, "fine" of what is right, and "unknown" where what it needs is missing.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using Names = std::vector<std::string>;

class InterfaceDown : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, InterfaceDown, both_families(), family_name);
class NotJoined : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, NotJoined, both_families(), family_name);

TEST_P(InterfaceDown, IsFineOfAnInterfaceThatCanReceive) {
  const Example example;
  const Finding finding = example.answer(Check::kInterfaceDown);
  EXPECT_EQ(finding.verdict, Verdict::kFine);
  EXPECT_EQ(finding.seen, "eth1 is up and has an address");
  EXPECT_EQ(finding.meaning, "");
  EXPECT_EQ(finding.remedy, "");
}

TEST(InterfaceDownOfIpv4, IsFoundOfEachWayNotToReceive) {
  Example down;
  down.host.links[1].up = false;
  EXPECT_EQ(down.answer(Check::kInterfaceDown).seen, "eth1 is down");
  EXPECT_EQ(down.answer(Check::kInterfaceDown).remedy, "ip link set dev eth1 up");

  Example unplugged;
  unplugged.host.links[1].carrier = false;
  EXPECT_EQ(unplugged.answer(Check::kInterfaceDown).verdict, Verdict::kFound);
  EXPECT_EQ(unplugged.answer(Check::kInterfaceDown).seen, "eth1 is up but has no carrier");

  Example without_address;
  without_address.host.addresses.erase(without_address.host.addresses.begin() + 1);
  EXPECT_EQ(without_address.answer(Check::kInterfaceDown).seen, "eth1 has no IPv4 address");

  Example port;
  port.host.links.push_back(link(kBr0, "br0"));
  port.host.links[1].master = kBr0;
  EXPECT_EQ(port.answer(Check::kInterfaceDown).seen, "eth1 is a port of br0");

  Example unknown_name;
  unknown_name.evidence.subject.interface = "eth7";
  EXPECT_EQ(unknown_name.answer(Check::kInterfaceDown).seen,
            "there is no interface eth7, only lo, eth1 and eth2");

  Example all_down;
  all_down.evidence.subject.interface.clear();
  all_down.evidence.subject.stream.clear();
  all_down.host.memberships.clear();
  all_down.host.flows->clear();
  all_down.evidence.route_to_group = fail("no route");
  all_down.host.links[1].up = false;
  all_down.host.links[2].up = false;
  EXPECT_EQ(all_down.all(), std::vector<std::string>{"interface_down"});
}

TEST_P(InterfaceDown, IsUnknownWhereNoInterfaceIsMeant) {
  Example example;
  example.evidence.subject.interface.clear();
  example.host.memberships.clear();
  example.host.flows->clear();
  example.evidence.route_to_group = fail("no route");
  EXPECT_EQ(example.answer(Check::kInterfaceDown).verdict, Verdict::kUnknown);
}

TEST_P(NotJoined, IsFineOfAJoinWhereThePacketsArrive) {
  const Example example;
  EXPECT_EQ(example.answer(Check::kNotJoined).seen, say("239.1.1.1 is joined on eth1"));
}

TEST_P(NotJoined, IsFoundWithoutAJoinAndSaysWhereThePacketsArrive) {
  Example example;
  example.host.memberships.clear();
  const Finding finding = example.answer(Check::kNotJoined);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen,
            say("no socket of this host has joined 239.1.1.1, which arrives on eth1"));
  EXPECT_EQ(finding.remedy, say("mcast-receive 239.1.1.1 -i eth1 --port 19779"));
}

TEST_P(NotJoined, IsFoundOfAJoinOnAnotherInterface) {
  Example named;
  named.host.memberships[0].ifindex = kEth2;
  EXPECT_EQ(named.answer(Check::kNotJoined).seen, say("239.1.1.1 is joined on eth2, not on eth1"));

  Example seen;
  seen.host.memberships[0].ifindex = kEth2;
  seen.evidence.subject.interface.clear();
  EXPECT_EQ(seen.answer(Check::kNotJoined).seen,
            say("239.1.1.1 is joined on eth2, but arrives on eth1"));
}

TEST_P(NotJoined, IsFoundOfAFilterThatLeavesTheSourceOut) {
  Example example;
  example.evidence.subject.source = ip("10.1.1.1");
  example.host.source_filters = {{.ifindex = kEth1,
                                  .group = ip("239.1.1.1"),
                                  .source = ip("10.1.1.3"),
                                  .includes = 1,
                                  .excludes = 0}};
  example.evidence.sources[0].accepted = false;
  EXPECT_EQ(example.answer(Check::kNotJoined).seen,
            say("239.1.1.1 is joined on eth1 from 10.1.1.3, not from 10.1.1.1"));
  // The kernel's own word weighs more than the counting of filters.
  example.evidence.sources[0].accepted = true;
  EXPECT_EQ(example.answer(Check::kNotJoined).verdict, Verdict::kFine);
  // A second socket takes any source.
  example.evidence.sources[0].accepted = fail("old kernel");
  example.host.memberships[0].users = 2;
  EXPECT_EQ(example.answer(Check::kNotJoined).verdict, Verdict::kFine);
}

TEST_P(NotJoined, IsFoundOfTheInterfaceThatIsAskedAboutWhereTwoHaveJoined) {
  Example example;
  example.host.memberships.push_back({.ifindex = kEth2, .group = ip("239.1.1.1"), .users = 1});
  EXPECT_EQ(example.answer(Check::kNotJoined).verdict, Verdict::kFine);
  example.host.flows->front().ifindex = kEth2;
  EXPECT_EQ(example.answer(Check::kNotJoined).seen,
            say("239.1.1.1 is joined on eth1, but arrives on eth2"));
}

TEST_P(NotJoined, IsFoundOfASourceFilterThatNobodyAskedAbout) {
  Example example;
  example.host.source_filters = {{.ifindex = kEth1,
                                  .group = ip("239.1.1.1"),
                                  .source = ip("10.1.1.9"),
                                  .includes = 1,
                                  .excludes = 0}};
  example.evidence.sources[0].accepted = false;
  example.evidence.arrived = 0;
  EXPECT_EQ(example.all(), Names{"not_joined"});
  EXPECT_EQ(example.answer(Check::kNotJoined).seen,
            say("239.1.1.1 is joined on eth1 from 10.1.1.9, not from 10.1.1.1"));
}

TEST_P(NotJoined, SaysWhyAStreamCouldNotJoin) {
  Example example;
  example.host.memberships.clear();
  example.evidence.subject.failure = say("no route to 239.1.1.1; name an interface");
  EXPECT_EQ(example.answer(Check::kNotJoined).seen,
            say("the stream could not join 239.1.1.1: no route to 239.1.1.1; name an interface"));
}

TEST_P(NotJoined, IsFineWhereThisHostOnlyPassesTheGroupOn) {
  Example example;
  example.be_router();
  EXPECT_EQ(example.answer(Check::kNotJoined).verdict, Verdict::kFine);
  // But not for a stream that wants to receive on the router.
  example.evidence.subject.stream = "video";
  EXPECT_EQ(example.answer(Check::kNotJoined).verdict, Verdict::kFound);
}

TEST_P(NotJoined, IsUnknownOfAnInterfaceThatIsNotThere) {
  Example example;
  example.evidence.subject.interface = "eth7";
  EXPECT_EQ(example.answer(Check::kNotJoined).verdict, Verdict::kUnknown);
}

TEST(IgmpVersion, IsFoundOfAnSsmJoinInAnOlderVersion) {
  Example forced;
  forced.evidence.subject.source = ip("10.1.1.1");
  forced.evidence.arrived = 0;
  forced.host.protocols[0].version = 2;
  forced.host.protocols[0].forced_version = 2;
  Finding finding = forced.answer(Check::kIgmpVersion);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen, "eth1 reports in IGMPv2, because force_igmp_version is 2");

  Example queried;
  queried.evidence.subject.source = ip("10.1.1.1");
  queried.evidence.arrived = 0;
  queried.host.protocols[0].version = 2;
  netlink::InterfaceActivity activity;
  activity.ifindex = kEth1;
  activity.querier.emplace();
  activity.querier->address = ip("10.1.1.254");
  activity.querier->version = 2;
  queried.host.igmp_activity = std::vector{activity};
  finding = queried.answer(Check::kIgmpVersion);
  EXPECT_EQ(finding.seen,
            "eth1 reports in IGMPv2, because the querier 10.1.1.254 speaks that version");
  EXPECT_EQ(finding.remedy, "set the querier 10.1.1.254 to IGMPv3");
}

TEST(IgmpVersion, IsFineInVersion3AndForAnySource) {
  Example third;
  third.evidence.subject.source = ip("10.1.1.1");
  EXPECT_EQ(third.answer(Check::kIgmpVersion).verdict, Verdict::kFine);
  Example arriving;
  arriving.evidence.subject.source = ip("10.1.1.1");
  arriving.host.protocols[0].version = 2;
  EXPECT_EQ(arriving.answer(Check::kIgmpVersion).verdict, Verdict::kFine);
  Example any_source;
  any_source.host.protocols[0].version = 2;
  // Only the person speaks of a source, not the join.
  any_source.evidence.subject.asked_source = ip("10.1.1.1");
  EXPECT_EQ(any_source.answer(Check::kIgmpVersion).verdict, Verdict::kFine);
}

TEST(IgmpVersion, IsUnknownOfAnInterfaceWithoutIgmp) {
  Example example;
  example.evidence.subject.source = ip("10.1.1.1");
  example.host.protocols.clear();
  EXPECT_EQ(example.answer(Check::kIgmpVersion).verdict, Verdict::kUnknown);
}

}  // namespace
}  // namespace mcast::findings::test
