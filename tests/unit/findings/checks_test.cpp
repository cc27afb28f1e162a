// Each check says "found" of its cause, "fine" of what is right, and "unknown" where
// what it needs is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using netlink::ReversePathFilter;
using Names = std::vector<std::string>;
using testing::HasSubstr;

const Error kNoPrivilege{.message = "CAP_NET_RAW is missing", .code = EPERM};

// --- interface_down

TEST(InterfaceDown, IsFineOfAnInterfaceThatCanReceive) {
  const Example example;
  const Finding finding = check_interface(example.evidence, example.host);
  EXPECT_EQ(finding.verdict, Verdict::kFine);
  EXPECT_EQ(finding.seen, "eth1 is up and has an address");
  EXPECT_EQ(finding.meaning, "");
  EXPECT_EQ(finding.remedy, "");
}

TEST(InterfaceDown, IsFoundOfEachWayNotToReceive) {
  Example down;
  down.host.links[1].up = false;
  EXPECT_EQ(check_interface(down.evidence, down.host).seen, "eth1 is down");
  EXPECT_EQ(check_interface(down.evidence, down.host).remedy, "ip link set dev eth1 up");

  Example unplugged;
  unplugged.host.links[1].carrier = false;
  EXPECT_EQ(check_interface(unplugged.evidence, unplugged.host).verdict, Verdict::kFound);
  EXPECT_EQ(check_interface(unplugged.evidence, unplugged.host).seen,
            "eth1 is up but has no carrier");

  Example without_address;
  without_address.host.addresses.erase(without_address.host.addresses.begin() + 1);
  EXPECT_EQ(check_interface(without_address.evidence, without_address.host).seen,
            "eth1 has no IPv4 address");

  Example port;
  port.host.links.push_back(link(kBr0, "br0"));
  port.host.links[1].master = kBr0;
  EXPECT_EQ(check_interface(port.evidence, port.host).seen, "eth1 is a port of br0");

  Example unknown_name;
  unknown_name.evidence.subject.interface = "eth7";
  EXPECT_EQ(check_interface(unknown_name.evidence, unknown_name.host).seen,
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

TEST(InterfaceDown, IsUnknownWhereNoInterfaceIsMeant) {
  Example example;
  example.evidence.subject.interface.clear();
  example.host.memberships.clear();
  example.host.flows->clear();
  example.evidence.route_to_group = fail("no route");
  EXPECT_EQ(check_interface(example.evidence, example.host).verdict, Verdict::kUnknown);
}

// --- not_joined

TEST(NotJoined, IsFineOfAJoinWhereThePacketsArrive) {
  const Example example;
  EXPECT_EQ(check_join(example.evidence, example.host).seen, "239.1.1.1 is joined on eth1");
}

TEST(NotJoined, IsFoundWithoutAJoinAndSaysWhereThePacketsArrive) {
  Example example;
  example.host.memberships.clear();
  const Finding finding = check_join(example.evidence, example.host);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen, "no socket of this host has joined 239.1.1.1, which arrives on eth1");
  EXPECT_EQ(finding.remedy, "mcast-receive 239.1.1.1 -i eth1");
}

TEST(NotJoined, IsFoundOfAJoinOnAnotherInterface) {
  Example named;
  named.host.memberships[0].ifindex = kEth2;
  EXPECT_EQ(check_join(named.evidence, named.host).seen,
            "239.1.1.1 is joined on eth2, not on eth1");

  Example seen;
  seen.host.memberships[0].ifindex = kEth2;
  seen.evidence.subject.interface.clear();
  EXPECT_EQ(check_join(seen.evidence, seen.host).seen,
            "239.1.1.1 is joined on eth2, but arrives on eth1");
}

TEST(NotJoined, IsFoundOfAFilterThatLeavesTheSourceOut) {
  Example example;
  example.evidence.subject.source = ip("10.1.1.1");
  example.host.source_filters = {{.ifindex = kEth1,
                                  .group = ip("239.1.1.1"),
                                  .source = ip("10.1.1.3"),
                                  .includes = 1,
                                  .excludes = 0}};
  example.evidence.sources[0].accepted = false;
  EXPECT_EQ(check_join(example.evidence, example.host).seen,
            "239.1.1.1 is joined on eth1 from 10.1.1.3, not from 10.1.1.1");
  // The kernel's own word weighs more than the counting of filters.
  example.evidence.sources[0].accepted = true;
  EXPECT_EQ(check_join(example.evidence, example.host).verdict, Verdict::kFine);
  // A second socket takes any source.
  example.evidence.sources[0].accepted = fail("old kernel");
  example.host.memberships[0].users = 2;
  EXPECT_EQ(check_join(example.evidence, example.host).verdict, Verdict::kFine);
}

TEST(NotJoined, IsFoundOfTheInterfaceThatIsAskedAboutWhereTwoHaveJoined) {
  Example example;
  example.host.memberships.push_back({.ifindex = kEth2, .group = ip("239.1.1.1"), .users = 1});
  EXPECT_EQ(check_join(example.evidence, example.host).verdict, Verdict::kFine);
  example.host.flows->front().ifindex = kEth2;
  EXPECT_EQ(check_join(example.evidence, example.host).seen,
            "239.1.1.1 is joined on eth1, but arrives on eth2");
}

TEST(NotJoined, IsFoundOfASourceFilterThatNobodyAskedAbout) {
  Example example;
  example.host.source_filters = {{.ifindex = kEth1,
                                  .group = ip("239.1.1.1"),
                                  .source = ip("10.1.1.9"),
                                  .includes = 1,
                                  .excludes = 0}};
  example.evidence.sources[0].accepted = false;
  example.evidence.arrived = 0;
  EXPECT_EQ(example.all(), Names{"not_joined"});
  EXPECT_EQ(check_join(example.evidence, example.host).seen,
            "239.1.1.1 is joined on eth1 from 10.1.1.9, not from 10.1.1.1");
}

TEST(NotJoined, SaysWhyAStreamCouldNotJoin) {
  Example example;
  example.host.memberships.clear();
  example.evidence.subject.failure = "no route to 239.1.1.1; name an interface";
  EXPECT_EQ(check_join(example.evidence, example.host).seen,
            "the stream could not join 239.1.1.1: no route to 239.1.1.1; name an interface");
}

TEST(NotJoined, IsFineWhereThisHostOnlyPassesTheGroupOn) {
  Example example;
  example.be_router();
  EXPECT_EQ(check_join(example.evidence, example.host).verdict, Verdict::kFine);
  // But not for a stream that wants to receive on the router.
  example.evidence.subject.stream = "video";
  EXPECT_EQ(check_join(example.evidence, example.host).verdict, Verdict::kFound);
}

TEST(NotJoined, IsUnknownOfAnInterfaceThatIsNotThere) {
  Example example;
  example.evidence.subject.interface = "eth7";
  EXPECT_EQ(check_join(example.evidence, example.host).verdict, Verdict::kUnknown);
}

// --- reverse_path_filter

TEST(ReversePathFilter, IsFineWhereTheWayBackIsTheWayIn) {
  const Example example;
  EXPECT_EQ(check_reverse_path_filter(example.evidence, example.host).seen,
            "the route to 10.1.1.1 leaves by eth1, where it comes in");
}

TEST(ReversePathFilter, IsFoundWithSourceInterfaceAndRoute) {
  Example example;
  example.route_back(kEth2);
  example.evidence.sources[0].accepted = false;
  example.host.counters->reverse_path_drops = 75;
  const Finding finding = check_reverse_path_filter(example.evidence, example.host);
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
  EXPECT_EQ(check_reverse_path_filter(example.evidence, example.host).verdict, Verdict::kUnknown);
  example.host.counters->reverse_path_drops = 75;
  EXPECT_EQ(check_reverse_path_filter(example.evidence, example.host).verdict, Verdict::kFound);
}

TEST(ReversePathFilter, IsMendedByACommandThatTakesNamesWithDots) {
  Example example;
  example.host.links[1].name = "eth1.10";
  example.evidence.subject.interface = "eth1.10";
  example.route_back(kEth2);
  example.evidence.sources[0].accepted = false;
  EXPECT_EQ(check_reverse_path_filter(example.evidence, example.host).remedy,
            "sysctl -w net/ipv4/conf/eth1.10/rp_filter=2");
}

TEST(ReversePathFilter, IsFineWhenOffOrLoose) {
  for (const auto filter : {ReversePathFilter::kOff, ReversePathFilter::kLoose}) {
    Example example;
    example.route_back(kEth2);
    example.set_rp_filter(kEth1, filter);
    EXPECT_EQ(check_reverse_path_filter(example.evidence, example.host).verdict, Verdict::kFine);
  }
}

TEST(ReversePathFilter, IsUnknownWithoutASourceOrASysctl) {
  Example no_source;
  no_source.evidence.sources.clear();
  // Whoever may not listen to the wire still sees that it arrives.
  EXPECT_EQ(check_reverse_path_filter(no_source.evidence, no_source.host).seen,
            "packets arrive, so none of them is filtered");
  no_source.evidence.arrived = 0;
  EXPECT_EQ(check_reverse_path_filter(no_source.evidence, no_source.host).verdict,
            Verdict::kUnknown);
  Example no_sysctl;
  no_sysctl.route_back(kEth2);
  no_sysctl.host.settings[kEth1].rp_filter = fail("rp_filter: no such file");
  EXPECT_EQ(check_reverse_path_filter(no_sysctl.evidence, no_sysctl.host).seen,
            "rp_filter: no such file");
}

// --- no_route_to_source

TEST(NoRouteToSource, IsFoundWhereTheFilterNeedsOne) {
  for (const auto filter : {ReversePathFilter::kStrict, ReversePathFilter::kLoose}) {
    Example example;
    example.set_rp_filter(kEth1, filter);
    example.route_back(0);
    example.evidence.sources[0].accepted = false;
    const Finding finding = check_route_to_source(example.evidence, example.host);
    EXPECT_EQ(finding.verdict, Verdict::kFound);
    EXPECT_THAT(finding.seen, HasSubstr("there is no route to 10.1.1.1, and rp_filter of eth1"));
    // And is not told twice.
    EXPECT_EQ(check_reverse_path_filter(example.evidence, example.host).verdict, Verdict::kFine);
  }
}

TEST(NoRouteToSource, IsFineWithARouteOrWithoutAFilter) {
  const Example healthy;
  EXPECT_EQ(check_route_to_source(healthy.evidence, healthy.host).verdict, Verdict::kFine);
  Example unfiltered;
  unfiltered.set_rp_filter(kEth1, ReversePathFilter::kOff);
  unfiltered.route_back(0);
  EXPECT_EQ(check_route_to_source(unfiltered.evidence, unfiltered.host).seen,
            "there is no route to 10.1.1.1, which does no harm while rp_filter of eth1 is 0");
}

TEST(NoRouteToSource, IsUnknownWhereTheRouteCannotBeAskedFor) {
  Example example;
  example.evidence.sources[0].route_back = fail("netlink is not there");
  EXPECT_EQ(check_route_to_source(example.evidence, example.host).seen, "netlink is not there");
}

// --- igmp_version

TEST(IgmpVersion, IsFoundOfAnSsmJoinInAnOlderVersion) {
  Example forced;
  forced.evidence.subject.source = ip("10.1.1.1");
  forced.evidence.arrived = 0;
  forced.host.igmp[0].version = 2;
  forced.host.igmp[0].forced_version = 2;
  Finding finding = check_igmp_version(forced.evidence, forced.host);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen, "eth1 reports in IGMPv2, because force_igmp_version is 2");

  Example queried;
  queried.evidence.subject.source = ip("10.1.1.1");
  queried.evidence.arrived = 0;
  queried.host.igmp[0].version = 2;
  netlink::IgmpInterfaceActivity activity;
  activity.ifindex = kEth1;
  activity.querier.emplace();
  activity.querier->address = ip("10.1.1.254");
  activity.querier->version = 2;
  queried.host.igmp_activity = std::vector{activity};
  finding = check_igmp_version(queried.evidence, queried.host);
  EXPECT_EQ(finding.seen,
            "eth1 reports in IGMPv2, because the querier 10.1.1.254 speaks that version");
  EXPECT_EQ(finding.remedy, "set the querier 10.1.1.254 to IGMPv3");
}

