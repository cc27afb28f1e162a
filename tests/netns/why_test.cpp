// mcast-status --why: each topology has one real cause, and shows exactly that one.
//
//   sender eth1 --- r0 [router] r1 --- eth1 receiver      or without the router
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Names = std::vector<std::string>;
using testing::HasSubstr;

constexpr const char* kGroup = "239.0.10.101";
constexpr const char* kSsmGroup = "232.5.5.5";
constexpr int kWrong = 3;

class Why : public testing::Test {
 protected:
  struct Answer {
    int exit_status = 0;
    std::string text;  // stderr, and the JSON
    Names found;
    Names unknown;
    Json json;

    // What was seen of one check.
    [[nodiscard]] std::string seen(const std::string& check) const {
      for (const Json& finding : json["answers"][0]["findings"]) {
        if (finding["check"] == check) return finding["seen"];
      }
      return "";
    }
  };
  static Answer why(const Namespace& host, const std::string& question, Names more = {}) {
    Names arguments{"--why", question, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const RunResult result = host.try_run(command("mcast-status", arguments));
    Answer answer{.exit_status = result.exit_status,
                  .text = result.error + result.output,
                  .found = {},
                  .unknown = {},
                  .json = one_json_object(result.output)};
    for (const Json& one : answer.json["answers"]) {
      for (const Json& finding : one["findings"]) {
        if (finding["verdict"] == "found") answer.found.push_back(finding["check"]);
        if (finding["verdict"] == "unknown") answer.unknown.push_back(finding["check"]);
      }
    }
    return answer;
  }
  static void expect_only(const Answer& answer, const std::string& check) {
    EXPECT_EQ(answer.found, Names{check}) << answer.text;
    EXPECT_EQ(answer.exit_status, kWrong);
  }
  static void expect_nothing(const Answer& answer) {
    EXPECT_EQ(answer.found, Names{}) << answer.text;
    EXPECT_EQ(answer.exit_status, 0);
  }

  static Process start(const Namespace& host, const char* name, const Names& arguments) {
    Process process = host.spawn(command(name, arguments));
    return process;
  }
  // 50 packets a second, so that a short look sees enough of them.
  static Process send(const Namespace& host, const std::string& group, Names more = {}) {
    Names arguments{group, "-i", "eth1", "-r", "50pps", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return start(host, "mcast-send", arguments);
  }
  static Process receive(const Namespace& host, Names arguments, const std::string& on = "eth1") {
    arguments.insert(arguments.end(), {"-i", on});
    Process process = start(host, "mcast-receive", arguments);
    wait_until_joined(process);
    return process;
  }
};

// --- no router

class WhyDirect : public Why {
 protected:
  WhyDirect() { connect(sender_, "eth1", "10.1.1.1/24", receiver_, "eth1", "10.1.1.2/24"); }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_F(WhyDirect, NothingIsWrongWhereAStreamArrives) {
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup});
  const Answer answer = why(receiver_, kGroup);
  expect_nothing(answer);
  EXPECT_THAT(answer.seen("not_delivered"), HasSubstr("reached the socket"));
  EXPECT_THAT(answer.json["answers"][0]["streams"][0], HasSubstr("mcast-receive["));
  // Whoever arrives need not be listened to for the whole time.
  EXPECT_LT(answer.json["watched_seconds"], 2.5);
}

TEST_F(WhyDirect, NobodySends) {
  const Process receiver = receive(receiver_, {kGroup});
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "no_traffic");
  // As long as it really watched: a busy machine gives it more time than it asked for.
  EXPECT_THAT(answer.seen("no_traffic"),
              testing::MatchesRegex("no packet to 239.0.10.101 was seen on eth1 in [0-9.]+ s"));
}

TEST_F(WhyDirect, NobodyJoined) {
  const Process sender = send(sender_, kGroup);
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "not_joined");
  EXPECT_EQ(answer.seen("not_joined"),
            "no socket of this host has joined 239.0.10.101, which arrives on eth1");
}

TEST_F(WhyDirect, JoinedOnAnotherInterface) {
  connect(receiver_, "eth2", "10.2.2.2/24", sender_, "eth2", "10.2.2.1/24");
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup}, "eth2");
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "not_joined");
  EXPECT_EQ(answer.seen("not_joined"), "239.0.10.101 is joined on eth2, but arrives on eth1");
}

