// scope, link_local_source, dad, and of senders wrong_egress and path_mtu: what IPv6 has of its
// own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using Names = std::vector<std::string>;
using testing::HasSubstr;

IpAddress v6(const char* text) {
  return IpAddress::parse(text).value();
}

class Scope : public BothFamilies {
 protected:
  void ask_about(const IpAddress& group) {
    example_.evidence.subject.group = group;
    for (auto& membership : example_.host.memberships) membership.group = group;
    for (auto& flow : *example_.host.flows) flow.group = group;
    for (auto* const routes : {&example_.host.routes_before, &example_.host.routes}) {
      for (auto& route : **routes) route.group = group;
    }
  }
  IpAddress link_local() const { return is_v4() ? ip("224.0.0.251") : v6("ff12::8000:1"); }

  Example example_;
};
INSTANTIATE_TEST_SUITE_P(, Scope, both_families(), family_name);

TEST_P(Scope, IsFoundOnARouterThatGetsALinkLocalGroup) {
  example_.be_router();
  ask_about(link_local());
  EXPECT_EQ(example_.all(), Names{"scope"});
  EXPECT_EQ(example_.answer(Check::kScope).seen,
            is_v4() ? "224.0.0.251 is link-local and comes in on eth1"
                    : "ff12::8000:1 is of link-local scope and comes in on eth1");
  // The router's own: a routing protocol, say. A daemon joins what it should forward, too.
  const auto joined_on_router = [&](const IpAddress& group) {
    ask_about(group);
    example_.host.memberships = {{.ifindex = kEth1, .group = group, .users = 1}};
    example_.host.routes->clear();
    return example_.answer(Check::kScope).verdict;
  };
  EXPECT_EQ(joined_on_router(is_v4() ? ip("224.0.0.5") : v6("ff02::5")), Verdict::kFine);
  if (is_v4()) return;
  EXPECT_EQ(joined_on_router(link_local()), Verdict::kFound);
}

TEST_P(Scope, IsFoundOfASourceBehindARouterAndNotOnTheLink) {
  ask_about(link_local());
  EXPECT_EQ(example_.all(), Names{});
  example_.evidence.subject.source = ip("10.1.1.1");
  EXPECT_EQ(example_.answer(Check::kScope).verdict, Verdict::kFine);
  example_.host.flows->clear();
  example_.evidence.arrived = 0;
  example_.evidence.sources[0].route_back->gateway = ip("10.1.1.254");
  EXPECT_EQ(example_.all(), Names{"scope"});
  EXPECT_THAT(example_.answer(Check::kScope).seen,
              HasSubstr(say("is behind the router 10.1.1.254")));
}

TEST_P(Scope, IsFineOfGroupsThatRoutersMayForward) {
  EXPECT_EQ(example_.answer(Check::kScope).seen, say("routers may forward 239.1.1.1"));
  example_.be_router();
  EXPECT_EQ(example_.answer(Check::kScope).verdict, Verdict::kFine);
}

class Ipv6Alone : public Scope {};
INSTANTIATE_TEST_SUITE_P(, Ipv6Alone, testing::Values(Family::kIpv6), family_name);

TEST_P(Ipv6Alone, AnInterfaceLocalGroupIsExpectedInVain) {
  ask_about(v6("ff11::1"));
  example_.host.flows->clear();
  example_.evidence.arrived = 0;
  EXPECT_EQ(example_.all(), Names{"scope"});
  EXPECT_EQ(example_.answer(Check::kScope).seen,
            "ff11::1 is of interface-local scope, and is expected on eth1");
}

TEST_P(Ipv6Alone, ALinkLocalSourceIsFoundWhereARouterShouldForwardIt) {
  example_.be_router();
  example_.host.flows->front().source = v6("fe80::9");
  example_.host.routes->front().source = v6("fe80::9");
  example_.host.routes_before->front().source = v6("fe80::9");
  EXPECT_EQ(example_.all(), Names{"link_local_source"});
  EXPECT_EQ(example_.answer(Check::kLinkLocalSource).seen,
            "packets of fe80::9%eth1 come in on eth1, to be forwarded");
  // On one link they are as good as any.
  Example receiver;
  receiver.host.flows->front().source = v6("fe80::9");
  receiver.evidence.sources[0].source = v6("fe80::9");
  EXPECT_EQ(receiver.all(), Names{});
  // Nobody but its own link can have a receiver that joins it from there.
  receiver.evidence.subject.source = v6("fe80::7");
  receiver.host.flows->clear();
  receiver.evidence.arrived = 0;
  receiver.evidence.sources.clear();
  EXPECT_EQ(receiver.all(), Names{"link_local_source"});
}

