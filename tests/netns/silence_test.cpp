// Why nothing arrives, as a running mcast-receive says it: lines, JSON and events.
//
//   sender eth1 --- eth1 receiver, and eth2 --- eth2 with the way back to 10.9.0.1 (IPv4)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/netns/command.h"
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
using testing::StartsWith;

constexpr const char* kFilter = "net.ipv4.conf.eth1.rp_filter";
constexpr const char* kWhy = "why nothing arrives: ";

// What keeps packets from the receiver: the reverse path filter, or a rule where the family
// has no such filter.
struct Cause {
  std::string check;
  std::string seen;
  std::string remedy;
};
const Cause kReversePath{
    .check = "reverse_path_filter",
    .seen = "packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves",
    .remedy = "sysctl -w net.ipv4.conf.eth1.rp_filter=2"};
const Cause kRule{.check = "not_delivered",
                  .seen = "none reached the socket",
                  .remedy = "nft delete rule ip6 fault input handle "};

class Silence : public BothFamilies {
 protected:
  Silence() {
    connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2));
    connect(sender_, "eth2", addresses(2, 1), receiver_, "eth2", addresses(2, 2));
    add_address(sender_, "eth1", "10.9.0.1/24");
    add_route(receiver_, "10.9.0.0/24", "10.1.2.1");
  }
  void keep_packets_away() const {
    if (net_.is_v4()) {
      receiver_.set_sysctl(kFilter, "1");
    } else {
      filter(receiver_, net_, "input", net_.to_group() + " drop");
    }
  }
  // With the command that is named.
  void mend() const {
    if (net_.is_v4()) {
      receiver_.set_sysctl(kFilter, "2");
    } else {
      receiver_.run({"nft", "flush", "ruleset"});
    }
  }
  [[nodiscard]] Process receive(const Names& more) const {
    Names arguments{net_.group, "-i", "eth1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Process process = receiver_.spawn(command("mcast-receive", arguments));
    wait_until_joined(process);
    return process;
  }
  [[nodiscard]] Process send() const {
    return sender_.spawn(
        command("mcast-send", {net_.group, "-i", "eth1", "-r", "50pps", "--quiet", "--source",
                               net_.is_v4() ? "10.9.0.1" : net_.host(1, 1)}));
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

  const Cause& cause_ = net_.is_v4() ? kReversePath : kRule;
  const std::string try_ = "; try: " + cause_.remedy;
  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_P(Silence, IsExplainedInALine) {
  keep_packets_away();
  const Process sender = send();
  for (const Names& how : {Names{}, Names{"--quiet"}}) {
    Process receiver = receive(how);
    ASSERT_TRUE(eventually(
        10s, [&] { return receiver.standard_output().find(try_) != std::string::npos; },
        [&] { return receiver.standard_output() + receiver.standard_error(); }));
    EXPECT_EQ(interrupt(receiver), 0);
    EXPECT_THAT(receiver.standard_output(), HasSubstr(std::string("\nmcast-receive: ") + kWhy));
    EXPECT_THAT(receiver.standard_output(), HasSubstr(cause_.seen));
    EXPECT_EQ(count(receiver.standard_output(), kWhy), 1U) << receiver.standard_output();
    EXPECT_EQ(receiver.standard_error(), "");
  }
}

TEST_P(Silence, IsExplainedOnStderrWithJson) {
  keep_packets_away();
  const Process sender = send();
  Process receiver = receive({"--json"});
  ASSERT_TRUE(eventually(
      10s, [&] { return receiver.standard_error().find(try_) != std::string::npos; },
      [&] { return receiver.standard_error(); }));
  EXPECT_EQ(interrupt(receiver), 0);
  EXPECT_THAT(receiver.standard_error(), HasSubstr(std::string("mcast-receive: ") + kWhy));
  EXPECT_THAT(receiver.standard_error(), HasSubstr(cause_.seen));
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("packets_recv"), 0);
}

TEST_P(Silence, IsAnEventAndEndsWithTheFirstPacket) {
  keep_packets_away();
  const Process sender = send();
  Process receiver = receive({"--events"});
  const auto happened = [&](const char* event) {
    return receiver.standard_output().find("\"" + std::string(event) + "\"") != std::string::npos;
  };
  ASSERT_TRUE(eventually(10s, [&] { return happened("finding"); }));
  EXPECT_FALSE(happened("first-packet"));
  // The command that it names mends it.
  mend();
  ASSERT_TRUE(eventually(5s, [&] { return happened("first-packet"); }));
  EXPECT_EQ(interrupt(receiver), 0);
  EXPECT_THAT(receiver.standard_error(), Not(HasSubstr(kWhy)));

  const auto events = json_lines(receiver.standard_output());
  const auto is_finding = [](const Json& event) { return event.at("event") == "finding"; };
  ASSERT_EQ(std::ranges::count_if(events, is_finding), 1) << receiver.standard_output();
  const Json finding = *std::ranges::find_if(events, is_finding);
  EXPECT_EQ(finding.size(), 8U);
  EXPECT_EQ(finding.at("stream"), net_.group);
  EXPECT_EQ(finding.at("group"), net_.group);
  EXPECT_EQ(finding.at("check"), cause_.check);
  EXPECT_THAT(finding.at("time").get<std::string>(), HasSubstr("T"));
  EXPECT_THAT(finding.at("seen").get<std::string>(), HasSubstr(cause_.seen));
  EXPECT_NE(finding.at("meaning"), "");
  EXPECT_THAT(finding.at("remedy").get<std::string>(), StartsWith(cause_.remedy));
}

TEST_P(Silence, ThatBeginsWithAStallIsExplainedToo) {
  const Process receiver = receive({"--stall-timeout", "0.5"});
  const Process sender = send();
  const auto says = [&](const std::string& text) {
    return receiver.standard_output().find(text) != std::string::npos;
  };
  ASSERT_TRUE(eventually(
      5s, [&] { return says("first packet"); }, [&] { return receiver.standard_output(); }));
  EXPECT_FALSE(says(kWhy)) << receiver.standard_output();
  keep_packets_away();
  EXPECT_TRUE(
      eventually(10s, [&] { return says(try_); }, [&] { return receiver.standard_output(); }));
}

TEST_P(Silence, OfSomeGroupsIsExplainedByTheirNames) {
  const Process sender = send();  // the first of them
  const Process receiver = receive({"--groups", "3", "--stall-timeout", "1"});
  const auto says = [&](const std::string& text) {
    return receiver.standard_output().find(text) != std::string::npos;
  };
  ASSERT_TRUE(eventually(
      10s,
      [&] {
        return says(net_.group_plus(1) + ": " + kWhy) && says(net_.group_plus(2) + ": " + kWhy);
      },
      [&] { return receiver.standard_output(); }));
  EXPECT_FALSE(says(net_.group + ": " + kWhy)) << receiver.standard_output();
}

TEST_P(Silence, IsNotLookedIntoWhilePacketsArrive) {
  const Process sender = send();
  Process receiver = receive({});
  EXPECT_TRUE(
      never(4s, [&] { return receiver.standard_output().find(kWhy) != std::string::npos; }));
  EXPECT_EQ(interrupt(receiver), 0);
  EXPECT_EQ(receiver.standard_error(), "");
}

TEST_P(Silence, OpensNoPacketSocketBeforeItHasLastedForASecond) {
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

INSTANTIATE_TEST_SUITE_P(, Silence, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
