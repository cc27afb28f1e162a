// What mcast-send and mcast-receive say when the host is not as they need it: one
// line with what to do, and the right exit code.
//
//   host eth1 --- other
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/netns/command.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

class CommandFailures : public BothFamilies {
 protected:
  CommandFailures() { connect(host_, "eth1", addresses(1, 1), other_, "eth1", ""); }

  // Both commands end with `code` and one line that says all of `words`.
  void expect(const std::vector<std::string>& arguments, int code,
              const std::vector<std::string>& words) {
    for (const char* name : {"mcast-send", "mcast-receive"}) {
      std::vector<std::string> all{net_.group, "-t", "1"};
      all.insert(all.end(), arguments.begin(), arguments.end());
      const RunResult result = host_.try_run(command(name, all));
      EXPECT_EQ(result.exit_status, code) << name << ": " << result.error;
      EXPECT_EQ(result.output, "");
      EXPECT_EQ(std::ranges::count(result.error, '\n'), 1) << result.error;
      EXPECT_TRUE(result.error.starts_with(std::string(name) + ": ")) << result.error;
      for (const std::string& word : words) {
        EXPECT_NE(result.error.find(word), std::string::npos) << result.error;
      }
    }
  }

  Namespace host_{"host"};
  Namespace other_{"other"};
};

TEST_P(CommandFailures, AnInterfaceThatDoesNotExistIsAWrongArgument) {
  expect({"-i", "eth9"}, 2, {"interface 'eth9' does not exist", "eth1", "lo"});
}

TEST_P(CommandFailures, NoInterfaceSaysHowToGetOne) {
  if (net_.is_v4()) {
    expect({}, 1, {"no route to 239.0.10.101", "-i IF", "ip route add"});
    return;
  }
  // Routes say nothing in IPv6: the only interface is taken, and of several none is guessed.
  connect(host_, "eth2", addresses(2, 1), other_, "eth2", "");
  expect({}, 2, {net_.group, "name one of eth1, eth2"});
}

TEST_P(CommandFailures, AnInterfaceThatIsDownSaysHowToSwitchItOn) {
  link_down(host_, "eth1");
  expect({"-i", "eth1"}, 1, {"interface eth1 is down", "ip link set eth1 up"});
}

TEST_P(CommandFailures, AnInterfaceWithoutAddressSaysHowToGiveItOne) {
  host_.run({"ip", "address", "flush", "dev", "eth1"});
  expect({"-i", "eth1"}, 1,
         {std::string("interface eth1 has no ") + (net_.is_v4() ? "IPv4" : "IPv6") + " address",
          "ip address add"});
}

TEST_P(CommandFailures, AnInterfaceThatDoesNoMulticastSaysHowToSwitchItOn) {
  host_.run({"ip", "link", "set", "eth1", "multicast", "off"});
  expect({"-i", "eth1"}, 1, {"interface eth1 does not do multicast", "multicast on"});
}

TEST_P(CommandFailures, ASourceOfAnotherHostIsRefusedForSending) {
  const RunResult result = host_.try_run(
      command("mcast-send", {net_.group, "-i", "eth1", "--source", net_.host(9, 9), "-t", "1"}));
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_NE(result.error.find("address " + net_.host(9, 9) + " is not on this host"),
            std::string::npos);
}

TEST_P(CommandFailures, AFirewallThatStopsEverythingIsAFailure) {
  host_.run({"nft", "add table " + net_.nft + " fault"});
  host_.run({"nft", "add chain " + net_.nft +
                        " fault output { type filter hook output priority 0; policy drop; }"});
  const RunResult result = host_.try_run(
      command("mcast-send", {net_.group, "-i", "eth1", "--count", "5", "-r", "100", "--json"}));
  EXPECT_EQ(result.exit_status, 1);
  const auto json = one_json_object(result.output);
  EXPECT_EQ(json.at("packets_sent"), 0);
  EXPECT_EQ(json.at("errors"), 5);
  EXPECT_EQ(json.at("errors_by_name").at("EPERM"), 5);
  EXPECT_NE(result.error.find("no packet could be sent"), std::string::npos) << result.error;
}

TEST_P(CommandFailures, NothingIsWrongWhereNothingIs) {
  const RunResult sent =
      host_.try_run(command("mcast-send", {net_.group, "-i", "eth1", "--count", "1"}));
  EXPECT_EQ(sent.exit_status, 0);
  EXPECT_EQ(sent.error, "");
  const RunResult received =
      host_.try_run(command("mcast-receive", {net_.group, "-i", "eth1", "-t", "1"}));
  EXPECT_EQ(received.exit_status, 0);
  EXPECT_EQ(received.error, "");
}

INSTANTIATE_TEST_SUITE_P(, CommandFailures, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
