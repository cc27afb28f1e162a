// mcast-status --why: each topology has one real cause, and shows exactly that one.
//
//   sender eth1 --- r0 [router] r1 --- eth1 receiver      or without the router
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"
#include "tests/netns/why.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;
using testing::HasSubstr;

constexpr int kWrong = 3;

// --- no router

class WhyDirect : public Why {
 protected:
  WhyDirect() { connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2)); }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};
INSTANTIATE_TEST_SUITE_P(, WhyDirect, both_families(), net_name);

TEST_P(WhyDirect, NothingIsWrongWhereAStreamArrives) {
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group});
  const Answer answer = why(receiver_, net_.group);
  expect_nothing(answer);
  EXPECT_THAT(answer.seen("not_delivered"), HasSubstr("reached the socket"));
  EXPECT_THAT(answer.json["answers"][0]["streams"][0], HasSubstr("mcast-receive["));
  // Whoever arrives need not be listened to for the whole time.
  EXPECT_LT(answer.json["watched_seconds"], 2.5);
}

TEST_P(WhyDirect, NobodySends) {
  const Process receiver = receive(receiver_, {net_.group});
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "no_traffic");
  // As long as it really watched: a busy machine gives it more time than it asked for.
  EXPECT_THAT(answer.seen("no_traffic"), testing::MatchesRegex("no packet to " + net_.group +
                                                               " was seen on eth1 in [0-9.]+ s"));
}

TEST_P(WhyDirect, NobodyJoined) {
  const Process sender = send(sender_, net_.group);
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "not_joined");
  EXPECT_EQ(answer.seen("not_joined"),
            "no socket of this host has joined " + net_.group + ", which arrives on eth1");
}

TEST_P(WhyDirect, JoinedOnAnotherInterface) {
  connect(receiver_, "eth2", addresses(2, 2), sender_, "eth2", addresses(2, 1));
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group}, "eth2");
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "not_joined");
  EXPECT_EQ(answer.seen("not_joined"), net_.group + " is joined on eth2, but arrives on eth1");
}

TEST_P(WhyDirect, AnotherSourceThanTheJoinedOne) {
  const Process sender = send(sender_, net_.ssm_group);
  const Process receiver = receive(receiver_, {net_.ssm_group, net_.host(1, 3)});
  const Answer answer = why(receiver_, net_.ssm_group, {"--for", "500ms"});
  expect_only(answer, "unexpected_traffic");
  EXPECT_EQ(answer.seen("unexpected_traffic"),
            net_.ssm_group + " comes from " + net_.host(1, 1) + ", not from " + net_.host(1, 3));
}

// IPv6 has no reverse path filter.
class WhyReversePath : public WhyDirect {};
INSTANTIATE_TEST_SUITE_P(, WhyReversePath, testing::Values(ipv4()), net_name);

TEST_P(WhyReversePath, TheReversePathFilterDropsTheSource) {
  // eth1 has the packets, eth2 the way back.
  connect(receiver_, "eth2", addresses(2, 2), sender_, "eth2", addresses(2, 1));
  add_address(sender_, "eth1", "10.9.0.1/24");
  add_route(receiver_, "10.9.0.0/24", net_.host(2, 1));
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  const Process sender = send(sender_, net_.group, {"--source", "10.9.0.1"});
  const Process receiver = receive(receiver_, {net_.group});
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "reverse_path_filter");
  EXPECT_THAT(
      answer.seen("reverse_path_filter"),
      HasSubstr("packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by eth2, "
                "and rp_filter of eth1 is 1 (strict); it dropped "));
  // The command that it names mends it.
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "2");
  expect_nothing(why(receiver_, net_.group));
}

TEST_P(WhyReversePath, NoRouteLeadsBackToTheSource) {
  add_address(sender_, "eth1", "10.9.0.1/24");
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  const Process sender = send(sender_, net_.group, {"--source", "10.9.0.1"});
  const Process receiver = receive(receiver_, {net_.group});
  expect_only(why(receiver_, net_.group, {"--for", "500ms"}), "no_route_to_source");
  add_route(receiver_, "10.9.0.1", "", "eth1");
  expect_nothing(why(receiver_, net_.group));
}