TEST(IgmpVersion, IsFineInVersion3AndForAnySource) {
  Example third;
  third.evidence.subject.source = ip("10.1.1.1");
  EXPECT_EQ(check_igmp_version(third.evidence, third.host).verdict, Verdict::kFine);
  Example arriving;
  arriving.evidence.subject.source = ip("10.1.1.1");
  arriving.host.igmp[0].version = 2;
  EXPECT_EQ(check_igmp_version(arriving.evidence, arriving.host).verdict, Verdict::kFine);
  Example any_source;
  any_source.host.igmp[0].version = 2;
  // Only the person speaks of a source, not the join.
  any_source.evidence.subject.asked_source = ip("10.1.1.1");
  EXPECT_EQ(check_igmp_version(any_source.evidence, any_source.host).verdict, Verdict::kFine);
}

TEST(IgmpVersion, IsUnknownOfAnInterfaceWithoutIgmp) {
  Example example;
  example.evidence.subject.source = ip("10.1.1.1");
  example.host.igmp.clear();
  EXPECT_EQ(check_igmp_version(example.evidence, example.host).verdict, Verdict::kUnknown);
}

// --- no_querier

TEST(NoQuerier, IsFoundOfASnoopingBridgeThatHeardNone) {
  Example example;
  example.be_bridge();
  example.host.bridges->front().heard_querier.reset();
  const Finding finding = check_querier(example.evidence, example.host);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.remedy, "ip link set dev br0 type bridge mcast_querier 1");

  // A kernel that does not tell: only when a join would be forgotten by now.
  example.host.bridges->front().knows_querier = false;
  EXPECT_EQ(check_querier(example.evidence, example.host).verdict, Verdict::kUnknown);
  example.host.igmp_watched = 260 * kSecond;
  EXPECT_EQ(check_querier(example.evidence, example.host).seen,
            "br0 snoops IGMP and has heard no query for 260 s");
}

