// Programs in a sandbox that forbids netlink: they start, say once what they cannot know,
// and measure as always.
//
//   sender eth1 10.1.1.1 --- 10.1.1.2 eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/netns/agent.h"
#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Names = std::vector<std::string>;
using testing::HasSubstr;

constexpr const char* kGroup = "239.0.10.101";
constexpr const char* kSaid = "netlink is not available here";
const LabelSet kVideo{{"stream", "video"}};

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
  return number;
}

// By what socket(AF_NETLINK) says.
class Sandbox : public testing::TestWithParam<int> {
 protected:
  Sandbox() { connect(sender_, "eth1", "10.1.1.1/24", receiver_, "eth1", "10.1.1.2/24"); }

  static Names launcher() {
    return {std::string(MCAST_BINARIES) + "/sandbox", std::to_string(GetParam())};
  }
  static Names sandboxed(const char* name, const Names& arguments) {
    Names all = launcher();
    const Names program = command(name, arguments);
    all.insert(all.end(), program.begin(), program.end());
    return all;
  }
  [[nodiscard]] Process send() const {
    return sender_.spawn(command("mcast-send", {kGroup, "-i", "eth1", "-r", "50pps", "--quiet"}));
  }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_P(Sandbox, TheAgentReceivesAndTellsWhatItKnows) {
  const Process sender = send();
  Agent agent(receiver_, receiver_configuration({.more = ""}), {}, launcher());
  EXPECT_TRUE(eventually(
      5s, [&] { return agent.metrics().value("mcast_receiver_packets_total", kVideo) >= 50; },
      [&] { return agent.log(); }));
  const Metrics metrics = agent.metrics();
  EXPECT_EQ(metrics.value("mcast_receiver_lost_packets_total", kVideo), 0) << metrics.text();
  EXPECT_EQ(metrics.find("mcast_membership_users", {{"interface", "eth1"}, {"group", kGroup}}), 1);
  EXPECT_EQ(metrics.sum("mcast_finding", kVideo), 0);
  EXPECT_EQ(occurrences(agent.log(), kSaid), 1U) << agent.log();
  EXPECT_EQ(agent.stop().exit_status, 0);
}

TEST_P(Sandbox, TheAgentFollowsAnInterfaceThatComesLater) {
  connect(sender_, "eth2", "10.1.2.1/24", receiver_, "later", "10.1.2.2/24");
  receiver_.run({"ip", "link", "set", "later", "down", "name", "other"});
  Agent agent(receiver_, receiver_configuration({.interface = "later", .more = ""}), {},
              launcher());
  EXPECT_THAT(agent.log(), HasSubstr("interface 'later' does not exist"));
  receiver_.run({"ip", "link", "set", "other", "name", "later", "up"});
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return agent.metrics().find("mcast_membership_users",
                                    {{"interface", "later"}, {"group", kGroup}}) == 1;
      },
      [&] { return agent.log(); }));
}

TEST_P(Sandbox, TheCommandsSendAndReceive) {
  receiver_.run({"ip", "route", "add", "224.0.0.0/4", "dev", "eth1"});
  sender_.run({"ip", "route", "add", "224.0.0.0/4", "dev", "eth1"});
  // Neither names an interface: the kernel's choice of a source address tells it.
  Process receiver = receiver_.spawn(sandboxed("mcast-receive", {kGroup, "--json"}));
  const auto joined = [&] {
    return receiver_.run({"ip", "maddr", "show", "dev", "eth1"}).find(kGroup) != std::string::npos;
  };
  ASSERT_TRUE(eventually(5s, joined, [&] { return receiver.standard_error(); }));
  const RunResult sent =
      sender_.try_run(sandboxed("mcast-send", {kGroup, "-r", "100pps", "-c", "50", "--json"}));
  EXPECT_EQ(sent.exit_status, 0) << sent.error;
  EXPECT_EQ(occurrences(sent.error, kSaid), 1U) << sent.error;
  receiver.signal(SIGINT);
  EXPECT_EQ(receiver.wait_exit(5s), 0);
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("packets_recv"), 50);
  EXPECT_EQ(occurrences(receiver.standard_error(), kSaid), 1U) << receiver.standard_error();
}

TEST_P(Sandbox, StatusShowsMembershipsAndSaysWhatIsUnknown) {
  const Process sender = send();
  const Process receiver = receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  const RunResult listed = receiver_.try_run(sandboxed("mcast-status", {}));
  EXPECT_EQ(listed.exit_status, 0) << listed.error;
  EXPECT_THAT(listed.output, HasSubstr(kGroup));
  EXPECT_EQ(occurrences(listed.error, kSaid), 1U) << listed.error;

  const RunResult why = receiver_.try_run(sandboxed("mcast-status", {"--why", kGroup, "--json"}));
  EXPECT_EQ(why.exit_status, 0) << why.error;
  EXPECT_EQ(occurrences(why.error, kSaid), 1U) << why.error;
  const Json answer = one_json_object(why.output).at("answers").at(0);
  Names found;
  Names unknown;
  for (const Json& finding : answer.at("findings")) {
    if (finding.at("verdict") == "found") found.push_back(finding.at("check"));
    if (finding.at("verdict") == "unknown") unknown.push_back(finding.at("check"));
  }
  EXPECT_THAT(found, testing::IsEmpty()) << why.output;
  EXPECT_THAT(unknown,
              testing::IsSupersetOf({"no_bridge_entry", "no_querier", "no_route_to_source"}));
}

INSTANTIATE_TEST_SUITE_P(Errors, Sandbox, testing::Values(EAFNOSUPPORT, EPERM),
                         [](const auto& code) {
                           return code.param == EPERM ? "Eperm" : "Eafnosupport";
                         });

}  // namespace
}  // namespace mcast::test