TEST_P(WhyDirect, APacketFilterDropsItInInput) {
  nft(receiver_,
      "table inet filter {\n"
      "  chain input {\n"
      "    type filter hook input priority 0; policy accept;\n"
      "    " +
          net_.to_group() +
          " drop\n"
          "  }\n"
          "}\n");
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group});
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "not_delivered");
  EXPECT_THAT(answer.seen("not_delivered"), HasSubstr("none reached the socket"));
}

TEST_P(WhyDirect, TheSenderUsesAnotherPort) {
  const Process sender = send(sender_, net_.group, {"--port", "5000"});
  const Process receiver = receive(receiver_, {net_.group});
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "unexpected_traffic");
  EXPECT_EQ(answer.seen("unexpected_traffic"),
            net_.host(1, 1) + " sends to UDP port 5000, the receiver listens on 19779");
}

TEST_P(WhyReversePath, ASecondInterfaceThatSeesThePacketsTooIsNoMatter) {
  // Both of the receiver's interfaces are on one LAN that floods; strict filtering would
  // drop what comes in on the one that is not asked about.
  Namespace lan("lan");
  connect(receiver_, "eth2", addresses(3, 2), lan, "p2", "");
  connect(receiver_, "eth3", addresses(3, 3), lan, "p3", "");
  add_bridge(lan, "br0", {.snooping = false});
  add_to_bridge(lan, "br0", "p2");
  add_to_bridge(lan, "br0", "p3");
  add_address(lan, "br0", addresses(3, 1));
  wait_for_carrier(lan, "br0");
  receiver_.set_sysctl("net.ipv4.conf.all.rp_filter", "1");
  const Process sender =
      start(lan, "mcast-send", {net_.group, "-i", "br0", "-r", "50pps", "--quiet"});
  const Process receiver = receive(receiver_, {net_.group}, "eth2");
  expect_nothing(why(receiver_, net_.group));
}

TEST_P(WhyDirect, AskingForASourceOfAJoinOfAnyDoesNotMakeItSsm) {
  receiver_.set_sysctl(net_.forced_key, std::to_string(net_.older_version));
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group, "--no-force"});
  expect_nothing(why(receiver_, net_.group + "," + net_.host(1, 1)));
  receiver_.set_sysctl(net_.forced_key, "0");
}

TEST_P(WhyDirect, TheInterfaceIsDown) {
  const Process receiver = receive(receiver_, {net_.group});
  link_down(receiver_, "eth1");
  Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "interface_down");
  EXPECT_EQ(answer.seen("interface_down"), "eth1 is down");
  // Its other end is: no carrier.
  link_up(receiver_, "eth1");
  link_down(sender_, "eth1");
  answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "interface_down");
  EXPECT_EQ(answer.seen("interface_down"), "eth1 is up but has no carrier");
}

TEST_P(WhyDirect, TheReceiverIsSlowerThanTheSender) {
  const Process receiver = receive(receiver_, {net_.group});
  const Process sender = send(sender_, net_.group, {"-r", "20000pps", "--size", "1400"});
  receiver.signal(SIGSTOP);
  // Local address, port and twelve columns more; the last one counts drops.
  const auto overflows = [&] {
    std::istringstream lines(receiver_.proc_net(net_.is_v4() ? "udp" : "udp6"));
    for (std::string line; std::getline(lines, line);) {
      if (line.find(":4D43 ") != std::string::npos &&
          !line.substr(line.rfind(' ', line.find_last_not_of(' '))).starts_with(" 0")) {
        return true;
      }
    }
    return false;
  };
  ASSERT_TRUE(eventually(20s, overflows,
                         [&] { return receiver_.proc_net(net_.is_v4() ? "udp" : "udp6"); }));
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  receiver.signal(SIGCONT);
  expect_only(answer, "socket_overflow");
}

// --- a bridge in the receiver's host