TEST(NoQuerier, IsFineWithOneOrWithoutSnooping) {
  Example heard;
  heard.be_bridge();
  EXPECT_EQ(check_querier(heard.evidence, heard.host).seen, "querier 10.1.1.254 was heard on br0");
  Example itself;
  itself.be_bridge();
  itself.host.bridges->front().heard_querier.reset();
  itself.host.bridges->front().querier = true;
  EXPECT_EQ(check_querier(itself.evidence, itself.host).verdict, Verdict::kFine);
  Example floods;
  floods.be_bridge();
  floods.host.bridges->front().heard_querier.reset();
  floods.host.bridges->front().snooping = false;
  EXPECT_EQ(check_querier(floods.evidence, floods.host).verdict, Verdict::kFine);
}

TEST(NoQuerier, IsUnknownAfterAFewSecondsAndWithoutThePrivilegeToListen) {
  Example example;
  EXPECT_EQ(check_querier(example.evidence, example.host).seen,
            "no query was heard on eth1 in 3 s (they come every 125 s)");
  example.host.igmp_activity = std::unexpected(kNoPrivilege);
  EXPECT_THAT(check_querier(example.evidence, example.host).seen, HasSubstr("CAP_NET_RAW"));
}

// --- no_bridge_entry

TEST(NoBridgeEntry, IsFoundWhereTheBridgeDoesNotKnowThisHost) {
  Example example;
  example.be_bridge();
  example.host.bridge_entries->clear();
  const Finding finding = check_bridge_entry(example.evidence, example.host);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen, "br0 snoops IGMP and has no entry for 239.1.1.1 towards this host");
  EXPECT_THAT(finding.remedy, HasSubstr("bridge mdb add dev br0 port br0 grp 239.1.1.1"));
  // An entry of another port is for somebody else.
  example.host.bridge_entries = std::vector<netlink::BridgeEntry>{{.bridge = kBr0,
                                                                   .port = kEth1,
                                                                   .group = ip("239.1.1.1"),
                                                                   .source = std::nullopt,
                                                                   .blocked = false}};
  EXPECT_EQ(check_bridge_entry(example.evidence, example.host).verdict, Verdict::kFound);
}