TEST_F(WhyDirect, AnotherSourceThanTheJoinedOne) {
  const Process sender = send(sender_, kSsmGroup);
  const Process receiver = receive(receiver_, {kSsmGroup, "10.1.1.3"});
  const Answer answer = why(receiver_, kSsmGroup, {"--for", "500ms"});
  expect_only(answer, "unexpected_traffic");
  EXPECT_EQ(answer.seen("unexpected_traffic"), "232.5.5.5 comes from 10.1.1.1, not from 10.1.1.3");
}

TEST_F(WhyDirect, TheReversePathFilterDropsTheSource) {
  // eth1 has the packets, eth2 the way back.
  connect(receiver_, "eth2", "10.2.2.2/24", sender_, "eth2", "10.2.2.1/24");
  add_address(sender_, "eth1", "10.9.0.1/24");
  add_route(receiver_, "10.9.0.0/24", "10.2.2.1");
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  const Process sender = send(sender_, kGroup, {"--source", "10.9.0.1"});
  const Process receiver = receive(receiver_, {kGroup});
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "reverse_path_filter");
  EXPECT_THAT(
      answer.seen("reverse_path_filter"),
      HasSubstr("packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by eth2, "
                "and rp_filter of eth1 is 1 (strict); it dropped "));
  // The command that it names mends it.
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "2");
  expect_nothing(why(receiver_, kGroup));
}

TEST_F(WhyDirect, NoRouteLeadsBackToTheSource) {
  add_address(sender_, "eth1", "10.9.0.1/24");
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  const Process sender = send(sender_, kGroup, {"--source", "10.9.0.1"});
  const Process receiver = receive(receiver_, {kGroup});
  expect_only(why(receiver_, kGroup, {"--for", "500ms"}), "no_route_to_source");
  add_route(receiver_, "10.9.0.1", "", "eth1");
  expect_nothing(why(receiver_, kGroup));
}

TEST_F(WhyDirect, APacketFilterDropsItInInput) {
  nft(receiver_,
      "table inet filter {\n"
      "  chain input {\n"
      "    type filter hook input priority 0; policy accept;\n"
      "    ip daddr 239.0.10.101 drop\n"
      "  }\n"
      "}\n");
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup});
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "not_delivered");
  EXPECT_THAT(answer.seen("not_delivered"), HasSubstr("none reached the socket"));
}

TEST_F(WhyDirect, TheSenderUsesAnotherPort) {
  const Process sender = send(sender_, kGroup, {"--port", "5000"});
  const Process receiver = receive(receiver_, {kGroup});
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "unexpected_traffic");
  EXPECT_EQ(answer.seen("unexpected_traffic"),
            "10.1.1.1 sends to UDP port 5000, the receiver listens on 19779");
}

TEST_F(WhyDirect, ASecondInterfaceThatSeesThePacketsTooIsNoMatter) {
  // Both of the receiver's interfaces are on one LAN that floods; strict filtering would
  // drop what comes in on the one that is not asked about.
  Namespace lan("lan");
  connect(receiver_, "eth2", "10.3.1.2/24", lan, "p2", "");
  connect(receiver_, "eth3", "10.3.1.3/24", lan, "p3", "");
  add_bridge(lan, "br0", {.snooping = false});
  add_to_bridge(lan, "br0", "p2");
  add_to_bridge(lan, "br0", "p3");
  add_address(lan, "br0", "10.3.1.1/24");
  wait_for_carrier(lan, "br0");
  receiver_.set_sysctl("net.ipv4.conf.all.rp_filter", "1");
  const Process sender = start(lan, "mcast-send", {kGroup, "-i", "br0", "-r", "50pps", "--quiet"});
  const Process receiver = receive(receiver_, {kGroup}, "eth2");
  expect_nothing(why(receiver_, kGroup));
}

TEST_F(WhyDirect, AskingForASourceOfAJoinOfAnyDoesNotMakeItSsm) {
  receiver_.set_sysctl("net.ipv4.conf.eth1.force_igmp_version", "2");
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup, "--no-force"});
  expect_nothing(why(receiver_, std::string(kGroup) + ",10.1.1.1"));
  receiver_.set_sysctl("net.ipv4.conf.eth1.force_igmp_version", "0");
}

