// not_delivered, unexpected_traffic, socket_overflow, no_traffic: from the wire to the socket. Each
// says "found" of its cause, "fine" of what is right, and "unknown" where what it needs is missing.
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

class NotDelivered : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, NotDelivered, both_families(), family_name);
class UnexpectedTraffic : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, UnexpectedTraffic, both_families(), family_name);
class SocketOverflow : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, SocketOverflow, both_families(), family_name);
class NoTraffic : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, NoTraffic, both_families(), family_name);

TEST_P(NotDelivered, IsFoundWherePacketsStopBetweenInterfaceAndSocket) {
  Example filtered;
  filtered.evidence.arrived = 0;
  Finding finding = filtered.answer(Check::kNotDelivered);
  EXPECT_EQ(finding.seen,
            "75 packets came in on eth1 in 3 s, none reached the socket, and no checksum was "
            "wrong");
  EXPECT_THAT(finding.meaning, HasSubstr("packet filter"));

  Example checksum;
  checksum.evidence.arrived = 0;
  checksum.counters().checksum_errors = 75;
  finding = checksum.answer(Check::kNotDelivered);
  EXPECT_EQ(finding.verdict, Verdict::kFound);
  EXPECT_THAT(finding.seen, HasSubstr("75 datagrams had a wrong UDP checksum"));

  Example malformed;
  malformed.evidence.arrived = 0;
  malformed.host.flows->front().bad_udp_length = 75;
  EXPECT_THAT(malformed.answer(Check::kNotDelivered).seen, HasSubstr("UDP length"));
}

TEST_P(NotDelivered, TellsMissingFragmentsFromAPacketFilter) {
  Example example;
  example.evidence.arrived = 0;
  example.host.flows->front().fragments = 75;
  example.counters().fragments = 150;
  EXPECT_THAT(example.answer(Check::kNotDelivered).seen,
              HasSubstr("they are fragments, and no datagram could be put together"));
  EXPECT_EQ(example.all(), Names{"not_delivered"});
  // Some were: it is something else that drops them.
  example.counters().reassembled = 20;
  EXPECT_THAT(example.answer(Check::kNotDelivered).meaning, HasSubstr("packet filter"));
}

TEST_P(NotDelivered, NamesASourceThatNoHostMayHave) {
  std::vector<std::string> sources{"239.1.1.9", "0.0.0.0"};
  if (!is_v4()) sources = {"ff02::1", "::1"};
  for (const std::string& source : sources) {
    Example example;
    example.evidence.arrived = 0;
    example.evidence.sources.clear();
    example.host.flows->front().source = IpAddress::parse(source).value();
    EXPECT_THAT(example.answer(Check::kNotDelivered).seen,
                HasSubstr(source + " is no address that a host can send from"));
  }
  // The kernel takes an unspecified source of IPv6.
  if (is_v4()) return;
  Example example;
  example.evidence.arrived = 0;
  example.host.flows->front().source = IpAddress::parse("::").value();
  EXPECT_THAT(example.answer(Check::kNotDelivered).meaning, HasSubstr("packet filter"));
}

TEST_P(NotDelivered, IsFineWherePacketsReachTheSocket) {
  const Example example;
  EXPECT_EQ(example.answer(Check::kNotDelivered).seen, "75 packets reached the socket");
}

TEST(NotDeliveredOfIpv4, NamesTheRoutingWhereTheKernelSaysSo) {
  Example refused;
  refused.evidence.arrived = 0;
  refused.evidence.sources[0].accepted = false;
  EXPECT_THAT(refused.answer(Check::kNotDelivered).seen,
              HasSubstr("because the kernel's routing refuses packets of 10.1.1.1"));
  refused.host.addresses.push_back(
      {.ifindex = kEth2, .address = ip("10.1.1.1"), .prefix_length = 24});
  EXPECT_THAT(refused.answer(Check::kNotDelivered).seen,
              HasSubstr("10.1.1.1 is an address of this host, too"));
}

TEST_P(NotDelivered, DoesNotTakeChecksumsOfOthersForItsOwn) {
  Example example;
  example.evidence.arrived = 0;
  example.counters().checksum_errors = 5;
  const Finding finding = example.answer(Check::kNotDelivered);
  EXPECT_THAT(finding.seen, HasSubstr("5 datagrams of this host had a wrong checksum"));
  EXPECT_THAT(finding.meaning, HasSubstr("packet filter"));
}

TEST_P(NotDelivered, OfAReceiverWithoutAKnownPortIsOfOpenPortsAlone) {
  Example example;
  example.evidence.arrived = 0;
  example.evidence.subject.port.reset();
  example.evidence.subject.expects_probe_packets = false;
  example.host.flows->front().destination_port = 5001;
  EXPECT_EQ(example.all(), Names{"unexpected_traffic"});
}