TEST(NoBridgeEntry, IsFineWithAnEntryAndWhereTheBridgeFloods) {
  Example example;
  example.be_bridge();
  EXPECT_EQ(check_bridge_entry(example.evidence, example.host).verdict, Verdict::kFine);
  example.host.bridge_entries->clear();
  example.host.bridges->front().heard_querier.reset();
  EXPECT_EQ(check_bridge_entry(example.evidence, example.host).seen,
            "br0 floods while it hears no querier");
  const Example no_bridge;
  EXPECT_EQ(check_bridge_entry(no_bridge.evidence, no_bridge.host).verdict, Verdict::kFine);
}

TEST(NoBridgeEntry, IsUnknownWithoutNetlink) {
  Example example;
  example.be_bridge();
  example.host.bridge_entries = fail_errno("needs netlink", EOPNOTSUPP);
  EXPECT_EQ(check_bridge_entry(example.evidence, example.host).verdict, Verdict::kUnknown);
  example.host.bridges = fail_errno("needs netlink", EOPNOTSUPP);
  EXPECT_EQ(check_bridge_entry(example.evidence, example.host).verdict, Verdict::kUnknown);
}

// --- not_delivered

TEST(NotDelivered, IsFoundWherePacketsStopBetweenInterfaceAndSocket) {
  Example filtered;
  filtered.evidence.arrived = 0;
  Finding finding = check_delivery(filtered.evidence, filtered.host);
  EXPECT_EQ(finding.seen,
            "75 packets came in on eth1 in 3 s, none reached the socket, and no checksum was "
            "wrong");
  EXPECT_THAT(finding.meaning, HasSubstr("packet filter"));

  Example checksum;
  checksum.evidence.arrived = 0;
  checksum.host.counters->checksum_errors = 75;
  finding = check_delivery(checksum.evidence, checksum.host);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_THAT(finding.seen, HasSubstr("75 datagrams had a wrong UDP checksum"));

  Example malformed;
  malformed.evidence.arrived = 0;
  malformed.host.flows->front().bad_udp_length = 75;
  EXPECT_THAT(check_delivery(malformed.evidence, malformed.host).seen, HasSubstr("UDP length"));
}

