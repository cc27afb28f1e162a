// reverse_path_filter, no_route_to_source: the way back to the source. Each says "found" of its
// cause, "fine" of what is right, and "unknown" where what it needs is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using netlink::ReversePathFilter;
using testing::HasSubstr;

TEST(ReversePathFilter, IsFineWhereTheWayBackIsTheWayIn) {
  const Example example;
  EXPECT_EQ(example.answer(Check::kReversePathFilter).seen,
            "the route to 10.1.1.1 leaves by eth1, where it comes in");
}

TEST(ReversePathFilter, IsFoundWithSourceInterfaceAndRoute) {
  Example example;
  example.route_back(kEth2);
  example.evidence.sources[0].accepted = false;
  example.host.counters->reverse_path_drops = 75;
  const Finding finding = example.answer(Check::kReversePathFilter);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen,
            "packets of 10.1.1.1 come in on eth1, the route to 10.1.1.1 leaves by eth2, and "
            "rp_filter of eth1 is 1 (strict); it dropped 75 packets in 3 s");
  EXPECT_EQ(finding.remedy, "sysctl -w net.ipv4.conf.eth1.rp_filter=2");
}

TEST(ReversePathFilter, IsUnknownWithoutTheKernelsWordWhereItDropsNothing) {
  // One of two routes was named: the other one is where the packets come in.
  Example example;
  example.route_back(kEth2);
  example.evidence.sources[0].accepted = fail("needs netlink");
  EXPECT_EQ(example.answer(Check::kReversePathFilter).verdict, Verdict::kUnknown);
  example.host.counters->reverse_path_drops = 75;
  EXPECT_EQ(example.answer(Check::kReversePathFilter).verdict, Verdict::kFound);
}

TEST(ReversePathFilter, IsMendedByACommandThatTakesNamesWithDots) {
  Example example;
  example.host.links[1].name = "eth1.10";
  example.evidence.subject.interface = "eth1.10";
  example.route_back(kEth2);
  example.evidence.sources[0].accepted = false;
  EXPECT_EQ(example.answer(Check::kReversePathFilter).remedy,
            "sysctl -w net/ipv4/conf/eth1.10/rp_filter=2");
}

TEST(ReversePathFilter, IsFineWhenOffOrLoose) {
  for (const auto filter : {ReversePathFilter::kOff, ReversePathFilter::kLoose}) {
    Example example;
    example.route_back(kEth2);
    example.set_rp_filter(kEth1, filter);
    EXPECT_EQ(example.answer(Check::kReversePathFilter).verdict, Verdict::kFine);
  }
}

TEST(ReversePathFilter, IsUnknownWithoutASourceOrASysctl) {
  Example no_source;
  no_source.evidence.sources.clear();
  // Whoever may not listen to the wire still sees that it arrives.
  EXPECT_EQ(no_source.answer(Check::kReversePathFilter).seen,
            "packets arrive, so none of them is filtered");
  no_source.evidence.arrived = 0;
  EXPECT_EQ(no_source.answer(Check::kReversePathFilter).verdict, Verdict::kUnknown);
  Example no_sysctl;
  no_sysctl.route_back(kEth2);
  no_sysctl.host.settings[kEth1].rp_filter = fail("rp_filter: no such file");
  EXPECT_EQ(no_sysctl.answer(Check::kReversePathFilter).seen, "rp_filter: no such file");
}

TEST(NoRouteToSource, IsFoundWhereTheFilterNeedsOne) {
  for (const auto filter : {ReversePathFilter::kStrict, ReversePathFilter::kLoose}) {
    Example example;
    example.set_rp_filter(kEth1, filter);
    example.route_back(0);
    example.evidence.sources[0].accepted = false;
    const Finding finding = example.answer(Check::kNoRouteToSource);
    EXPECT_EQ(finding.verdict, Verdict::kFound);
    EXPECT_THAT(finding.seen, HasSubstr("there is no route to 10.1.1.1, and rp_filter of eth1"));
    // And is not told twice.
    EXPECT_EQ(example.answer(Check::kReversePathFilter).verdict, Verdict::kFine);
  }
}

TEST(NoRouteToSource, IsFineWithARouteOrWithoutAFilter) {
  const Example healthy;
  EXPECT_EQ(healthy.answer(Check::kNoRouteToSource).verdict, Verdict::kFine);
  Example unfiltered;
  unfiltered.set_rp_filter(kEth1, ReversePathFilter::kOff);
  unfiltered.route_back(0);
  EXPECT_EQ(unfiltered.answer(Check::kNoRouteToSource).seen,
            "there is no route to 10.1.1.1, which does no harm while rp_filter of eth1 is 0");
}

TEST(NoRouteToSource, IsUnknownWhereTheRouteCannotBeAskedFor) {
  Example example;
  example.evidence.sources[0].route_back = fail("netlink is not there");
  EXPECT_EQ(example.answer(Check::kNoRouteToSource).seen, "netlink is not there");
}

}  // namespace
}  // namespace mcast::findings::test