class WhyBridge : public Why {
 protected:
  // sender eth1 --- p1 [br0 10.1.1.2] receiver
  void build(const BridgeOptions& options) {
    connect(sender_, "eth1", addresses(1, 1), receiver_, "p1", "");
    add_bridge(receiver_, "br0", options);
    add_to_bridge(receiver_, "br0", "p1");
    add_address(receiver_, "br0", addresses(1, 2));
    wait_for_carrier(receiver_, "br0");
  }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};
INSTANTIATE_TEST_SUITE_P(, WhyBridge, both_families(), net_name);

TEST_P(WhyBridge, WithoutAQuerierItForgets) {
  build({.snooping = true, .querier = false});
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group}, "br0");
  const Answer answer = why(receiver_, net_.group, {"--for", "500ms"});
  expect_only(answer, "no_querier");
  EXPECT_EQ(answer.seen("no_querier"), "br0 snoops " + net_.protocol + " and has heard no query");
}

TEST_P(WhyBridge, WithAQuerierNothingIsWrong) {
  build({.snooping = true, .querier = true, .query_interval_ms = 1000});
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group}, "br0");
  EXPECT_TRUE(eventually(
      10s, [&] { return why(receiver_, net_.group).exit_status == 0; },
      [&] { return why(receiver_, net_.group).text; }));
}