TEST_P(Ipv6Alone, DadIsFoundOfTheAddressThatReportsLeaveFrom) {
  auto& link_local = example_.host.addresses[3];
  ASSERT_TRUE(link_local.address.is_link_local_unicast());
  EXPECT_EQ(example_.answer(Check::kDad).verdict, Verdict::kFine);
  link_local.tentative = true;
  EXPECT_EQ(example_.all(), Names{"dad"});
  EXPECT_EQ(example_.answer(Check::kDad).seen,
            "fe80::1:3 of eth1 is tentative: duplicate address detection runs");
  link_local.duplicate = true;
  EXPECT_EQ(example_.answer(Check::kDad).seen,
            "fe80::1:3 of eth1 is a duplicate: another host on the link has it");
  // Another interface's is no matter, nor is the global one, which no report leaves from.
  link_local.tentative = link_local.duplicate = false;
  example_.host.addresses[4].tentative = true;
  example_.host.addresses[1].tentative = true;
  EXPECT_EQ(example_.all(), Names{});
}

TEST_P(Ipv6Alone, WithoutALinkLocalAddressReportsAreForNobody) {
  example_.host.addresses.erase(example_.host.addresses.begin() + 3);
  EXPECT_EQ(example_.answer(Check::kInterfaceDown).seen, "eth1 has no link-local address");
  example_.host.addresses.erase(example_.host.addresses.begin() + 1);
  EXPECT_EQ(example_.answer(Check::kInterfaceDown).seen, "eth1 has no IPv6 address");
  EXPECT_THAT(example_.answer(Check::kInterfaceDown).remedy,
              HasSubstr("net.ipv6.conf.eth1.disable_ipv6=0"));
}

TEST(Dad, IsNoMatterOfIpv4) {
  EXPECT_EQ(Example().answer(Check::kDad).seen, "IPv4 has none");
  EXPECT_EQ(Example().answer(Check::kLinkLocalSource).seen, "IPv4 has none");
}

// 50 pps of 1,400 bytes out of eth1.
class Ipv6Sender : public BothFamilies {
 protected:
  Ipv6Sender() {
    evidence_.subject = {
        .stream = "tone",
        .group = ip("239.1.1.1"),
        .source = std::nullopt,
        .interface = "eth1",
        .port = std::uint16_t{19779},
        .sending =
            Sending{.packets_per_second = 50, .size = 1400, .ttl = 16, .address = ip("10.1.1.2")}};
    evidence_.subject.origin.command = {"mcast-send", "ff1e::ef:1:1:1"};
    evidence_.route_to_group =
        netlink::Route{.ifindex = kEth1, .preferred_source = std::nullopt, .gateway = std::nullopt};
    evidence_.sent = SentPackets{.packets = 500};
    evidence_.counted = 10 * kSecond;
    example_.host.memberships.clear();
    example_.heard(0);
  }
  [[nodiscard]] Names found() const {
    Names names;
    for (const Finding& finding : examine_sender(evidence_, example_.host)) {
      if (is_found(finding)) names.emplace_back(to_string(finding.check));
    }
    return names;
  }
  [[nodiscard]] Finding answer(Check check) const {
    for (const Finding& finding : examine_sender(evidence_, example_.host)) {
      if (finding.check == check) return finding;
    }
    return {};
  }

  Example example_;
  SenderEvidence evidence_;
};
INSTANTIATE_TEST_SUITE_P(, Ipv6Sender, testing::Values(Family::kIpv6), family_name);

TEST_P(Ipv6Sender, IsFineAlone) {
  EXPECT_EQ(found(), Names{});
}

TEST_P(Ipv6Sender, FragmentsForEverybodyAfterOnePacketTooBig) {
  evidence_.route_to_group->mtu = 1280;
  evidence_.route_to_group->mtu_expires = 590;
  EXPECT_EQ(found(), Names{"path_mtu"});
  const Finding finding = answer(Check::kPathMtu);
  EXPECT_EQ(finding.seen,
            "the path MTU to ff1e::ef:1:1:1 is 1280, and datagrams of 1400 bytes are fragmented; "
            "eth1 has 1500, a hop on the way said so (Packet Too Big), and it is believed for 590 "
            "s more");
  EXPECT_EQ(finding.remedy, "mcast-send ff1e::ef:1:1:1 --size 1232");
  evidence_.subject.sending->size = 1232;
  EXPECT_EQ(found(), Names{});
  evidence_.subject.sending->size = 1233;
  EXPECT_EQ(found(), Names{"path_mtu"});
  // The interface's own limit is nobody's fault.
  evidence_.subject.sending->size = 4000;
  evidence_.route_to_group->mtu = 1500;
  EXPECT_EQ(found(), Names{});
}