TEST_F(WhyDirect, TheInterfaceIsDown) {
  const Process receiver = receive(receiver_, {kGroup});
  link_down(receiver_, "eth1");
  Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "interface_down");
  EXPECT_EQ(answer.seen("interface_down"), "eth1 is down");
  // Its other end is: no carrier.
  link_up(receiver_, "eth1");
  link_down(sender_, "eth1");
  answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "interface_down");
  EXPECT_EQ(answer.seen("interface_down"), "eth1 is up but has no carrier");
}

TEST_F(WhyDirect, TheReceiverIsSlowerThanTheSender) {
  const Process receiver = receive(receiver_, {kGroup});
  const Process sender = send(sender_, kGroup, {"-r", "20000pps", "--size", "1400"});
  receiver.signal(SIGSTOP);
  // Local address, port and twelve columns more; the last one counts drops.
  const auto overflows = [&] {
    std::istringstream lines(receiver_.proc_net("udp"));
    for (std::string line; std::getline(lines, line);) {
      if (line.find(":4D43 ") != std::string::npos &&
          !line.substr(line.rfind(' ', line.find_last_not_of(' '))).starts_with(" 0")) {
        return true;
      }
    }
    return false;
  };
  ASSERT_TRUE(eventually(20s, overflows, [&] { return receiver_.proc_net("udp"); }));
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  receiver.signal(SIGCONT);
  expect_only(answer, "socket_overflow");
}

// --- a bridge in the receiver's host

class WhyBridge : public Why {
 protected:
  // sender eth1 --- p1 [br0 10.1.1.2] receiver
  void build(const BridgeOptions& options) {
    connect(sender_, "eth1", "10.1.1.1/24", receiver_, "p1", "");
    add_bridge(receiver_, "br0", options);
    add_to_bridge(receiver_, "br0", "p1");
    add_address(receiver_, "br0", "10.1.1.2/24");
    wait_for_carrier(receiver_, "br0");
  }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_F(WhyBridge, WithoutAQuerierItForgets) {
  build({.snooping = true, .querier = false});
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup}, "br0");
  const Answer answer = why(receiver_, kGroup, {"--for", "500ms"});
  expect_only(answer, "no_querier");
  EXPECT_EQ(answer.seen("no_querier"), "br0 snoops IGMP and has heard no query");
}

TEST_F(WhyBridge, WithAQuerierNothingIsWrong) {
  build({.snooping = true, .querier = true, .query_interval_ms = 1000});
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup}, "br0");
  EXPECT_TRUE(eventually(
      10s, [&] { return why(receiver_, kGroup).exit_status == 0; },
      [&] { return why(receiver_, kGroup).text; }));
}

TEST_F(WhyBridge, HasNoEntryForTheGroup) {
  build({.snooping = true, .querier = true, .query_interval_ms = 60'000});
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup}, "br0");
  const auto entry = [&] {
    return receiver_.run({"bridge", "mdb", "show", "dev", "br0"}).find(kGroup) != std::string::npos;
  };
  ASSERT_TRUE(eventually(5s, entry));
  // A bridge forwards by its entries once its querier has asked for a while; and the host
  // reports its join a second time soon after the first, which brings the entry back.
  Answer answer;
  ASSERT_TRUE(eventually(20s, [&] {
    (void)receiver_.try_run({"bridge", "mdb", "del", "dev", "br0", "port", "br0", "grp", kGroup});
    answer = why(receiver_, kGroup, {"--for", "500ms"});
    return answer.exit_status == kWrong;
  }));
  expect_only(answer, "no_bridge_entry");
}

// --- a router

class WhyRouted : public Why {
 protected:
  WhyRouted()
      : path_(1, {{.group = kGroup, .source = "10.1.1.1"},
                  {.group = kSsmGroup, .source = "10.1.1.1"}}) {}

  [[nodiscard]] const Namespace& router() const { return path_.routers.front(); }

  RoutedPath path_;
};

TEST_F(WhyRouted, NothingIsWrongOnRouterAndReceiverWhereAStreamArrives) {
  const Process sender = send(path_.sender, kGroup);
  const Process receiver = receive(path_.receiver, {kGroup});
  expect_nothing(why(path_.receiver, kGroup));
  const Answer answer = why(router(), kGroup);
  expect_nothing(answer);
  EXPECT_EQ(answer.seen("multicast_route"), "(10.1.1.1, 239.0.10.101) from r0 to r1");
}

