// All checks on one example: each cause is found alone.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

const Error kNoPrivilege{.message = "CAP_NET_RAW is missing", .code = EPERM};

class Examine : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, Examine, both_families(), family_name);

TEST_P(Examine, AsksEveryCheckInOrderAndFindsNothingInWhatWorks) {
  Example receiver;
  const auto findings = receiver.examine();
  // The last five are of senders.
  ASSERT_EQ(findings.size(), kAllChecks.size() - 5);
  for (std::size_t i = 0; i < findings.size(); ++i) EXPECT_EQ(findings[i].check, kAllChecks[i]);
  EXPECT_TRUE(receiver.all().empty());
  Example router;
  router.be_router();
  EXPECT_TRUE(router.all().empty());
  Example bridge;
  bridge.be_bridge();
  EXPECT_TRUE(bridge.all().empty());
}

TEST(ExamineOfIpv4, FindsEachCauseAlone) {
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

TEST(ExamineOfIpv4, OfABlindPersonGuessesNothing) {
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
  EXPECT_EQ(
      example.all(Verdict::kFine),
      (std::vector<std::string>{"interface_down", "dad", "not_joined", "reverse_path_filter",
                                "no_route_to_source", "igmp_version", "mld_version", "ttl_expired",
                                "scope", "link_local_source", "multicast_route"}));
  // Which is no answer: a script must not take it for one.
  EXPECT_FALSE(is_answered(example.examine()));
}

TEST_P(Examine, IsAnsweredWherePacketsArriveOrAreForwarded) {
  Example example;
  EXPECT_TRUE(is_answered(example.examine()));
  // The wire is not seen, but the socket has packets.
  example.host.flows = std::unexpected(kNoPrivilege);
  EXPECT_TRUE(is_answered(example.examine()));
  example.evidence.arrived = fail("UDP port 19779 is held by a socket that does not share it");
  EXPECT_FALSE(is_answered(example.examine()));
  Example router;
  router.be_router();
  EXPECT_TRUE(is_answered(router.examine()));
  router.host.routes = fail("needs netlink");
  EXPECT_FALSE(is_answered(router.examine()));
}

TEST_P(Examine, DoesNotCallUnknownWhatItHasSeen) {
  Example example;
  example.host.memberships.clear();
  example.evidence.arrived = fail("no UDP socket is open on this host");
  EXPECT_EQ(example.all(), std::vector<std::string>{"not_joined"});
  EXPECT_EQ(example.answer(Check::kNoTraffic).verdict, Verdict::kFine);
  EXPECT_EQ(example.answer(Check::kNoTraffic).seen, "75 packets came in on eth1 in 3 s");
}

TEST_P(Examine, NamesTheCommandsOfRoutersBesideWhatIsFound) {
  Example example;
  example.host.flows->clear();
  example.evidence.arrived = 0;
  example.evidence.sources.clear();
  Finding finding = example.answer(Check::kNoTraffic);
  ASSERT_FALSE(finding.router_commands.empty());
  EXPECT_EQ(finding.router_commands[0],
            (RouterCommand{.system = "FRR", .command = say("show ip mroute 239.1.1.1")}));
  for (const RouterCommand& command : finding.router_commands) {
    EXPECT_EQ(command.command.find("SOURCE"), std::string::npos) << command.command;
    EXPECT_EQ(command.command.find("rpf"), std::string::npos) << "of which source?";
  }
  example.evidence.subject.source = ip("10.1.1.1");
  finding = example.answer(Check::kNoTraffic);
  EXPECT_TRUE(std::ranges::any_of(finding.router_commands, [](const RouterCommand& command) {
    return command ==
           RouterCommand{.system = "Junos", .command = say("show multicast rpf 10.1.1.1")};
  }));
  EXPECT_TRUE(example.answer(Check::kInterfaceDown).router_commands.empty());
}

}  // namespace
}  // namespace mcast::findings::test