TEST_P(Ipv6Sender, OfAnUnknownProgramIsJudgedByItsFragments) {
  evidence_.route_to_group->mtu = 1280;
  evidence_.subject.sending->size = 0;
  example_.host.flows = std::vector{flow(kEth1, "10.1.1.2")};
  example_.host.flows->front().outgoing = true;
  EXPECT_EQ(answer(Check::kPathMtu).verdict, Verdict::kFine);
  example_.host.flows->front().fragments = 3;
  EXPECT_THAT(answer(Check::kPathMtu).seen, HasSubstr("packets leave in fragments"));
}

TEST_P(Ipv6Sender, FromALinkLocalAddressReachesItsLinkAlone) {
  evidence_.subject.sending->address = v6("fe80::1:3");
  EXPECT_EQ(found(), Names{"link_local_source"});
  EXPECT_EQ(answer(Check::kLinkLocalSource).remedy,
            "mcast-send ff1e::ef:1:1:1 --source 2001:db8::a:1:1:2");
  evidence_.subject.sending->ttl = 1;
  EXPECT_EQ(found(), Names{});
  evidence_.subject.sending->ttl = 16;
  evidence_.subject.group = v6("ff12::1");
  EXPECT_EQ(found(), Names{});
  evidence_.subject.group = v6("ff11::1");
  EXPECT_EQ(found(), Names{"scope"});
}

TEST_P(Ipv6Sender, CannotBindToAnAddressThatIsTestedOrADuplicate) {
  evidence_.sent = SentPackets{};
  auto& own = example_.host.addresses[1];
  own.tentative = true;
  EXPECT_EQ(found(), Names{"dad"});
  own.duplicate = true;
  EXPECT_THAT(answer(Check::kDad).seen, HasSubstr("is a duplicate"));
  // One without an address yet takes another one.
  evidence_.subject.sending->address.reset();
  EXPECT_EQ(answer(Check::kDad).verdict, Verdict::kFine);
  example_.host.addresses[3].tentative = true;
  EXPECT_EQ(answer(Check::kDad).verdict, Verdict::kFound);
}

class WrongEgress : public Ipv6Sender {};
INSTANTIATE_TEST_SUITE_P(, WrongEgress, both_families(), family_name);

TEST_P(WrongEgress, IsFoundWhereTheKernelChoseAndSomethingSaysOtherwise) {
  evidence_.subject.sending->interface_chosen = true;
  EXPECT_EQ(answer(Check::kWrongEgress).verdict, Verdict::kFine);
  example_.host.memberships = {{.ifindex = kEth2, .group = ip("239.1.1.1"), .users = 1}};
  EXPECT_EQ(found(), Names{"wrong_egress"});
  EXPECT_EQ(answer(Check::kWrongEgress).seen,
            "no interface is named, and the kernel chose eth1; the group is joined on eth2");
  EXPECT_EQ(answer(Check::kWrongEgress).remedy, "mcast-send ff1e::ef:1:1:1 -i eth2");
  netlink::InterfaceActivity& heard = example_.heard(1);
  heard.ifindex = kEth2;
  heard.querier.emplace();
  heard.querier->address = ip("10.2.2.1");
  EXPECT_THAT(answer(Check::kWrongEgress).seen,
              HasSubstr(say("the querier 10.2.2.1 is behind eth2")));
  // Its own interface has one, too.
  heard.ifindex = kEth1;
  EXPECT_EQ(found(), Names{});
  // A person has named it, or there is no other.
  heard.ifindex = kEth2;
  evidence_.subject.sending->interface_chosen = false;
  EXPECT_EQ(found(), Names{});
  evidence_.subject.sending->interface_chosen = true;
  example_.host.links[2].up = false;
  EXPECT_EQ(answer(Check::kWrongEgress).seen, "only eth1 can send");
}

}  // namespace
}  // namespace mcast::findings::test