TEST_F(WhyRouted, AnSsmJoinIsReportedInIgmpVersion2) {
  const Process sender = send(path_.sender, kSsmGroup);
  path_.receiver.set_sysctl("net.ipv4.conf.eth1.force_igmp_version", "2");
  const Process receiver = receive(path_.receiver, {kSsmGroup, "10.1.1.1", "--no-force"});
  const Answer answer = why(path_.receiver, std::string(kSsmGroup) + ",10.1.1.1");
  expect_only(answer, "igmp_version");
  EXPECT_EQ(answer.seen("igmp_version"), "eth1 reports in IGMPv2, because force_igmp_version is 2");
  path_.receiver.set_sysctl("net.ipv4.conf.eth1.force_igmp_version", "0");
}

TEST_F(WhyRouted, TheTtlIsSpentAtTheRouter) {
  const Process sender = send(path_.sender, kGroup, {"--ttl", "1"});
  const Process receiver = receive(path_.receiver, {kGroup});
  const Answer answer = why(router(), kGroup, {"--for", "500ms"});
  expect_only(answer, "ttl_expired");
  EXPECT_EQ(answer.seen("ttl_expired"),
            "packets of 10.1.1.1 come in on r0 with TTL 1, and r1 only forwards packets with a TTL "
            "above 1");
  expect_only(why(path_.receiver, kGroup, {"--for", "500ms"}), "no_traffic");
}

TEST_F(WhyRouted, AReceiverOnTheRouterIsNotItsRoutes) {
  const Process sender = send(path_.sender, kGroup, {"--ttl", "1"});
  const Process receiver = receive(router(), {kGroup}, "r0");
  expect_nothing(why(router(), kGroup));
}

TEST_F(WhyRouted, APacketFilterInPreroutingKeepsItFromTheRoute) {
  nft(router(),
      "table ip filter {\n"
      "  chain early {\n"
      "    type filter hook prerouting priority -300; policy accept;\n"
      "    ip daddr 239.0.10.101 drop\n"
      "  }\n"
      "}\n");
  const Process sender = send(path_.sender, kGroup);
  const Answer answer = why(router(), kGroup, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_THAT(answer.seen("multicast_route"), HasSubstr("and the route counted none"));
}

TEST_F(WhyRouted, TheOutgoingInterfaceIsDown) {
  const Process sender = send(path_.sender, kGroup);
  link_down(path_.receiver, "eth1");
  const Answer answer = why(router(), kGroup, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_THAT(answer.seen("multicast_route"), HasSubstr("is down or has no carrier"));
}

class WhyStaticRoute : public Why {
 protected:
  // sender eth1 --- r0 [router] r1 --- eth1 receiver, and a second way in: eth2 --- r2
  void build(const std::string& configuration) {
    connect(sender_, "eth1", "10.1.1.1/24", router_, "r0", "10.1.1.2/24");
    connect(router_, "r1", "10.1.2.1/24", receiver_, "eth1", "10.1.2.2/24");
    connect(sender_, "eth2", "10.1.3.1/24", router_, "r2", "10.1.3.2/24");
    daemon_.emplace(router_, configuration);
  }

  Namespace sender_{"sender"};
  Namespace router_{"router"};
  Namespace receiver_{"receiver"};
  std::optional<SmcRouter> daemon_;
};

TEST_F(WhyStaticRoute, HasNoOutgoingInterface) {
  build(
      "mgroup from r0 group 239.0.10.101 source 10.1.1.1\n"
      "mroute from r0 group 239.0.10.101 source 10.1.1.1\n");
  const Process sender = send(sender_, kGroup);
  const Answer answer = why(router_, kGroup, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_EQ(answer.seen("multicast_route"),
            "(10.1.1.1, 239.0.10.101) comes in on r0 and has no outgoing interface");
}

TEST_F(WhyStaticRoute, IsFedFromTheWrongInterface) {
  build(
      "mgroup from r0 group 239.0.10.101\n"
      "mgroup from r2 group 239.0.10.101\n"
      "mroute from r0 group 239.0.10.101 source 10.1.1.1 to r1\n");
  const Process sender =
      start(sender_, "mcast-send",
            {kGroup, "-i", "eth2", "--source", "10.1.1.1", "-r", "50pps", "--quiet"});
  const Answer answer = why(router_, kGroup, {"--for", "500ms"});
  expect_only(answer, "multicast_route");
  EXPECT_THAT(answer.seen("multicast_route"),
              HasSubstr("expects packets on r0, they come in on r2 ("));
}

}  // namespace
}  // namespace mcast::test
