// Why nothing arrives, as a running mcast-receive says it: lines, JSON and events.
//
//   sender eth1 --- eth1 receiver, and eth2 --- eth2 with the way back to 10.9.0.1
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Names = std::vector<std::string>;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kGroup = "239.0.10.101";
constexpr const char* kFilter = "net.ipv4.conf.eth1.rp_filter";
constexpr const char* kWhy = "why nothing arrives: ";
constexpr const char* kSeen = "packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves";
constexpr const char* kTry = "; try: sysctl -w net.ipv4.conf.eth1.rp_filter=2";

class Silence : public testing::Test {
 protected:
  Silence() {
    connect(sender_, "eth1", "10.1.1.1/24", receiver_, "eth1", "10.1.1.2/24");
    connect(sender_, "eth2", "10.2.2.1/24", receiver_, "eth2", "10.2.2.2/24");
    add_address(sender_, "eth1", "10.9.0.1/24");
    add_route(receiver_, "10.9.0.0/24", "10.2.2.1");
  }
  [[nodiscard]] Process receive(const Names& more) const {
    Names arguments{kGroup, "-i", "eth1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Process process = receiver_.spawn(command("mcast-receive", arguments));
    wait_until_joined(process);
    return process;
  }
  [[nodiscard]] Process send() const {
    return sender_.spawn(command(
        "mcast-send", {kGroup, "-i", "eth1", "-r", "50pps", "--quiet", "--source", "10.9.0.1"}));
  }
  static int interrupt(Process& process) {
    process.signal(SIGINT);
    return process.wait_exit(10s).value_or(-1);
  }
  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
      ++found;
    }
    return found;
  }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_F(Silence, IsExplainedInALine) {
  receiver_.set_sysctl(kFilter, "1");
  const Process sender = send();
  for (const Names& how : {Names{}, Names{"--quiet"}}) {
    Process receiver = receive(how);
    ASSERT_TRUE(eventually(
        10s, [&] { return receiver.standard_output().find(kTry) != std::string::npos; },
        [&] { return receiver.standard_output() + receiver.standard_error(); }));
    EXPECT_EQ(interrupt(receiver), 0);
    EXPECT_THAT(receiver.standard_output(),
                HasSubstr(std::string("\nmcast-receive: ") + kWhy + kSeen));
    EXPECT_EQ(count(receiver.standard_output(), kWhy), 1U) << receiver.standard_output();
    EXPECT_EQ(receiver.standard_error(), "");
  }
}

TEST_F(Silence, IsExplainedOnStderrWithJson) {
  receiver_.set_sysctl(kFilter, "1");
  const Process sender = send();
  Process receiver = receive({"--json"});
  ASSERT_TRUE(eventually(
      10s, [&] { return receiver.standard_error().find(kTry) != std::string::npos; },
      [&] { return receiver.standard_error(); }));
  EXPECT_EQ(interrupt(receiver), 0);
  EXPECT_THAT(receiver.standard_error(), HasSubstr(std::string("mcast-receive: ") + kWhy + kSeen));
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("packets_recv"), 0);
}

TEST_F(Silence, IsAnEventAndEndsWithTheFirstPacket) {
  receiver_.set_sysctl(kFilter, "1");
  const Process sender = send();
  Process receiver = receive({"--events"});
  const auto happened = [&](const char* event) {
    return receiver.standard_output().find("\"" + std::string(event) + "\"") != std::string::npos;
  };
  ASSERT_TRUE(eventually(10s, [&] { return happened("finding"); }));
  EXPECT_FALSE(happened("first-packet"));
  // The command that it names mends it.
  receiver_.set_sysctl(kFilter, "2");
  ASSERT_TRUE(eventually(5s, [&] { return happened("first-packet"); }));
  EXPECT_EQ(interrupt(receiver), 0);
  EXPECT_THAT(receiver.standard_error(), Not(HasSubstr(kWhy)));

  const auto events = json_lines(receiver.standard_output());
  const auto is_finding = [](const Json& event) { return event.at("event") == "finding"; };
  ASSERT_EQ(std::ranges::count_if(events, is_finding), 1) << receiver.standard_output();
  const Json finding = *std::ranges::find_if(events, is_finding);
  EXPECT_EQ(finding.size(), 8U);
  EXPECT_EQ(finding.at("stream"), kGroup);
  EXPECT_EQ(finding.at("group"), kGroup);
  EXPECT_EQ(finding.at("check"), "reverse_path_filter");
  EXPECT_THAT(finding.at("time").get<std::string>(), HasSubstr("T"));
  EXPECT_THAT(finding.at("seen").get<std::string>(), HasSubstr(kSeen));
  EXPECT_NE(finding.at("meaning"), "");
  EXPECT_EQ(finding.at("remedy"), "sysctl -w net.ipv4.conf.eth1.rp_filter=2");
}

TEST_F(Silence, ThatBeginsWithAStallIsExplainedToo) {
  const Process receiver = receive({"--stall-timeout", "0.5"});
  const Process sender = send();
  const auto says = [&](const char* text) {
    return receiver.standard_output().find(text) != std::string::npos;
  };
  ASSERT_TRUE(eventually(
      5s, [&] { return says("first packet"); }, [&] { return receiver.standard_output(); }));
  EXPECT_FALSE(says(kWhy)) << receiver.standard_output();
  receiver_.set_sysctl(kFilter, "1");
  EXPECT_TRUE(
      eventually(10s, [&] { return says(kTry); }, [&] { return receiver.standard_output(); }));
}

TEST_F(Silence, OfSomeGroupsIsExplainedByTheirNames) {
  const Process sender = send();  // the first of them
  const Process receiver = receive({"--groups", "3", "--stall-timeout", "1"});
  const auto says = [&](const std::string& text) {
    return receiver.standard_output().find(text) != std::string::npos;
  };
  ASSERT_TRUE(eventually(
      10s,
      [&] {
        return says(std::string("239.0.10.102: ") + kWhy) &&
               says(std::string("239.0.10.103: ") + kWhy);
      },
      [&] { return receiver.standard_output(); }));
  EXPECT_FALSE(says(std::string("239.0.10.101: ") + kWhy)) << receiver.standard_output();
}

TEST_F(Silence, IsNotLookedIntoWhilePacketsArrive) {
  const Process sender = send();
  Process receiver = receive({});
  EXPECT_TRUE(
      never(4s, [&] { return receiver.standard_output().find(kWhy) != std::string::npos; }));
  EXPECT_EQ(interrupt(receiver), 0);
  EXPECT_EQ(receiver.standard_error(), "");
}

TEST_F(Silence, OpensNoPacketSocketBeforeItHasLastedForASecond) {
  const auto packet_sockets = [&] {
    const std::string text = receiver_.proc_net("packet");  // a heading, then a line each
    return count(text, "\n") - 1;
  };
  const Process receiver = receive({});
  EXPECT_EQ(packet_sockets(), 0U);
  ASSERT_TRUE(eventually(5s, [&] { return packet_sockets() > 0; }));
  const Process sender = send();
  EXPECT_TRUE(eventually(
      5s, [&] { return packet_sockets() == 0; }, [&] { return receiver_.proc_net("packet"); }));
}

}  // namespace
}  // namespace mcast::test
