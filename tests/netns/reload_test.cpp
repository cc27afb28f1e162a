// Another configuration for an agent that runs: what did not change goes on, to the packet.
//
//   sender eth1 --- eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

class ReloadTest : public testing::Test {
 protected:
  ReloadTest() { connect(sender_, "eth1", "10.1.1.1/24", receiver_, "eth1", "10.1.1.2/24"); }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

using Reload = ReloadTest;
using ReloadUnderTraffic = ReloadTest;

constexpr int kStreams = 1'000;
constexpr int kReloads = 50;

// A thousand streams that stay, whose labels and timeouts change, and a range that grows
// and shrinks.
std::string receivers(int round) {
  const std::string number = std::to_string(round);
  return "defaults: {interface: eth1}\n"
         "receivers:\n"
         "  - {name: extra, group: 239.2.0.0, count: " +
         std::to_string(1 + round * 7 % 40) +
         "}\n"
         "  - {name: video, group: 239.1.0.0, count: " +
         std::to_string(kStreams) + ", stall_timeout: " + std::to_string(3 + round % 4) +
         "s, labels: {round: '" + number + "'}}\n";
}

std::string senders(int round) {
  return "defaults: {interface: eth1, rate: 10pps}\n"
         "senders:\n"
         "  - {name: extra, group: 239.2.0.0, count: " +
         std::to_string(1 + round * 11 % 40) +
         "}\n"
         "  - {name: video, group: 239.1.0.0, count: " +
         std::to_string(kStreams) + ", labels: {round: '" + std::to_string(round) + "'}}\n";
}

// By stream.
std::map<std::string, std::string> sender_ids(const Agent& agent) {
  std::map<std::string, std::string> ids;
  const auto json = nlohmann::json::parse(agent.get("/api/v1/senders?name=video-*"));
  for (const auto& sender : json.at("senders")) {
    ids[sender.at("name").get<std::string>()] = sender.at("sender_id").get<std::string>();
  }
  return ids;
}

TEST_F(ReloadUnderTraffic, KeepsEveryPacketCounterAndSenderIdOfWhatDidNotChange) {
  Agent receiver(receiver_, receivers(0));
  Agent sender(sender_, senders(0));
  const auto packets = [&] {
    const auto json = nlohmann::json::parse(receiver.get("/api/v1/receivers?name=video-*"));
    std::map<std::string, std::uint64_t> result;
    for (const auto& stream : json.at("receivers")) {
      for (const auto& source : stream.at("senders")) {
        result[stream.at("name").get<std::string>()] += source.at("packets").get<std::uint64_t>();
      }
    }
    return result;
  };
  ASSERT_TRUE(eventually(20s, [&] { return packets().size() == kStreams; }));
  const auto ids = sender_ids(sender);
  const auto before = packets();

  for (int round = 1; round <= kReloads; ++round) {
    receiver.reload(receivers(round));
    sender.reload(senders(round));
  }

  // Time for what would be missing to count as lost.
  ASSERT_TRUE(eventually(20s, [&] {
    const auto now = packets();
    return std::ranges::all_of(
        now, [&](const auto& entry) { return entry.second >= before.at(entry.first) + 15; });
  }));
  EXPECT_EQ(sender_ids(sender), ids);
  const auto json = nlohmann::json::parse(receiver.get("/api/v1/receivers?name=video-*"));
  ASSERT_EQ(json.at("receivers").size(), static_cast<std::size_t>(kStreams));
  int lost = 0;
  for (const auto& stream : json.at("receivers")) {
    ASSERT_EQ(stream.at("senders").size(), 1U) << stream;
    const auto& source = stream.at("senders").at(0);
    lost += source.at("lost").get<int>();
    EXPECT_EQ(source.at("restarts"), 0) << stream;
    EXPECT_EQ(source.at("duplicates"), 0) << stream;
    EXPECT_EQ(stream.at("stalls"), 0) << stream;
    EXPECT_EQ(stream.at("senders_seen"), 1) << stream;
    EXPECT_EQ(stream.at("labels").at("round"), std::to_string(kReloads));
    EXPECT_EQ(stream.at("stall_timeout_s"), 3 + kReloads % 4);
  }
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(json.at("sockets").at(0).at("drops"), 0);
  // None of them was left and joined again.
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.count("mcast_receiver_info", {{"round", std::to_string(kReloads)}}),
            static_cast<std::size_t>(kStreams));
  const auto joined = std::count_if(ids.begin(), ids.end(), [&](const auto& entry) {
    const std::string line = "msg=joined stream=" + entry.first + " ";
    const std::string log = receiver.log();
    return log.find(line) != std::string::npos && log.find(line) == log.rfind(line);
  });
  EXPECT_EQ(joined, kStreams);
}

