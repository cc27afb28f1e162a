// ttl_expired, multicast_route: this host as a router. Each says "found" of its
// cause, "fine" of what is right, and "unknown" where what it needs is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using Names = std::vector<std::string>;
using testing::HasSubstr;

const Error kNoPrivilege{.message = "CAP_NET_RAW is missing", .code = EPERM};

class TtlExpired : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, TtlExpired, both_families(), family_name);
class MulticastRoute : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, MulticastRoute, both_families(), family_name);

TEST_P(TtlExpired, IsFoundOnARouterThatGetsSpentPackets) {
  Example example;
  example.be_router();
  example.host.flows->front().highest_ttl = 1;
  const Finding finding = example.answer(Check::kTtlExpired);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(
      finding.seen,
      say("packets of 10.1.1.1 come in on eth1 with TTL 1, and eth2 only forwards packets with "
          "a TTL above 1"));
  // A threshold of its own.
  example.host.flows->front().highest_ttl = 10;
  example.host.routes->front().outgoing[0].ttl_threshold = 16;
  EXPECT_EQ(example.answer(Check::kTtlExpired).verdict, Verdict::kFound);
}

TEST_P(TtlExpired, IsFineOnAReceiverAndWithEnoughLeft) {
  const Example receiver;
  EXPECT_EQ(receiver.answer(Check::kTtlExpired).verdict, Verdict::kFine);
  Example router;
  router.be_router();
  router.host.flows->front().highest_ttl = 2;
  EXPECT_EQ(router.answer(Check::kTtlExpired).verdict, Verdict::kFine);
}

TEST_P(TtlExpired, AndTheRouteAreNoMatterOfAReceiverOnTheRouter) {
  Example example;
  example.forward(kEth1);
  example.host.flows->front().highest_ttl = 1;
  EXPECT_TRUE(example.all().empty());
}

TEST_P(TtlExpired, AndTheRouteAreNoMatterOfLinkLocalGroups) {
  Example example;
  example.be_router();
  example.evidence.subject.group = ip("224.0.0.251");
  EXPECT_EQ(example.answer(Check::kTtlExpired).verdict, Verdict::kFine);
  EXPECT_EQ(example.answer(Check::kMulticastRoute).verdict, Verdict::kFine);
}

TEST_P(TtlExpired, IsUnknownWithoutPacketsOrTheRightToSeeThem) {
  Example example;
  example.be_router();
  example.host.flows->clear();
  EXPECT_EQ(example.answer(Check::kTtlExpired).verdict, Verdict::kUnknown);
  example.host.flows = std::unexpected(kNoPrivilege);
  EXPECT_EQ(example.answer(Check::kTtlExpired).seen, "CAP_NET_RAW is missing");
}

TEST_P(MulticastRoute, IsFoundWithoutAnOutgoingInterface) {
  Example example;
  example.be_router();
  example.host.routes->front().outgoing.clear();
  const Finding finding = example.answer(Check::kMulticastRoute);
  EXPECT_EQ(finding.seen,
            say("(10.1.1.1, 239.1.1.1) comes in on eth1 and has no outgoing interface"));
  EXPECT_EQ(
      finding.remedy,
      say("with smcroute: smcroutectl add eth1 10.1.1.1 239.1.1.1 OUTGOING-INTERFACE; with PIM: "
          "join behind this router"));
}

TEST_P(MulticastRoute, IsFoundWherePacketsComeInElsewhere) {
  Example seen;
  seen.be_router();
  seen.host.flows->front().ifindex = kEth2;
  EXPECT_EQ(
      seen.answer(Check::kMulticastRoute).seen,
      say("the route for (10.1.1.1, 239.1.1.1) expects packets on eth1, they come in on eth2"));
  Example counted;
  counted.be_router();
  counted.host.flows = std::unexpected(kNoPrivilege);
  counted.host.routes->front().wrong_interface_packets = 75;
  EXPECT_THAT(counted.answer(Check::kMulticastRoute).seen,
              HasSubstr("75 packets on a wrong interface in 3 s"));
}

TEST_P(MulticastRoute, IsFoundWhereNoOutgoingInterfaceCanSend) {
  Example example;
  example.be_router();
  example.host.links[2].up = false;
  EXPECT_EQ(example.answer(Check::kMulticastRoute).seen,
            say("(10.1.1.1, 239.1.1.1) goes out by eth2, which is down or has no carrier"));
}

TEST_P(MulticastRoute, IsFoundWhereItCountsNothingOfWhatComesIn) {
  Example example;
  example.be_router();
  example.host.routes = example.host.routes_before;
  EXPECT_EQ(example.answer(Check::kMulticastRoute).seen,
            say("75 packets of (10.1.1.1, 239.1.1.1) came in on eth1 in 3 s, and the route counted "
                "none"));
}

TEST(MulticastRouteOfIpv4, LeavesWhatTheReversePathFilterDropsToThatCheck) {
  Example example;
  example.be_router();
  example.route_back(kEth2);
  example.evidence.sources[0].accepted = false;
  example.host.routes->clear();
  EXPECT_EQ(example.all(), Names{"reverse_path_filter"});
}

TEST_P(MulticastRoute, OfWhatThisHostSendsItselfIsFine) {
  Example example;
  example.be_router();
  example.host.addresses.push_back(
      {.ifindex = kEth1, .address = ip("10.1.1.1"), .prefix_length = 24});
  example.host.routes->front().outgoing.clear();
  EXPECT_EQ(example.answer(Check::kMulticastRoute).verdict, Verdict::kFine);
}

TEST_P(MulticastRoute, IsFoundWhereNobodyGaveTheKernelOne) {
  Example waiting;
  waiting.be_router();
  waiting.host.routes->front().incoming = 0;
  EXPECT_THAT(waiting.answer(Check::kMulticastRoute).seen, HasSubstr("packets wait for a route"));
  Example none;
  none.be_router();
  none.host.routes->clear();
  EXPECT_THAT(none.answer(Check::kMulticastRoute).seen,
              HasSubstr("this router has no route for it"));
}

TEST_P(MulticastRoute, IsFineWithARouteThatFitsAndOnAReceiver) {
  Example router;
  router.be_router();
  EXPECT_EQ(router.answer(Check::kMulticastRoute).seen,
            say("(10.1.1.1, 239.1.1.1) from eth1 to eth2"));
  // Some packets on a wrong interface are normal where two routers meet.
  router.host.routes->front().wrong_interface_packets = 5;
  EXPECT_EQ(router.answer(Check::kMulticastRoute).verdict, Verdict::kFine);
  const Example receiver;
  EXPECT_EQ(receiver.answer(Check::kMulticastRoute).verdict, Verdict::kFine);
}

TEST_P(MulticastRoute, IsUnknownWithoutPacketsOrTheCache) {
  Example quiet;
  quiet.be_router();
  quiet.host.routes->clear();
  quiet.host.flows->clear();
  EXPECT_EQ(quiet.answer(Check::kMulticastRoute).verdict, Verdict::kUnknown);
  Example unreadable;
  unreadable.be_router();
  unreadable.host.routes = fail("ip_mr_cache: line 2");
  EXPECT_EQ(unreadable.answer(Check::kMulticastRoute).seen, "ip_mr_cache: line 2");
}

}  // namespace
}  // namespace mcast::findings::test
