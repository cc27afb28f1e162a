// mcast-status --why where the group is sent, and what mcast-send, mcast-receive and the agent say
// of a cable that is pulled.
//
//   sender eth1 10.1.1.1 --- 10.1.1.2 eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/netns/agent.h"
#include "tests/netns/command.h"
#include "tests/netns/datagram.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Names = std::vector<std::string>;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kGroup = "239.0.10.101";

class WhySender : public testing::Test {
 protected:
  WhySender() { connect(sender_, "eth1", "10.1.1.1/24", receiver_, "eth1", "10.1.1.2/24"); }

  RunResult why(Names more = {}) const {
    Names arguments{"--why", kGroup, "--for", "1s"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return sender_.try_run(command("mcast-status", arguments));
  }
  [[nodiscard]] Json answers() const { return one_json_object(why({"--json"}).output)["answers"]; }
  Process send(Names more = {}) const {
    Names arguments{kGroup, "-i", "eth1", "-r", "50pps", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return sender_.spawn(command("mcast-send", arguments));
  }
  // Once it is known here as a sender.
  [[nodiscard]] testing::AssertionResult is_seen() const {
    return eventually(
        10s, [&] { return why().output.find("sent from") != std::string::npos; },
        [&] { return why().output; });
  }
  // On a busy machine a sender skips packets now and then, and is told so.
  [[nodiscard]] RunResult why_healthy() const {
    RunResult result;
    EXPECT_TRUE(eventually(
        30s,
        [&] {
          result = why();
          return result.exit_status == 0;
        },
        [&] { return result.output; }));
    return result;
  }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_F(WhySender, SpeaksOfTheSenderAndOfATtlThatEndsAtTheFirstRouter) {
  const Process sender = send({"--ttl", "1"});
  ASSERT_TRUE(is_seen());
  const RunResult result = why_healthy();
  EXPECT_THAT(result.output,
              HasSubstr("239.0.10.101 sent from 10.1.1.1 out of eth1, UDP port 19779\n"
                        "by        mcast-send[" +
                        std::to_string(sender.pid()) +
                        "] 239.0.10.101\n"
                        "sends     50 pps of 200 bytes, TTL 1: it ends at the first router\n"));
  EXPECT_THAT(result.output, HasSubstr("Nothing is wrong: "));
  EXPECT_THAT(result.output, HasSubstr(" packets left by eth1 in 1"));
  EXPECT_THAT(result.output, Not(HasSubstr("not_joined")));
  const Json answer = answers();
  ASSERT_EQ(answer.size(), 1U) << answer;
  EXPECT_EQ(answer[0]["kind"], "sender");
  EXPECT_EQ(answer[0]["source"], "10.1.1.1");
  EXPECT_EQ(answer[0]["rate_pps"], 50);
  EXPECT_EQ(answer[0]["ttl"], 1);
}

TEST_F(WhySender, SpeaksOfBothWhereAReceiverIsHereToo) {
  const Process sender = send();
  const Process receiver = sender_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  ASSERT_TRUE(is_seen());
  const Json both = answers();
  ASSERT_EQ(both.size(), 2U) << both;
  EXPECT_EQ(both[0]["kind"], "receiver");
  EXPECT_EQ(both[1]["kind"], "sender");
  (void)why_healthy();
}

TEST_F(WhySender, FindsThatTheCableIsOut) {
  const Process sender = send();
  ASSERT_TRUE(is_seen());
  link_down(receiver_, "eth1");
  const RunResult result = why();
  EXPECT_EQ(result.exit_status, 3) << result.output;
  EXPECT_THAT(result.output, HasSubstr("FOUND     interface_down\n  seen    eth1 is up but has no "
                                       "carrier\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("not_joined")));
}

TEST_F(WhySender, FindsAPacketFilterAndTheRemedyMendsIt) {
  nft(sender_,
      "table ip lab {\n"
      "  chain out {\n"
      "    type filter hook postrouting priority 0; policy accept;\n"
      "    udp dport 19779 drop\n"
      "  }\n"
      "}\n");
  const Process sender = send();
  ASSERT_TRUE(is_seen());
  const Json answer = answers().at(0);
  std::string remedy;
  for (const Json& finding : answer["findings"]) {
    if (finding["check"] == "not_sent") remedy = finding.value("remedy", "");
  }
  EXPECT_THAT(remedy, testing::StartsWith("nft delete rule ip lab out handle ")) << answer;
  sender_.run({"sh", "-c", remedy});
  (void)why_healthy();
}

TEST_F(WhySender, SeesWhatAProgramThatIsNotOursSends) {
  const DatagramSender other(sender_, {.interface = "eth1", .ttl = 7});
  ASSERT_TRUE(eventually(10s, [&] {
    // They are sent while it listens.
    const Process asked = sender_.spawn(command("mcast-status", {"--why", kGroup, "--for", "1s"}));
    for (int i = 0; i < 20; ++i) {
      (void)never(50ms, [] { return false; });
      other.send(Datagram(100), kGroup, 5000);
    }
    (void)eventually(
        3s, [&] { return asked.standard_output().find("unknown (") != std::string::npos; });
    return asked.standard_output().find(
               "sent from 10.1.1.1 out of eth1, UDP port 5000\n"
               "by        a program that is not ours\n"
               "sends     TTL 7\n") != std::string::npos;
  }));
}

TEST_F(WhySender, EndsWithFourWhereTooLittleCanBeSeen) {
  if (sender_.try_run({"setpriv", "--reuid=65534", "true"}).exit_status != 0) {
    FAIL() << "setpriv cannot become another user";
  }
  const Process receiver = sender_.spawn(command("mcast-receive", {kGroup, "-i", "eth1"}));
  wait_until_joined(receiver);
  std::vector<std::string> as_nobody{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  for (const std::string& word : command("mcast-status", {"--why", kGroup, "--for", "500ms"})) {
    as_nobody.push_back(word);
  }
  const RunResult result = sender_.try_run(as_nobody);
  EXPECT_EQ(result.exit_status, 4) << result.output << result.error;
  EXPECT_THAT(result.output, HasSubstr("Nothing wrong was found, but too little is known"));
  // The rest only where it is asked for.
  EXPECT_THAT(result.output, Not(HasSubstr("\nfine ")));
  as_nobody.emplace_back("-v");
  EXPECT_THAT(sender_.try_run(as_nobody).output, HasSubstr("\nfine      eth1 is up"));
}

TEST_F(WhySender, OfMcastSendIsToldWhenTheCableIsPulled) {
  const Process sender =
      sender_.spawn(command("mcast-send", {kGroup, "-i", "eth1", "-r", "50pps", "-t", "60"}));
  ASSERT_TRUE(is_seen());
  link_down(receiver_, "eth1");
  EXPECT_TRUE(eventually(
      2s,
      [&] {
        return sender.standard_error().find(
                   "mcast-send: eth1 is up but has no carrier; try: plug in the cable") !=
               std::string::npos;
      },
      [&] { return sender.standard_error(); }));
}

TEST_F(WhySender, OfMcastReceiveIsToldAtOnceThatTheInterfaceIsDown) {
  const Process sender = send();
  // It would be stalled only after a minute.
  const Process receiver =
      receiver_.spawn(command("mcast-receive", {kGroup, "-i", "eth1", "--stall-timeout", "60"}));
  wait_until_joined(receiver);
  ASSERT_TRUE(eventually(
      5s, [&] { return receiver.standard_output().find("first packet") != std::string::npos; }));
  link_down(receiver_, "eth1");
  EXPECT_TRUE(eventually(
      2s,
      [&] {
        return receiver.standard_output().find(
                   "why nothing arrives: eth1 is down; try: ip link set dev eth1 up") !=
               std::string::npos;
      },
      [&] { return receiver.standard_output() + receiver.standard_error(); }));
}

TEST_F(WhySender, OfAnAgentIsAMetricAFindingAndALine) {
  const Agent agent(sender_, sender_configuration({.more = "rate: 50pps"}));
  ASSERT_TRUE(eventually(5s, [&] {
    return agent.metrics().value("mcast_sender_packets_total", {{"stream", "video"}}) > 0;
  }));
  EXPECT_EQ(agent.metrics().count("mcast_sender_finding"), 0U);
  link_down(receiver_, "eth1");
  EXPECT_TRUE(eventually(
      3s,
      [&] {
        return agent.metrics().value("mcast_sender_finding",
                                     {{"stream", "video"}, {"check", "interface_down"}}) == 1;
      },
      [&] { return agent.metrics().text(); }));
  const Json found = Json::parse(agent.get("/api/v1/findings"))["findings"];
  ASSERT_EQ(found.size(), 1U) << found;
  EXPECT_EQ(found[0]["kind"], "sender");
  EXPECT_EQ(found[0]["stream"], "video");
  EXPECT_EQ(found[0]["checks"][0]["check"], "interface_down");
  EXPECT_EQ(found[0]["checks"][0]["seen"], "eth1 is up but has no carrier");
  const std::string status =
      sender_.run(command("mcast-status", {"--agent=" + agent.api_socket()}));
  EXPECT_THAT(status, HasSubstr("sender video: eth1 is up but has no carrier\n  Try plug in"));
  // Its end is heard of, too.
  link_up(receiver_, "eth1");
  EXPECT_TRUE(eventually(
      3s, [&] { return agent.metrics().count("mcast_sender_finding") == 0; },
      [&] { return agent.metrics().text(); }));
}

TEST_F(WhySender, OfAnAgentsReceiverTheInterfaceIsAFindingBeforeItStalls) {
  const Agent agent(receiver_, receiver_configuration({.more = "stall_timeout: 60s"}));
  const Process sender = send();
  ASSERT_TRUE(eventually(5s, [&] {
    return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}}) > 0;
  }));
  link_down(sender_, "eth1");
  EXPECT_TRUE(eventually(
      3s,
      [&] {
        return agent.metrics().value("mcast_finding",
                                     {{"stream", "video"}, {"check", "interface_down"}}) == 1;
      },
      [&] { return agent.metrics().text(); }));
}

}  // namespace
}  // namespace mcast::test