TEST(NotDelivered, IsFineWherePacketsReachTheSocket) {
  const Example example;
  EXPECT_EQ(check_delivery(example.evidence, example.host).seen, "75 packets reached the socket");
}

TEST(NotDelivered, NamesTheRoutingWhereTheKernelSaysSo) {
  Example refused;
  refused.evidence.arrived = 0;
  refused.evidence.sources[0].accepted = false;
  EXPECT_THAT(check_delivery(refused.evidence, refused.host).seen,
              HasSubstr("because the kernel's routing refuses packets of 10.1.1.1"));
  refused.host.addresses.push_back(
      {.ifindex = kEth2, .address = ip("10.1.1.1"), .prefix_length = 24});
  EXPECT_THAT(check_delivery(refused.evidence, refused.host).seen,
              HasSubstr("10.1.1.1 is an address of this host, too"));
}

TEST(NotDelivered, DoesNotTakeChecksumsOfOthersForItsOwn) {
  Example example;
  example.evidence.arrived = 0;
  example.host.counters->checksum_errors = 5;
  const Finding finding = check_delivery(example.evidence, example.host);
  EXPECT_THAT(finding.seen, HasSubstr("5 datagrams of this host had a wrong checksum"));
  EXPECT_THAT(finding.meaning, HasSubstr("packet filter"));
}

TEST(NotDelivered, OfAReceiverWithoutAKnownPortIsOfOpenPortsAlone) {
  Example example;
  example.evidence.arrived = 0;
  example.evidence.subject.port.reset();
  example.evidence.subject.expects_probe_packets = false;
  example.host.flows->front().destination_port = 5001;
  EXPECT_EQ(example.all(), Names{"unexpected_traffic"});
}

TEST(NotDelivered, IsUnknownWhereItIsNotItsCause) {
  Example rp_filter;
  rp_filter.evidence.arrived = 0;
  rp_filter.route_back(kEth2);
  rp_filter.evidence.sources[0].accepted = false;
  EXPECT_EQ(check_delivery(rp_filter.evidence, rp_filter.host).verdict, Verdict::kUnknown);
  Example other_port;
  other_port.evidence.arrived = 0;
  other_port.host.flows->front().destination_port = 5000;
  EXPECT_EQ(check_delivery(other_port.evidence, other_port.host).verdict, Verdict::kUnknown);
  Example blind;
  blind.evidence.arrived = 0;
  blind.host.flows = std::unexpected(kNoPrivilege);
  EXPECT_EQ(check_delivery(blind.evidence, blind.host).seen, "CAP_NET_RAW is missing");
  blind.evidence.arrived = 1;
  EXPECT_EQ(check_delivery(blind.evidence, blind.host).seen, "1 packet reached the socket");
}

// --- ttl_expired

TEST(TtlExpired, IsFoundOnARouterThatGetsSpentPackets) {
  Example example;
  example.be_router();
  example.host.flows->front().highest_ttl = 1;
  const Finding finding = check_ttl(example.evidence, example.host);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_EQ(finding.seen,
            "packets of 10.1.1.1 come in on eth1 with TTL 1, and eth2 sends on what has more than "
            "1");
  // A threshold of its own.
  example.host.flows->front().highest_ttl = 10;
  example.host.routes->front().outgoing[0].ttl_threshold = 16;
  EXPECT_EQ(check_ttl(example.evidence, example.host).verdict, Verdict::kFound);
}

TEST(TtlExpired, IsFineOnAReceiverAndWithEnoughLeft) {
  const Example receiver;
  EXPECT_EQ(check_ttl(receiver.evidence, receiver.host).verdict, Verdict::kFine);
  Example router;
  router.be_router();
  router.host.flows->front().highest_ttl = 2;
  EXPECT_EQ(check_ttl(router.evidence, router.host).verdict, Verdict::kFine);
}

