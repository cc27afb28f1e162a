// Each remedy, typed as it is printed, mends its fault.
//
//   sender eth1 10.1.1.1 --- 10.1.1.2 eth1 receiver
//   sender eth2 10.2.2.1 --- 10.2.2.2 eth2 receiver      where a test needs another way
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/netns/agent.h"
#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Names = std::vector<std::string>;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

constexpr const char* kGroup = "239.0.10.101";
constexpr const char* kSsmGroup = "232.5.5.5";

class Remedy : public testing::Test {
 protected:
  Remedy() { connect(sender_, "eth1", "10.1.1.1/24", receiver_, "eth1", "10.1.1.2/24"); }

  static RunResult why(const Namespace& host, const std::string& group, Names more = {}) {
    Names arguments{"--why", group, "--json", "--for", "500ms"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return host.try_run(command("mcast-status", arguments));
  }
  // Of the check, which is the only one that is found.
  static std::string remedy(const Namespace& host, const std::string& group,
                            const std::string& check, const Names& more = {}) {
    const RunResult result = why(host, group, more);
    std::string text;
    const Json json = one_json_object(result.output);
    for (const Json& answer : json["answers"]) {
      for (const Json& finding : answer["findings"]) {
        if (finding["verdict"] != "found") continue;
        EXPECT_EQ(finding["check"], check) << result.output;
        text = finding["remedy"];
      }
    }
    EXPECT_EQ(result.exit_status, 3) << result.output << result.error;
    EXPECT_NE(text, "") << result.output;
    return text;
  }
  static RunResult type(const Namespace& host, const std::string& line) {
    return host.try_run({"sh", "-c", line});
  }
  static void expect_mended_by(const Namespace& host, const std::string& line,
                               const std::string& group = kGroup) {
    const RunResult typed = type(host, line);
    EXPECT_EQ(typed.exit_status, 0) << line << "\n" << typed.error;
    EXPECT_TRUE(eventually(
        10s, [&] { return why(host, group).exit_status == 0; },
        [&] { return line + "\n" + why(host, group).output; }));
  }
  // The line is a mcast-receive that ends after the packets that it was asked for.
  static void expect_receives_by(const Namespace& host, const std::string& line) {
    const RunResult typed = type(host, line);
    EXPECT_EQ(typed.exit_status, 0) << line << "\n" << typed.error;
    EXPECT_THAT(typed.output, HasSubstr("received 5 packets")) << line;
  }

  static Process send(const Namespace& host, const std::string& group, Names more = {}) {
    Names arguments{group, "-i", "eth1", "-r", "50pps", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return host.spawn(command("mcast-send", arguments));
  }
  static Process receive(const Namespace& host, Names arguments) {
    arguments.insert(arguments.end(), {"--count", "5", "--stall-timeout", "2.5"});
    Process process = host.spawn(command("mcast-receive", arguments));
    wait_until_joined(process);
    return process;
  }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_F(Remedy, OfAnotherPortKeepsSourceInterfaceAndEverythingElse) {
  const Process sender = send(sender_, kSsmGroup, {"--port", "5000"});
  const Process receiver = receive(receiver_, {kSsmGroup, "10.1.1.1", "-i", "eth1"});
  const std::string line = remedy(receiver_, kSsmGroup, "unexpected_traffic");
  EXPECT_THAT(line, EndsWith("/mcast-receive 232.5.5.5 10.1.1.1 -i eth1 --count 5 "
                             "--stall-timeout 2.5 --port 5000"));
  expect_receives_by(receiver_, line);
}

TEST_F(Remedy, OfAnotherSourceKeepsPortAndInterface) {
  const Process sender = send(sender_, kSsmGroup, {"--port", "5000"});
  const Process receiver = receive(receiver_, {kSsmGroup, "10.1.1.9", "-i", "eth1", "-p", "5000"});
  const std::string line = remedy(receiver_, kSsmGroup, "unexpected_traffic");
  EXPECT_THAT(line, EndsWith("/mcast-receive 232.5.5.5 10.1.1.1 -i eth1 -p 5000 --count 5 "
                             "--stall-timeout 2.5"));
  expect_receives_by(receiver_, line);
}

TEST_F(Remedy, OfAnotherInterfaceIsTheSameCommandOnThatOne) {
  connect(receiver_, "eth2", "10.2.2.2/24", sender_, "eth2", "10.2.2.1/24");
  const Process sender = send(sender_, kGroup);
  const Process receiver = receive(receiver_, {kGroup, "-i", "eth2"});
  expect_receives_by(receiver_, remedy(receiver_, kGroup, "not_joined"));
}

TEST_F(Remedy, WhereNobodyJoinedNamesInterfacePortAndOfSsmTheSource) {
  const Process sender = send(sender_, kSsmGroup, {"--port", "5000"});
  const std::string line = remedy(receiver_, kSsmGroup, "not_joined");
  EXPECT_EQ(line, "mcast-receive 232.5.5.5 10.1.1.1 --port 5000 -i eth1");
}

TEST_F(Remedy, OfAPolicyAcceptsTheGroupInTheChainThatDrops) {
  nft(receiver_,
      "table inet filter {\n"
      "  chain input {\n"
      "    type filter hook input priority 0; policy drop;\n"
      "    ct state established,related accept\n"
      "    iifname \"lo\" accept\n"
      "    udp dport { 53, 5353 } accept\n"
      "    tcp dport 22 accept\n"
      "  }\n"
      "}\n");
  const Process sender = send(sender_, kGroup);
  const Process receiver = receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  const std::string line = remedy(receiver_, kGroup, "not_delivered");
  EXPECT_EQ(line, "nft insert rule inet filter input ip daddr 239.0.10.101 udp dport 19779 accept");
  EXPECT_THAT(why(receiver_, kGroup).output,
              HasSubstr("the policy of chain input (table inet filter) is drop"));
  expect_mended_by(receiver_, line);
}

TEST_F(Remedy, OfARuleDeletesItByItsHandle) {
  const Process sender = send(sender_, kGroup);
  const Process receiver = receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  // Of a chain that is jumped to, of prerouting and of the ingress of one interface; by the
  // group's prefix, by a set, by the port's range. Rules for others stand before each. A set is
  // not read: its rule may be for others, too, and stays.
  for (const auto& [table, pattern] : std::vector<std::pair<std::string, std::string>>{
           {"table ip filter {\n  chain lab {\n    ip daddr 239.9.9.9 drop\n    ip daddr "
            "239.0.0.0/12 "
            "counter drop\n  }\n  chain input {\n    type filter hook input priority 0; policy "
            "accept;\n    udp dport 5000 drop\n    ip protocol udp jump lab\n  }\n}\n",
            "nft delete rule ip filter lab handle [0-9]+"},
           {"table inet early {\n  chain pre {\n    type filter hook prerouting priority -300; "
            "policy "
            "accept;\n    meta l4proto tcp drop\n    iifname \"eth9\" drop\n    ip daddr { "
            "239.0.10.101, 239.0.10.102 } drop\n  }\n}\n",
            "nft insert rule inet early pre ip daddr 239.0.10.101 udp dport 19779 accept"},
           {"table netdev first {\n  chain in {\n    type filter hook ingress device \"eth1\" "
            "priority 0; policy accept;\n    ip saddr 10.9.9.9 drop\n    udp dport 19000-20000 "
            "drop\n"
            "  }\n}\n",
            "nft delete rule netdev first in handle [0-9]+"}}) {
    nft(receiver_, table);
    const std::string line = remedy(receiver_, kGroup, "not_delivered");
    EXPECT_THAT(line, MatchesRegex(pattern)) << table;
    expect_mended_by(receiver_, line);
    receiver_.run({"nft", "flush", "ruleset"});
  }
}

TEST_F(Remedy, OfARuleForEverythingLeavesItAndAcceptsTheGroupBeforeIt) {
  nft(receiver_,
      "table inet filter {\n"
      "  chain input {\n"
      "    type filter hook input priority 0; policy accept;\n"
      "    ct state established,related accept\n"
      "    counter drop\n"
      "  }\n"
      "}\n");
  const Process sender = send(sender_, kGroup);
  const Process receiver = receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  const std::string line = remedy(receiver_, kGroup, "not_delivered");
  EXPECT_THAT(line, StartsWith("nft insert rule inet filter input ip daddr"));
  expect_mended_by(receiver_, line);
}

TEST_F(Remedy, OfTheReversePathFilterAndOfAMissingRouteIsACommand) {
  connect(receiver_, "eth2", "10.2.2.2/24", sender_, "eth2", "10.2.2.1/24");
  add_address(sender_, "eth1", "10.9.0.1/24");
  add_route(receiver_, "10.9.0.0/24", "10.2.2.1");
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  const Process sender = send(sender_, kGroup, {"--source", "10.9.0.1"});
  const Process receiver = receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  expect_mended_by(receiver_, remedy(receiver_, kGroup, "reverse_path_filter"));
  receiver_.run({"ip", "route", "del", "10.9.0.0/24"});
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  expect_mended_by(receiver_, remedy(receiver_, kGroup, "no_route_to_source"));
}

TEST_F(Remedy, OfAnAddressThatTwoHostsHaveRemovesItHere) {
  add_address(receiver_, "lo", "10.1.1.1/32");
  const Process sender = send(sender_, kGroup);
  const Process receiver = receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  const std::string line = remedy(receiver_, kGroup, "not_delivered");
  EXPECT_EQ(line, "ip address del 10.1.1.1/32 dev lo");
  expect_mended_by(receiver_, line);
}

TEST_F(Remedy, OfAnInterfaceThatIsDownSwitchesItOn) {
  const Process sender = send(sender_, kGroup);
  const Process receiver = receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  link_down(receiver_, "eth1");
  const std::string line = remedy(receiver_, kGroup, "interface_down");
  EXPECT_EQ(line, "ip link set dev eth1 up");
  EXPECT_EQ(type(receiver_, line).exit_status, 0);
  wait_for_carrier(receiver_, "eth1");
}

TEST_F(Remedy, OfAForcedVersionIsTheSysctlOrThePersonsOwnOption) {
  const Process sender = send(sender_, kSsmGroup);
  receiver_.set_sysctl("net.ipv4.conf.eth1.force_igmp_version", "2");
  const Process receiver = receiver_.spawn(
      command("mcast-receive", {kSsmGroup, "10.1.1.1", "-i", "eth1", "--no-force"}));
  wait_until_joined(receiver);
  const std::string line = remedy(receiver_, kSsmGroup, "igmp_version");
  EXPECT_EQ(type(receiver_, line).exit_status, 0) << line;
  EXPECT_EQ(receiver_.sysctl("net.ipv4.conf.eth1.force_igmp_version"), "0");
}

TEST_F(Remedy, OfABridgeIsACommand) {
  Namespace host("bridge");
  connect(sender_, "eth3", "10.3.1.1/24", host, "p1", "");
  add_bridge(host, "br0", {.snooping = true, .querier = false});
  add_to_bridge(host, "br0", "p1");
  add_address(host, "br0", "10.3.1.2/24");
  wait_for_carrier(host, "br0");
  const Process receiver = host.spawn(command("mcast-receive", {kGroup, "-i", "br0"}));
  wait_until_joined(receiver);
  const Process sender =
      sender_.spawn(command("mcast-send", {kGroup, "-i", "eth3", "-r", "50pps", "--quiet"}));
  expect_mended_by(host, remedy(host, kGroup, "no_querier"));
  // It forwards by its entries once its querier has asked for a while; and the host's second
  // report may bring the entry back.
  const auto deleted = [&] {
    (void)host.try_run({"bridge", "mdb", "del", "dev", "br0", "port", "br0", "grp", kGroup});
    return why(host, kGroup).exit_status == 3;
  };
  ASSERT_TRUE(eventually(20s, deleted, [&] { return why(host, kGroup).output; }));
  const std::string line = remedy(host, kGroup, "no_bridge_entry");
  EXPECT_EQ(line, "bridge mdb add dev br0 port br0 grp 239.0.10.101");
  expect_mended_by(host, line);
}

TEST_F(Remedy, OfAnAgentsStreamIsTheKeyInItsFile) {
  const Process sender = send(sender_, kGroup, {"--port", "5000"});
  Agent agent(receiver_, receiver_configuration({.more = ""}));
  const auto found = [&] {
    const Json answer = Json::parse(agent.get("/api/v1/findings"))["findings"];
    for (const Json& stream : answer) {
      for (const Json& check : stream["checks"]) {
        if (check["check"] == "unexpected_traffic") return check.value("remedy", "");
      }
    }
    return std::string();
  };
  const std::string line = "set `port: 5000` in receiver video of " + agent.configuration_file();
  EXPECT_TRUE(eventually(10s, [&] { return found() == line; }, found));
  // Who asks by hand is told the same.
  EXPECT_EQ(remedy(receiver_, kGroup, "unexpected_traffic"), line);
  agent.reload(receiver_configuration({.more = "port: 5000"}));
  EXPECT_TRUE(eventually(5s, [&] {
    return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}}) > 0;
  }));
}

TEST_F(Remedy, OfAnAdHocStreamIsTheCommandThatMakesIt) {
  const Process sender = send(sender_, kGroup, {"--port", "5000"});
  const Agent agent(receiver_, kWatchesAlone);
  ASSERT_EQ(agent
                .api("POST", "/api/v1/receivers",
                     R"({"group":"239.0.10.101","interface":"eth1","detach":true})")
                .status,
            201);
  const std::string line = remedy(receiver_, kGroup, "unexpected_traffic");
  EXPECT_EQ(line, "mcast-receive 239.0.10.101 -i eth1 --port 5000 --agent=" + agent.api_socket());
}

}  // namespace
}  // namespace mcast::test
