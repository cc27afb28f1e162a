// What IPv6 can have that IPv4 has not, and what stops queries of both: each topology has one
// cause, and shows exactly that one.
//
//   sender eth1 --- eth1 receiver      or     sender eth1 --- r0 [router] r1 --- eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/datagram.h"
#include "tests/netns/eventually.h"
#include "tests/netns/mld_speaker.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/why.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class WhyLink : public Why {
 protected:
  WhyLink() { connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2)); }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

class WhyLinkOfIpv6 : public WhyLink {};
INSTANTIATE_TEST_SUITE_P(, WhyLinkOfIpv6, testing::Values(ipv6()), net_name);

TEST_P(WhyLinkOfIpv6, AHostThatIsForcedToMldVersion2IsDeafToAQuerierOfVersion1) {
  const MldSpeaker querier(sender_, "eth1");
  const auto query = [&](int version) {
    return [&querier, version] { querier.send(mld_query({.version = version})); };
  };
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group, "--no-force"});
  receiver_.set_sysctl(net_.forced_key, "2");
  const Answer answer = why_while(receiver_, net_.group, {}, query(1));
  expect_only(answer, "mld_version");
  EXPECT_EQ(answer.seen("mld_version"), "eth1 is forced to MLDv2, and the querier " +
                                            link_local_address(sender_, "eth1") +
                                            "%eth1 speaks MLDv1");
  receiver_.set_sysctl(net_.forced_key, "0");
  expect_nothing(why_while(receiver_, net_.group, {}, query(1)));
}

TEST_P(WhyLinkOfIpv6, QueriesThatNoHostAnswersAreTheQueriersFault) {
  const MldSpeaker querier(sender_, "eth1");
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group});
  for (const auto& [envelope, reason] : std::vector<std::pair<MldSpeaker::Envelope, std::string>>{
           {{.router_alert = false}, "it has no router alert"},
           {{.hop_limit = 64}, "its hop limit is not 1"},
           {{.source = net_.host(1, 1)}, "its source address is not link-local"}}) {
    const Answer answer =
        why_while(receiver_, net_.group, {}, [&] { querier.send(mld_query({}), envelope); });
    expect_only(answer, "querier_invalid");
    EXPECT_THAT(answer.seen("querier_invalid"), testing::EndsWith(reason));
  }
  expect_nothing(why_while(receiver_, net_.group, {}, [&] { querier.send(mld_query({})); }));
}

TEST_P(WhyLinkOfIpv6, ADuplicateLinkLocalAddressIsNoneToReportFrom) {
  Namespace host("host", Namespace::Ipv6::kWithDad);
  connect(sender_, "eth2", addresses(2, 1), host, "eth1", addresses(2, 2));
  const std::string link = sender_.run({"ip", "-o", "link", "show", "dev", "eth2"});
  const std::string mac = link.substr(link.find("link/ether ") + 11, 17);
  link_down(host, "eth1");
  host.run({"ip", "link", "set", "dev", "eth1", "address", mac});
  link_up(host, "eth1");
  ASSERT_TRUE(eventually(10s, [&] {
    return host.run({"ip", "-6", "address", "show", "dev", "eth1"}).find("dadfailed") !=
           std::string::npos;
  }));
  const Process sender =
      start(sender_, "mcast-send", {net_.group, "-i", "eth2", "-r", "50pps", "--quiet"});
  const Process receiver = receive(host, {net_.group});
  const Answer answer = why(host, net_.group);
  expect_only(answer, "dad");
  EXPECT_THAT(answer.seen("dad"), HasSubstr("of eth1 is a duplicate"));
}

TEST_P(WhyLinkOfIpv6, APacketFilterOfIpv6IsNamedAndItsRemedyMendsIt) {
  nft(receiver_, "table inet lab { chain in { type filter hook input priority 0; policy accept; " +
                     net_.to_group() + " udp dport 19779 drop; }; }");
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group});
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "not_delivered");
  EXPECT_THAT(answer.seen("not_delivered"), HasSubstr("of chain in (table inet lab) drops them"));
  for (const auto& finding : answer.json["answers"][0]["findings"]) {
    if (finding["check"] == "not_delivered") receiver_.run({"sh", "-c", finding["remedy"]});
  }
  expect_nothing(why(receiver_, net_.group));
}

// --- queries of both families

class WhyQueries : public WhyLink {};
INSTANTIATE_TEST_SUITE_P(, WhyQueries, both_families(), net_name);

TEST_P(WhyQueries, ThatSomethingDropsOnInputAreSaidBeforeTheStreamStalls) {
  connect(sender_, "p1", "", receiver_, "eth2", addresses(2, 2));
  add_bridge(sender_, "br0",
             {.querier = true, .igmp_version = 3, .mld_version = 2, .query_interval_ms = 1'000});
  // How long a host may take for its answer, in hundredths of a second.
  sender_.run(
      {"ip", "link", "set", "br0", "type", "bridge", "mcast_query_response_interval", "100"});
  add_to_bridge(sender_, "br0", "p1");
  add_address(sender_, "br0", addresses(2, 1));
  wait_for_carrier(sender_, "br0");
  const Process sender =
      start(sender_, "mcast-send", {net_.group, "-i", "br0", "-r", "50pps", "--quiet"});
  const Agent agent(receiver_, receiver_configuration({.group = net_.group, .interface = "eth2"}));
  const auto found = [&] {
    return agent.metrics().value("mcast_finding",
                                 {{"stream", "video"}, {"check", "querier_invalid"}});
  };
  const auto packets = [&] {
    return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}});
  };
  ASSERT_TRUE(eventually(10s, [&] { return packets() > 0; }));
  EXPECT_TRUE(never(4s, [&] { return found() == 1; }));
  nft(receiver_, net_.is_v4()
                     ? "table inet lab { chain in { type filter hook input priority 0; policy "
                       "accept; ip protocol igmp drop; }; }"
                     : "table inet lab { chain in { type filter hook input priority 0; policy "
                       "accept; icmpv6 type mld-listener-query drop; }; }");
  EXPECT_TRUE(
      eventually(20s, [&] { return found() == 1; }, [&] { return agent.metrics().text(); }));
  const std::string text = agent.get("/api/v1/findings");
  EXPECT_THAT(text, HasSubstr("something drops " + net_.protocol + " on input; rule "));
  EXPECT_THAT(text, HasSubstr("of chain in (table inet lab) drops them"));
}