TEST(TtlExpired, AndTheRouteAreNoMatterOfAReceiverOnTheRouter) {
  Example example;
  example.forward(kEth1);
  example.host.flows->front().highest_ttl = 1;
  EXPECT_TRUE(example.all().empty());
}

TEST(TtlExpired, AndTheRouteAreNoMatterOfLinkLocalGroups) {
  Example example;
  example.be_router();
  example.evidence.subject.group = ip("224.0.0.251");
  EXPECT_EQ(check_ttl(example.evidence, example.host).verdict, Verdict::kFine);
  EXPECT_EQ(check_multicast_route(example.evidence, example.host).verdict, Verdict::kFine);
}

TEST(TtlExpired, IsUnknownWithoutPacketsOrTheRightToSeeThem) {
  Example example;
  example.be_router();
  example.host.flows->clear();
  EXPECT_EQ(check_ttl(example.evidence, example.host).verdict, Verdict::kUnknown);
  example.host.flows = std::unexpected(kNoPrivilege);
  EXPECT_EQ(check_ttl(example.evidence, example.host).seen, "CAP_NET_RAW is missing");
}

// --- multicast_route

TEST(MulticastRoute, IsFoundWithoutAnOutgoingInterface) {
  Example example;
  example.be_router();
  example.host.routes->front().outgoing.clear();
  const Finding finding = check_multicast_route(example.evidence, example.host);
  EXPECT_EQ(finding.seen, "(10.1.1.1, 239.1.1.1) comes in on eth1 and has no outgoing interface");
  EXPECT_EQ(finding.remedy,
            "with smcroute: smcroutectl add eth1 10.1.1.1 239.1.1.1 OUTGOING-INTERFACE; with PIM: "
            "join behind this router");
}

TEST(MulticastRoute, IsFoundWherePacketsComeInElsewhere) {
  Example seen;
  seen.be_router();
  seen.host.flows->front().ifindex = kEth2;
  EXPECT_EQ(check_multicast_route(seen.evidence, seen.host).seen,
            "the route for (10.1.1.1, 239.1.1.1) expects packets on eth1, they come in on eth2");
  Example counted;
  counted.be_router();
  counted.host.flows = std::unexpected(kNoPrivilege);
  counted.host.routes->front().wrong_interface_packets = 75;
  EXPECT_THAT(check_multicast_route(counted.evidence, counted.host).seen,
              HasSubstr("75 packets on a wrong interface in 3 s"));
}

TEST(MulticastRoute, IsFoundWhereNoOutgoingInterfaceCanSend) {
  Example example;
  example.be_router();
  example.host.links[2].up = false;
  EXPECT_EQ(check_multicast_route(example.evidence, example.host).seen,
            "(10.1.1.1, 239.1.1.1) goes out by eth2, which is down or has no carrier");
}

TEST(MulticastRoute, IsFoundWhereItCountsNothingOfWhatComesIn) {
  Example example;
  example.be_router();
  example.host.routes = example.host.routes_before;
  EXPECT_EQ(check_multicast_route(example.evidence, example.host).seen,
            "75 packets of (10.1.1.1, 239.1.1.1) came in on eth1 in 3 s, and the route counted "
            "none");
}

TEST(MulticastRoute, LeavesWhatTheReversePathFilterDropsToThatCheck) {
  Example example;
  example.be_router();
  example.route_back(kEth2);
  example.evidence.sources[0].accepted = false;
  example.host.routes->clear();
  EXPECT_EQ(example.all(), Names{"reverse_path_filter"});
}

TEST(MulticastRoute, OfWhatThisHostSendsItselfIsFine) {
  Example example;
  example.be_router();
  example.host.addresses.push_back(
      {.ifindex = kEth1, .address = ip("10.1.1.1"), .prefix_length = 24});
  example.host.routes->front().outgoing.clear();
  EXPECT_EQ(check_multicast_route(example.evidence, example.host).verdict, Verdict::kFine);
}

TEST(MulticastRoute, IsFoundWhereNobodyGaveTheKernelOne) {
  Example waiting;
  waiting.be_router();
  waiting.host.routes->front().incoming = 0;
  EXPECT_THAT(check_multicast_route(waiting.evidence, waiting.host).seen,
              HasSubstr("packets wait for a route"));
  Example none;
  none.be_router();
  none.host.routes->clear();
  EXPECT_THAT(check_multicast_route(none.evidence, none.host).seen,
              HasSubstr("this router has no route for it"));
}