TEST(NotDeliveredOfIpv4, IsUnknownWhereItIsNotItsCause) {
  Example rp_filter;
  rp_filter.evidence.arrived = 0;
  rp_filter.route_back(kEth2);
  rp_filter.evidence.sources[0].accepted = false;
  EXPECT_EQ(rp_filter.answer(Check::kNotDelivered).verdict, Verdict::kUnknown);
  Example other_port;
  other_port.evidence.arrived = 0;
  other_port.host.flows->front().destination_port = 5000;
  EXPECT_EQ(other_port.answer(Check::kNotDelivered).verdict, Verdict::kUnknown);
  Example blind;
  blind.evidence.arrived = 0;
  blind.host.flows = std::unexpected(kNoPrivilege);
  EXPECT_EQ(blind.answer(Check::kNotDelivered).seen, "CAP_NET_RAW is missing");
  blind.evidence.arrived = 1;
  EXPECT_EQ(blind.answer(Check::kNotDelivered).seen, "1 packet reached the socket");
}

TEST_P(UnexpectedTraffic, IsFoundOfAnotherPort) {
  Example example;
  example.host.flows->front().destination_port = 5000;
  EXPECT_EQ(example.answer(Check::kUnexpectedTraffic).seen,
            say("10.1.1.1 sends to UDP port 5000, the receiver listens on 19779"));
  // Without a port to compare with: only where nobody at all is bound to it.
  example.evidence.subject.port.reset();
  EXPECT_THAT(example.answer(Check::kUnexpectedTraffic).seen,
              HasSubstr("no socket that could get it is bound to that port"));
  example.host.open_ports.insert(5000);
  example.evidence.subject.expects_probe_packets = false;
  EXPECT_EQ(example.answer(Check::kUnexpectedTraffic).verdict, Verdict::kFine);
}

TEST_P(UnexpectedTraffic, IsFoundOfForeignPacketsAndOfAnotherSource) {
  Example foreign;
  foreign.host.flows->front().signature_packets = 0;
  foreign.host.flows->front().bytes = std::uint64_t{75} * 1316;
  EXPECT_EQ(
      foreign.answer(Check::kUnexpectedTraffic).seen,
      say("75 packets from 10.1.1.1 arrived in 3 s (25 pps, 263 kbps), but they are not mcast-send "
          "probes, so loss cannot be measured"));
  Example source;
  source.evidence.subject.source = ip("10.1.1.3");
  EXPECT_EQ(source.answer(Check::kUnexpectedTraffic).seen,
            say("239.1.1.1 comes from 10.1.1.1, not from 10.1.1.3"));
}

TEST_P(UnexpectedTraffic, OfASecondJoinedSourceIsNotUnexpected) {
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

TEST_P(UnexpectedTraffic, OfFragmentsIsSeenByTheirFirstOnes) {
  Example example;
  example.host.flows->front().destination_port = 0;
  example.host.flows->front().signature_packets = 0;
  example.host.flows->push_back(flow(kEth1, "10.1.1.1", 5000));
  EXPECT_EQ(example.answer(Check::kUnexpectedTraffic).seen,
            say("10.1.1.1 sends to UDP port 5000, the receiver listens on 19779"));
}

TEST_P(UnexpectedTraffic, IsFineOfOursBesideOthers) {
  Example example;
  example.host.flows->push_back(flow(kEth1, "10.1.1.1", 5000));
  EXPECT_EQ(example.answer(Check::kUnexpectedTraffic).verdict, Verdict::kFine);
}

TEST_P(UnexpectedTraffic, IsUnknownWithoutTraffic) {
  Example example;
  example.host.flows->clear();
  EXPECT_EQ(example.answer(Check::kUnexpectedTraffic).verdict, Verdict::kUnknown);
}

TEST_P(SocketOverflow, IsFoundFineOrUnknown) {
  Example example;
  EXPECT_EQ(example.answer(Check::kSocketOverflow).verdict, Verdict::kFine);
  example.evidence.socket_drops = 12;
  EXPECT_EQ(example.answer(Check::kSocketOverflow).seen,
            "12 datagrams found the socket's buffer full in 3 s");
  // They were of another group on that port.
  example.evidence.arrived = 0;
  example.host.flows->clear();
  EXPECT_EQ(example.answer(Check::kSocketOverflow).verdict, Verdict::kUnknown);
  example.evidence.socket_drops = fail("UDP port 19779 is held by a socket that does not share it");
  EXPECT_EQ(example.answer(Check::kSocketOverflow).verdict, Verdict::kUnknown);
}

TEST_P(NoTraffic, IsFoundOnlyWhereNothingElseIs) {
  Example example;
  example.host.flows->clear();
  example.evidence.arrived = 0;
  example.evidence.sources.clear();
  EXPECT_EQ(example.all(), std::vector<std::string>{"no_traffic"});
  example.host.memberships.clear();
  EXPECT_EQ(example.all(), std::vector<std::string>{"not_joined"});
}

TEST_P(NoTraffic, IsFineWherePacketsArriveEvenUnseen) {
  // What a program on this host sends to another one here passes no wire.
  Example example;
  example.host.flows->clear();
  EXPECT_TRUE(example.all().empty());
}

TEST_P(NoTraffic, IsUnknownToWhoMayNotListen) {
  Example example;
  example.host.flows = std::unexpected(kNoPrivilege);
  example.evidence.arrived = 0;
  EXPECT_EQ(check_traffic(SubjectView(example.evidence, example.host), {}).verdict,
            Verdict::kUnknown);
}

}  // namespace
}  // namespace mcast::findings::test