TEST_P(WhyBridge, HasNoEntryForTheGroup) {
  build({.snooping = true, .querier = true, .query_interval_ms = 60'000});
  const Process sender = send(sender_, net_.group);
  const Process receiver = receive(receiver_, {net_.group}, "br0");
  const auto entry = [&] {
    return receiver_.run({"bridge", "mdb", "show", "dev", "br0"}).find(net_.group) !=
           std::string::npos;
  };
  ASSERT_TRUE(eventually(5s, entry));
  // A bridge forwards by its entries once its querier has asked for a while; and the host
  // reports its join a second time soon after the first, which brings the entry back.
  Answer answer;
  ASSERT_TRUE(eventually(20s, [&] {
    (void)receiver_.try_run(
        {"bridge", "mdb", "del", "dev", "br0", "port", "br0", "grp", net_.group});
    answer = why(receiver_, net_.group, {"--for", "500ms"});
    return answer.exit_status == kWrong;
  }));
  expect_only(answer, "no_bridge_entry");
}

// --- a router

class WhyRouted : public Why {
 protected:
  WhyRouted()
      : path_(1, {{.group = net_.group, .source = net_.host(1, 1)},
                  {.group = net_.ssm_group, .source = net_.host(1, 1)}}) {}

  [[nodiscard]] const Namespace& router() const { return path_.routers.front(); }

  RoutedPath path_;
};
INSTANTIATE_TEST_SUITE_P(, WhyRouted, both_families(), net_name);

TEST_P(WhyRouted, NothingIsWrongOnRouterAndReceiverWhereAStreamArrives) {
  const Process sender = send(path_.sender, net_.group);
  const Process receiver = receive(path_.receiver, {net_.group});
  expect_nothing(why(path_.receiver, net_.group));
  const Answer answer = why(router(), net_.group);
  expect_nothing(answer);
  EXPECT_EQ(answer.seen("multicast_route"),
            "(" + net_.host(1, 1) + ", " + net_.group + ") from r0 to r1");
}

TEST_P(WhyRouted, AnSsmJoinIsReportedInAnOlderVersion) {
  const Process sender = send(path_.sender, net_.ssm_group);
  path_.receiver.set_sysctl(net_.forced_key, std::to_string(net_.older_version));
  const Process receiver = receive(path_.receiver, {net_.ssm_group, net_.host(1, 1), "--no-force"});
  const Answer answer = why(path_.receiver, net_.ssm_group + "," + net_.host(1, 1));
  expect_only(answer, net_.version_key);
  const std::string older = std::to_string(net_.older_version);
  EXPECT_EQ(answer.seen(net_.version_key), "eth1 reports in " + net_.protocol + "v" + older +
                                               ", because force_" + net_.version_key + " is " +
                                               older);
  path_.receiver.set_sysctl(net_.forced_key, "0");
}

TEST_P(WhyRouted, TheTtlIsSpentAtTheRouter) {
  const Process sender = send(path_.sender, net_.group, {"--ttl", "1"});
  const Process receiver = receive(path_.receiver, {net_.group});
  const Answer answer = why(router(), net_.group, {"--for", "500ms"});
  expect_only(answer, "ttl_expired");
  EXPECT_EQ(answer.seen("ttl_expired"),
            "packets of " + net_.host(1, 1) + " come in on r0 with " + net_.hops_word +
                " 1, and r1 only forwards packets with a " + net_.hops_word +
                " "
                "above 1");
  expect_only(why(path_.receiver, net_.group, {"--for", "500ms"}), "no_traffic");
}

TEST_P(WhyRouted, AReceiverOnTheRouterIsNotItsRoutes) {
  const Process sender = send(path_.sender, net_.group, {"--ttl", "1"});
  const Process receiver = receive(router(), {net_.group}, "r0");
  expect_nothing(why(router(), net_.group));
}

TEST_P(WhyRouted, APacketFilterInPreroutingKeepsItFromTheRoute) {
  nft(router(), "table " + net_.nft +
                    " filter {\n"
                    "  chain early {\n"
                    "    type filter hook prerouting priority -300; policy accept;\n"
                    "    " +
                    net_.to_group() +
                    " drop\n"
                    "  }\n"
                    "}\n");
  const Process sender = send(path_.sender, net_.group);
  const Answer answer = why(router(), net_.group, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_THAT(answer.seen("multicast_route"), HasSubstr("and the route counted none"));
}

TEST_P(WhyRouted, TheOutgoingInterfaceIsDown) {
  const Process sender = send(path_.sender, net_.group);
  link_down(path_.receiver, "eth1");
  const Answer answer = why(router(), net_.group, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_THAT(answer.seen("multicast_route"), HasSubstr("is down or has no carrier"));
}

class WhyStaticRoute : public Why {
 protected:
  // sender eth1 --- r0 [router] r1 --- eth1 receiver, and a second way in: eth2 --- r2
  void build(const std::string& configuration) {
    connect(sender_, "eth1", addresses(1, 1), router_, "r0", addresses(1, 2));
    connect(router_, "r1", addresses(2, 1), receiver_, "eth1", addresses(2, 2));
    connect(sender_, "eth2", addresses(3, 1), router_, "r2", addresses(3, 2));
    daemon_.emplace(router_, configuration);
  }

  Namespace sender_{"sender"};
  Namespace router_{"router"};
  Namespace receiver_{"receiver"};
  std::optional<SmcRouter> daemon_;
};
INSTANTIATE_TEST_SUITE_P(, WhyStaticRoute, both_families(), net_name);

TEST_P(WhyStaticRoute, HasNoOutgoingInterface) {
  build("mgroup from r0 group " + net_.group + " source " + net_.host(1, 1) +
        "\n"
        "mroute from r0 group " +
        net_.group + " source " + net_.host(1, 1) + "\n");
  const Process sender = send(sender_, net_.group);
  const Answer answer = why(router_, net_.group, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_EQ(answer.seen("multicast_route"), "(" + net_.host(1, 1) + ", " + net_.group +
                                                ") comes in on r0 and has no outgoing interface");
}

TEST_P(WhyStaticRoute, IsFedFromTheWrongInterface) {
  build("mgroup from r0 group " + net_.group +
        "\n"
        "mgroup from r2 group " +
        net_.group +
        "\n"
        "mroute from r0 group " +
        net_.group + " source " + net_.host(1, 1) + " to r1\n");
  const Process sender =
      start(sender_, "mcast-send",
            {net_.group, "-i", "eth2", "--source", net_.host(1, 1), "-r", "50pps", "--quiet"});
  const Answer answer = why(router_, net_.group, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_THAT(answer.seen("multicast_route"),
              HasSubstr("expects packets on r0, they come in on r2 ("));
}

}  // namespace
}  // namespace mcast::test