TEST(MulticastRoute, IsFineWithARouteThatFitsAndOnAReceiver) {
  Example router;
  router.be_router();
  EXPECT_EQ(check_multicast_route(router.evidence, router.host).seen,
            "(10.1.1.1, 239.1.1.1) from eth1 to eth2");
  // Some packets on a wrong interface are normal where two routers meet.
  router.host.routes->front().wrong_interface_packets = 5;
  EXPECT_EQ(check_multicast_route(router.evidence, router.host).verdict, Verdict::kFine);
  const Example receiver;
  EXPECT_EQ(check_multicast_route(receiver.evidence, receiver.host).verdict, Verdict::kFine);
}

TEST(MulticastRoute, IsUnknownWithoutPacketsOrTheCache) {
  Example quiet;
  quiet.be_router();
  quiet.host.routes->clear();
  quiet.host.flows->clear();
  EXPECT_EQ(check_multicast_route(quiet.evidence, quiet.host).verdict, Verdict::kUnknown);
  Example unreadable;
  unreadable.be_router();
  unreadable.host.routes = fail("ip_mr_cache: line 2");
  EXPECT_EQ(check_multicast_route(unreadable.evidence, unreadable.host).seen,
            "ip_mr_cache: line 2");
}

// --- unexpected_traffic

TEST(UnexpectedTraffic, IsFoundOfAnotherPort) {
  Example example;
  example.host.flows->front().destination_port = 5000;
  EXPECT_EQ(check_expected_traffic(example.evidence, example.host).seen,
            "10.1.1.1 sends to UDP port 5000, the receiver listens on 19779");
  // Without a port to compare with: only where nobody at all is bound to it.
  example.evidence.subject.port.reset();
  EXPECT_THAT(check_expected_traffic(example.evidence, example.host).seen,
              HasSubstr("no socket that could get it is bound to that port"));
  example.host.open_ports.insert(5000);
  example.evidence.subject.expects_probe_packets = false;
  EXPECT_EQ(check_expected_traffic(example.evidence, example.host).verdict, Verdict::kFine);
}

TEST(UnexpectedTraffic, IsFoundOfForeignPacketsAndOfAnotherSource) {
  Example foreign;
  foreign.host.flows->front().signature_packets = 0;
  EXPECT_EQ(check_expected_traffic(foreign.evidence, foreign.host).seen,
            "10.1.1.1 sends 75 packets in 3 s that are not of mcast-send");
  Example source;
  source.evidence.subject.source = ip("10.1.1.3");
  EXPECT_EQ(check_expected_traffic(source.evidence, source.host).seen,
            "239.1.1.1 comes from 10.1.1.1, not from 10.1.1.3");
}

TEST(UnexpectedTraffic, OfASecondJoinedSourceIsNotUnexpected) {
  // Two senders stand in for each other, and the other one sends.
  Example example;
  example.evidence.subject.source = ip("10.1.1.9");
  for (const char* source : {"10.1.1.1", "10.1.1.9"}) {
    example.host.source_filters.push_back({.ifindex = kEth1,
                                           .group = ip("239.1.1.1"),
                                           .source = ip(source),
                                           .includes = 1,
                                           .excludes = 0});
  }
  example.host.memberships[0].users = 2;
  example.evidence.arrived = 0;
  example.evidence.sources.clear();
  EXPECT_EQ(example.all(), Names{"no_traffic"});
}

TEST(UnexpectedTraffic, OfFragmentsIsSeenByTheirFirstOnes) {
  Example example;
  example.host.flows->front().destination_port = 0;
  example.host.flows->front().signature_packets = 0;
  example.host.flows->push_back(flow(kEth1, "10.1.1.1", 5000));
  EXPECT_EQ(check_expected_traffic(example.evidence, example.host).seen,
            "10.1.1.1 sends to UDP port 5000, the receiver listens on 19779");
}

TEST(UnexpectedTraffic, IsFineOfOursBesideOthers) {
  Example example;
  example.host.flows->push_back(flow(kEth1, "10.1.1.1", 5000));
  EXPECT_EQ(check_expected_traffic(example.evidence, example.host).verdict, Verdict::kFine);
}

TEST(UnexpectedTraffic, IsUnknownWithoutTraffic) {
  Example example;
  example.host.flows->clear();
  EXPECT_EQ(check_expected_traffic(example.evidence, example.host).verdict, Verdict::kUnknown);
}

// --- socket_overflow

