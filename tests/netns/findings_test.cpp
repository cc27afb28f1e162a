// Why a receiver of the agent gets nothing: as a metric, in the API and in the log.
//
//   sender eth1 10.1.1.1 --- 10.1.1.2 eth1 receiver
//   sender eth2 10.2.2.1 --- 10.2.2.2 eth2 receiver      where a test needs another way
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

// A receiver is left alone for a second, then its wire is listened to for two.
constexpr auto kUntilFound = 10s;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
  return number;
}

class FindingsOf : public testing::Test {
 protected:
  explicit FindingsOf(Net net) : net_(std::move(net)) {
    connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2));
  }
  [[nodiscard]] std::string sends(const std::string& more = "rate: 50pps") const {
    return sender_configuration({.group = net_.group, .more = more});
  }
  [[nodiscard]] std::string receives() const {
    return receiver_configuration({.group = net_.group, .more = ""});
  }

  static testing::AssertionResult eventually_found(const Agent& agent, const std::string& check) {
    return eventually(
        kUntilFound,
        [&] {
          return agent.metrics().value("mcast_finding", {{"stream", "video"}, {"check", check}}) ==
                 1;
        },
        [&] { return agent.metrics().text(); });
  }
  // And nothing else is.
  static void expect_found_alone(const Agent& agent, const std::string& check) {
    ASSERT_TRUE(eventually_found(agent, check));
    EXPECT_EQ(agent.metrics().sum("mcast_finding", {{"stream", "video"}}), 1)
        << agent.metrics().text();
    const Json answer = findings_of(agent);
    ASSERT_EQ(answer.size(), 1U) << answer;
    for (const Json& each : answer[0]["checks"]) {
      EXPECT_EQ(each["verdict"] == "found", each["check"] == check) << answer;
    }
  }
  static void expect_told_once(const Agent& agent, const std::string& check) {
    EXPECT_EQ(occurrences(agent.log(), "why nothing arrives"), 1U);
    EXPECT_THAT(agent.log(), HasSubstr("stream=video check=" + check));
  }

  [[nodiscard]] static Json findings_of(const Agent& agent) {
    return Json::parse(agent.get("/api/v1/findings"))["findings"];
  }
  // One check of the only stream that has findings.
  [[nodiscard]] static Json finding(const Agent& agent, const std::string& check) {
    const Json answer = findings_of(agent);
    for (const Json& each : answer.at(0)["checks"]) {
      if (each["check"] == check) return each;
    }
    return {};
  }

  const Net net_;
  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

// IPv6 has no such filter.
class FindingsOfIpv4 : public FindingsOf {
 protected:
  FindingsOfIpv4() : FindingsOf(ipv4()) {}
};

class Findings : public FindingsOf, public testing::WithParamInterface<Net> {
 protected:
  Findings() : FindingsOf(GetParam()) {}
};

TEST_F(FindingsOfIpv4, NameTheReversePathFilterUntilItIsLoose) {
  // eth1 has the packets, eth2 the way back.
  connect(receiver_, "eth2", "10.2.2.2/24", sender_, "eth2", "10.2.2.1/24");
  add_address(sender_, "eth1", "10.9.0.1/24");
  add_route(receiver_, "10.9.0.0/24", "10.2.2.1");
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  const Agent sender(sender_, sends("rate: 50pps, source: 10.9.0.1"));
  const Agent receiver(receiver_, receives());
  expect_found_alone(receiver, "reverse_path_filter");
  expect_told_once(receiver, "reverse_path_filter");
  const Json stream = findings_of(receiver).at(0);
  EXPECT_EQ(stream["stream"], "video");
  EXPECT_EQ(stream["group"], "239.0.10.101");
  EXPECT_EQ(stream["source"], nullptr);
  EXPECT_EQ(stream["interface"], "eth1");
  EXPECT_EQ(stream["port"], 19779);
  const Json found = finding(receiver, "reverse_path_filter");
  EXPECT_THAT(found["seen"].get<std::string>(),
              HasSubstr("packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by "
                        "eth2, and rp_filter of eth1 is 1 (strict)"));
  EXPECT_NE(found["meaning"], "");
  EXPECT_EQ(found["remedy"], "sysctl -w net.ipv4.conf.eth1.rp_filter=2");
  // The remedy helps.
  receiver_.set_sysctl("net.ipv4.conf.eth1.rp_filter", "2");
  EXPECT_TRUE(eventually(5s, [&] {
    return receiver.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}}) > 0;
  }));
  EXPECT_TRUE(eventually(
      5s, [&] { return receiver.metrics().count("mcast_finding") == 0; },
      [&] { return receiver.metrics().text(); }));
  EXPECT_EQ(findings_of(receiver), Json::array());
}

TEST_P(Findings, AreAbsentForAReceiverThatReceives) {
  const Agent sender(sender_, sends());
  const Agent receiver(receiver_,
                       "defaults: {interface: eth1}\n"
                       "receivers:\n"
                       "  - {name: video, group: " +
                           quoted(net_.other_group) +
                           "}\n"
                           "  - {name: healthy, group: " +
                           quoted(net_.group) + "}\n");
  // Once its silent neighbour has been examined, so might it have been.
  ASSERT_TRUE(eventually_found(receiver, "no_traffic"));
  const Metrics metrics = receiver.metrics();
  EXPECT_GT(metrics.value("mcast_receiver_packets_total", {{"stream", "healthy"}}), 0);
  EXPECT_EQ(metrics.count("mcast_finding", {{"stream", "healthy"}}), 0U) << metrics.text();
  EXPECT_EQ(findings_of(receiver).size(), 1U);
}

TEST_P(Findings, SayThatNobodySends) {
  const Agent receiver(receiver_, receives());
  expect_found_alone(receiver, "no_traffic");
  expect_told_once(receiver, "no_traffic");
  EXPECT_THAT(finding(receiver, "no_traffic")["seen"].get<std::string>(),
              StartsWith("no packet to " + net_.group + " was seen on eth1 in 2."));
}

TEST_P(Findings, SayThatTheInterfaceIsDown) {
  const Agent receiver(receiver_, receives());
  link_down(receiver_, "eth1");
  expect_found_alone(receiver, "interface_down");
  expect_told_once(receiver, "interface_down");
  EXPECT_EQ(finding(receiver, "interface_down")["seen"], "eth1 is down");
}

TEST_P(Findings, SayThatTheSenderUsesAnotherPort) {
  const Agent sender(sender_, sends("rate: 50pps, port: 5000"));
  const Agent receiver(receiver_, receives());
  expect_found_alone(receiver, "unexpected_traffic");
  expect_told_once(receiver, "unexpected_traffic");
  EXPECT_EQ(finding(receiver, "unexpected_traffic")["seen"],
            net_.host(1, 1) + " sends to UDP port 5000, the receiver listens on 19779");
}

TEST_P(Findings, ComeWithASenderThatIsKilled) {
  Agent sender(sender_, sends());
  const Agent receiver(receiver_, receives());
  ASSERT_TRUE(eventually(5s, [&] {
    return receiver.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}}) > 0;
  }));
  EXPECT_EQ(receiver.metrics().count("mcast_finding"), 0U);
  // One that ends in order says so, and nothing is wrong.
  sender.process().signal(SIGKILL);
  ASSERT_TRUE(eventually_found(receiver, "no_traffic"));
  expect_told_once(receiver, "no_traffic");
}

INSTANTIATE_TEST_SUITE_P(, Findings, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