// --- a router

class WhyRoutedOfIpv6 : public Why {
 protected:
  // Of a router that knows the way from anybody, to a group of every scope.
  WhyRoutedOfIpv6()
      : path_(1, {{.group = net_.group, .source = ""}, {.group = kLinkGroup, .source = ""}}) {}
  [[nodiscard]] const Namespace& router() const { return path_.routers.front(); }

  static constexpr const char* kLinkGroup = "ff12::8000:101";
  RoutedPath path_;
};
INSTANTIATE_TEST_SUITE_P(, WhyRoutedOfIpv6, testing::Values(ipv6()), net_name);

TEST_P(WhyRoutedOfIpv6, AGroupOfLinkLocalScopePassesNoRouter) {
  const Process sender = send(path_.sender, kLinkGroup);
  const Answer answer = why(router(), kLinkGroup, {"--for", "1s"});
  expect_only(answer, "scope");
  EXPECT_EQ(answer.seen("scope"), "ff12::8000:101 is of link-local scope and comes in on r0");
  // A receiver that asks for a source behind the router waits in vain.
  const Process receiver = receive(path_.receiver, {"ff32::8000:101", net_.host(1, 1)});
  expect_only(why(path_.receiver, "ff32::8000:101", {"--for", "1s"}), "scope");
}

TEST_P(WhyRoutedOfIpv6, ALinkLocalSourceIsForwardedByNoOtherRouterThanLinux) {
  path_.sender.run({"ip", "address", "del", net_.interface_address(1, 1), "dev", "eth1"});
  const Process sender = send(path_.sender, net_.group, {"--ttl", "16"});
  Answer answer;
  ASSERT_TRUE(eventually(10s, [&] {
    answer = why(path_.sender, net_.group, {"--for", "1s"});
    return !answer.found.empty();
  }));
  expect_only(answer, "link_local_source");
  answer = why(router(), net_.group, {"--for", "1s"});
  expect_only(answer, "link_local_source");
  EXPECT_EQ(answer.seen("link_local_source"), "packets of " +
                                                  link_local_address(path_.sender, "eth1") +
                                                  "%r0 come in on r0, to be forwarded");
  // Linux does, and the receiver has nothing to complain of.
  const Process receiver = receive(path_.receiver, {net_.group});
  expect_nothing(why(path_.receiver, net_.group));
}

TEST_P(WhyRoutedOfIpv6, ANarrowHopMakesTheSenderFragmentForEverybody) {
  const Process receiver = receive(path_.receiver, {net_.group});
  const Process sender = send(path_.sender, net_.group, {"--size", "1400", "--ttl", "16"});
  ASSERT_TRUE(eventually(10s, [&] { return why(path_.sender, net_.group).exit_status == 0; }));
  router().run({"ip", "link", "set", "dev", "r1", "mtu", "1280"});
  Answer answer;
  EXPECT_TRUE(eventually(
      15s,
      [&] {
        answer = why(path_.sender, net_.group, {"--for", "1s"});
        return answer.found == Names{"path_mtu"};
      },
      [&] { return answer.text; }));
  EXPECT_THAT(
      answer.seen("path_mtu"),
      HasSubstr("is 1280, and datagrams of 1400 bytes are fragmented; eth1 has 1500, a hop on "
                "the way said so (Packet Too Big)"));
  // They arrive all the same.
  expect_nothing(why(path_.receiver, net_.group));
}

// --- several interfaces

class WhyEgress : public WhyLink {
 protected:
  WhyEgress() { connect(sender_, "eth2", addresses(2, 1), receiver_, "eth2", addresses(2, 2)); }
  // Where the kernel sends the group to by itself.
  [[nodiscard]] std::string choice() const {
    const std::string route = sender_.run({"ip", "route", "get", net_.group});
    return route.find("dev eth1") != std::string::npos ? "eth1" : "eth2";
  }
};
INSTANTIATE_TEST_SUITE_P(, WhyEgress, both_families(), net_name);

TEST_P(WhyEgress, OfAProgramThatNamesNoInterfaceIsFoundWhereTheMembersAreElsewhere) {
  if (net_.is_v4()) add_route(sender_, "224.0.0.0/4", "", "eth1");
  const std::string chosen = choice();
  const std::string other = chosen == "eth1" ? "eth2" : "eth1";
  const DatagramSender program(sender_, {.interface = chosen, .ttl = 7});
  const auto send_some = [&] { program.send(Datagram(100), net_.group, 5000); };
  const auto egress = [](const Answer& answer) {
    return std::ranges::find(answer.found, "wrong_egress") != answer.found.end();
  };
  EXPECT_FALSE(egress(why_while(sender_, net_.group, {"--for", "1s"}, send_some)));
  const Process receiver = receive(sender_, {net_.group, "--port", "5000"}, other);
  const Answer answer = why_while(sender_, net_.group, {"--for", "1s"}, send_some);
  EXPECT_TRUE(egress(answer)) << answer.text;
  EXPECT_THAT(answer.text,
              HasSubstr("the kernel chose " + chosen + "; the group is joined on " + other));
}

}  // namespace
}  // namespace mcast::test