TEST(SocketOverflow, IsFoundFineOrUnknown) {
  Example example;
  EXPECT_EQ(check_socket_buffer(example.evidence, example.host).verdict, Verdict::kFine);
  example.evidence.socket_drops = 12;
  EXPECT_EQ(check_socket_buffer(example.evidence, example.host).seen,
            "12 datagrams found the socket's buffer full in 3 s");
  // Of another group on that port.
  example.evidence.arrived = 0;
  example.host.flows->clear();
  EXPECT_EQ(check_socket_buffer(example.evidence, example.host).verdict, Verdict::kUnknown);
  example.evidence.socket_drops = fail("UDP port 19779 is held by a socket that does not share it");
  EXPECT_EQ(check_socket_buffer(example.evidence, example.host).verdict, Verdict::kUnknown);
}

// --- no_traffic

TEST(NoTraffic, IsFoundOnlyWhereNothingElseIs) {
  Example example;
  example.host.flows->clear();
  example.evidence.arrived = 0;
  example.evidence.sources.clear();
  EXPECT_EQ(example.all(), std::vector<std::string>{"no_traffic"});
  example.host.memberships.clear();
  EXPECT_EQ(example.all(), std::vector<std::string>{"not_joined"});
}

TEST(NoTraffic, IsFineWherePacketsArriveEvenUnseen) {
  // What a program on this host sends to another one here passes no wire.
  Example example;
  example.host.flows->clear();
  EXPECT_TRUE(example.all().empty());
}

TEST(NoTraffic, IsUnknownToWhoMayNotListen) {
  Example example;
  example.host.flows = std::unexpected(kNoPrivilege);
  example.evidence.arrived = 0;
  EXPECT_EQ(check_traffic(example.evidence, example.host, {}).verdict, Verdict::kUnknown);
}

// --- all together

TEST(Examine, AsksEveryCheckInOrderAndFindsNothingInWhatWorks) {
  Example receiver;
  const auto findings = receiver.examine();
  ASSERT_EQ(findings.size(), kAllChecks.size());
  for (std::size_t i = 0; i < findings.size(); ++i) EXPECT_EQ(findings[i].check, kAllChecks[i]);
  EXPECT_TRUE(receiver.all().empty());
  Example router;
  router.be_router();
  EXPECT_TRUE(router.all().empty());
  Example bridge;
  bridge.be_bridge();
  EXPECT_TRUE(bridge.all().empty());
}

TEST(Examine, FindsEachCauseAlone) {
  const auto only = [](const auto& breaks, const std::string& name) {
    Example example;
    breaks(example);
    EXPECT_EQ(example.all(), std::vector<std::string>{name});
  };
  only(
      [](Example& e) {
        e.host.links[1].up = false;
        e.evidence.arrived = 0;
        e.host.flows->clear();
      },
      "interface_down");
  only(
      [](Example& e) {
        e.route_back(kEth2);
        e.evidence.sources[0].accepted = false;
        e.evidence.arrived = 0;
      },
      "reverse_path_filter");
  only(
      [](Example& e) {
        e.route_back(0);
        e.evidence.sources[0].accepted = false;
        e.evidence.arrived = 0;
      },
      "no_route_to_source");
  only([](Example& e) { e.evidence.arrived = 0; }, "not_delivered");
  only(
      [](Example& e) {
        e.evidence.arrived = 0;
        e.host.flows->front().destination_port = 5000;
      },
      "unexpected_traffic");
  only(
      [](Example& e) {
        e.be_bridge();
        e.host.bridge_entries->clear();
        e.host.flows->pop_back();
        e.evidence.arrived = 0;
      },
      "no_bridge_entry");
}

TEST(Examine, OfABlindPersonGuessesNothing) {
  Example example;
  example.host.flows = std::unexpected(kNoPrivilege);
  example.host.igmp_activity = std::unexpected(kNoPrivilege);
  example.host.counters = fail("netstat: cannot read");
  example.host.bridges = fail("needs netlink");
  example.host.routes = fail("needs netlink");
  example.evidence.arrived = fail("UDP port 19779 is held by a socket that does not share it");
  example.evidence.socket_drops = fail("the same");
  example.evidence.sources[0].accepted = fail("needs netlink");
  EXPECT_TRUE(example.all().empty());
  EXPECT_EQ(example.all(Verdict::kFine),
            (std::vector<std::string>{"interface_down", "not_joined", "reverse_path_filter",
                                      "no_route_to_source", "igmp_version", "ttl_expired",
                                      "multicast_route"}));
}

}  // namespace
}  // namespace mcast::findings::test