TEST_F(Reload, OfARangeAddsAndTakesAwayItsEndAlone) {
  const auto range = [](int count) {
    return "receivers:\n  - {name: a, group: 239.1.0.1, interface: eth1, count: " +
           std::to_string(count) + "}\n";
  };
  Agent agent(receiver_, range(2));
  const auto joined = [&](const char* group) {
    return agent.metrics().value("mcast_membership_users", {{"group", group}}) == 1;
  };
  ASSERT_TRUE(joined("239.1.0.2"));
  EXPECT_FALSE(joined("239.1.0.3"));
  agent.reload(range(3));
  EXPECT_TRUE(joined("239.1.0.3"));
  agent.reload(range(2));
  EXPECT_FALSE(joined("239.1.0.3"));
  EXPECT_TRUE(joined("239.1.0.2"));
  EXPECT_EQ(agent.metrics().count("mcast_receiver_info"), 2U);
}

TEST_F(Reload, OfABadFileChangesNothingAndSaysWhy) {
  const std::string good = receiver_configuration({.more = ""});
  Agent agent(receiver_, good);
  EXPECT_EQ(agent.metrics().value("mcast_agent_config_last_reload_successful"), 1);
  const double when =
      agent.metrics().value("mcast_agent_config_last_reload_success_timestamp_seconds");
  agent.reload("receivers:\n  - {name: video, group: 10.1.1.1, colour: red}\n");
  EXPECT_EQ(agent.metrics().value("mcast_agent_config_last_reload_successful"), 0);
  EXPECT_EQ(agent.metrics().value("mcast_agent_config_last_reload_success_timestamp_seconds"),
            when);
  EXPECT_EQ(agent.metrics().value("mcast_membership_users", {{"group", "239.0.10.101"}}), 1);
  const auto status = nlohmann::json::parse(agent.get("/api/v1/status"));
  EXPECT_EQ(status.at("config").at("last_reload_successful"), false);
  EXPECT_EQ(status.at("config").at("errors").size(), 2U);
  EXPECT_THAT(status.at("config").at("errors").at(0).get<std::string>(),
              testing::HasSubstr(agent.configuration_file() + ":2:"));
  EXPECT_THAT(agent.log(), testing::HasSubstr("colour"));

  agent.reload(good);
  EXPECT_EQ(agent.metrics().value("mcast_agent_config_last_reload_successful"), 1);
  EXPECT_GT(agent.metrics().value("mcast_agent_config_last_reload_success_timestamp_seconds"),
            when);
}

TEST_F(Reload, ForcesAnotherIgmpVersionWithoutMeasuringAnew) {
  const auto with_version = [](const char* version) {
    return receiver_configuration({.more = std::string("igmp_version: ") + version});
  };
  Agent agent(receiver_, with_version("2"));
  const Agent sender(sender_, sender_configuration({.more = "rate: 100pps"}));
  const auto forced = [&] {
    return agent.metrics().value("mcast_igmp_forced_version", {{"interface", "eth1"}});
  };
  ASSERT_TRUE(
      eventually(5s, [&] { return agent.metrics().value("mcast_receiver_packets_total") >= 50; }));
  EXPECT_EQ(forced(), 2);
  agent.reload(with_version("3"));
  EXPECT_EQ(forced(), 3);
  EXPECT_GE(agent.metrics().value("mcast_receiver_packets_total"), 50);
  agent.reload(receiver_configuration({.more = ""}));
  EXPECT_EQ(forced(), 0);
  EXPECT_GE(agent.metrics().value("mcast_receiver_packets_total"), 50);
  EXPECT_EQ(agent.metrics().value("mcast_receiver_lost_packets_total"), 0);
}

TEST_F(Reload, GivesAllReceiversOfAnInterfaceTheirNewIgmpVersion) {
  const auto two = [](const std::string& version, const std::string& second) {
    return "defaults: {interface: eth1, igmp_version: " + version +
           "}\nreceivers:\n  - {name: a, group: 239.1.1.1}\n" + second;
  };
  const std::string b = "  - {name: b, group: 239.1.1.2}\n";
  Agent agent(receiver_, two("2", b));
  const auto forced = [&] {
    return agent.metrics().value("mcast_igmp_forced_version", {{"interface", "eth1"}});
  };
  EXPECT_EQ(forced(), 2);
  agent.reload(two("3", b));
  EXPECT_EQ(forced(), 3);
  agent.reload(two("3", ""));
  EXPECT_EQ(forced(), 3);
}

TEST_F(Reload, OfWhatIsNoFileIsRefusedAndDoesNotWait) {
  Agent agent(receiver_, kWatchesAlone);
  const std::string file = agent.configuration_file();
  (void)receiver_.run({"rm", file});
  (void)receiver_.run({"mkfifo", file});
  const HttpAnswer answer = agent.api("POST", "/-/reload");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, testing::HasSubstr("not a regular file"));
  EXPECT_EQ(agent.stop().exit_status, 0);
}

TEST_F(Reload, OfABadFileIsLoggedOnceHoweverOftenItIsAskedFor) {
  Agent agent(receiver_, kWatchesAlone);
  agent.reload("receivers: 5\n");
  const std::string log = agent.log();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(agent.api("POST", "/-/reload").status, 500);
  EXPECT_EQ(agent.log(), log);
}

}  // namespace
}  // namespace mcast::test
