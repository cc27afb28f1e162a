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

class Reload : public BothFamilies {
 protected:
  Reload() { connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2)); }

  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

class ReloadUnderTraffic : public Reload {};

constexpr int kStreams = 1'000;
constexpr int kReloads = 50;

// A thousand streams that stay, whose labels and timeouts change, and a range that grows
// and shrinks.
std::string receivers(const Net& net, int round) {
  const std::string number = std::to_string(round);
  return "defaults: {interface: eth1}\n"
         "receivers:\n"
         "  - {name: extra, group: " +
         quoted(net.group_plus(0x10000)) + ", count: " + std::to_string(1 + round * 7 % 40) +
         "}\n"
         "  - {name: video, group: " +
         quoted(net.group) + ", count: " + std::to_string(kStreams) +
         ", stall_timeout: " + std::to_string(3 + round % 4) + "s, labels: {round: '" + number +
         "'}}\n";
}

std::string senders(const Net& net, int round) {
  return "defaults: {interface: eth1, rate: 10pps}\n"
         "senders:\n"
         "  - {name: extra, group: " +
         quoted(net.group_plus(0x10000)) + ", count: " + std::to_string(1 + round * 11 % 40) +
         "}\n"
         "  - {name: video, group: " +
         quoted(net.group) + ", count: " + std::to_string(kStreams) + ", labels: {round: '" +
         std::to_string(round) + "'}}\n";
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

TEST_P(ReloadUnderTraffic, KeepsEveryPacketCounterAndSenderIdOfWhatDidNotChange) {
  Agent receiver(receiver_, receivers(net_, 0));
  Agent sender(sender_, senders(net_, 0));
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
    receiver.reload(receivers(net_, round));
    sender.reload(senders(net_, round));
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

TEST_P(Reload, OfARangeAddsAndTakesAwayItsEndAlone) {
  const auto range = [&](int count) {
    return receiver_configuration(
        {.name = "a", .group = net_.group, .more = "count: " + std::to_string(count)});
  };
  Agent agent(receiver_, range(2));
  const auto joined = [&](unsigned place) {
    return agent.metrics().value("mcast_membership_users",
                                 {{"group", net_.group_plus(place - 1)}}) == 1;
  };
  ASSERT_TRUE(joined(2));
  EXPECT_FALSE(joined(3));
  agent.reload(range(3));
  EXPECT_TRUE(joined(3));
  agent.reload(range(2));
  EXPECT_FALSE(joined(3));
  EXPECT_TRUE(joined(2));
  EXPECT_EQ(agent.metrics().count("mcast_receiver_info"), 2U);
}

TEST_P(Reload, OfABadFileChangesNothingAndSaysWhy) {
  const std::string good = receiver_configuration({.group = net_.group, .more = ""});
  Agent agent(receiver_, good);
  EXPECT_EQ(agent.metrics().value("mcast_agent_config_last_reload_successful"), 1);
  const double when =
      agent.metrics().value("mcast_agent_config_last_reload_success_timestamp_seconds");
  agent.reload("receivers:\n  - {name: video, group: " + quoted(net_.host(1, 1)) +
               ", colour: red}\n");
  EXPECT_EQ(agent.metrics().value("mcast_agent_config_last_reload_successful"), 0);
  EXPECT_EQ(agent.metrics().value("mcast_agent_config_last_reload_success_timestamp_seconds"),
            when);
  EXPECT_EQ(agent.metrics().value("mcast_membership_users", {{"group", net_.group}}), 1);
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

TEST_P(Reload, ForcesAnotherVersionWithoutMeasuringAnew) {
  const auto with_version = [&](int version) {
    return receiver_configuration(
        {.group = net_.group, .more = net_.version_key + ": " + std::to_string(version)});
  };
  // Where nothing is forced, a host speaks MLDv2: nothing is forced for it.
  const int newest = net_.is_v4() ? 3 : 0;
  Agent agent(receiver_, with_version(net_.older_version));
  const Agent sender(sender_, sender_configuration({.group = net_.group, .more = "rate: 100pps"}));
  const auto forced = [&] {
    return agent.metrics().value(net_.metrics + "forced_version", {{"interface", "eth1"}});
  };
  ASSERT_TRUE(
      eventually(5s, [&] { return agent.metrics().value("mcast_receiver_packets_total") >= 50; }));
  EXPECT_EQ(forced(), net_.older_version);
  agent.reload(with_version(net_.newest_version));
  EXPECT_EQ(forced(), newest);
  EXPECT_GE(agent.metrics().value("mcast_receiver_packets_total"), 50);
  agent.reload(receiver_configuration({.group = net_.group, .more = ""}));
  EXPECT_EQ(forced(), 0);
  EXPECT_GE(agent.metrics().value("mcast_receiver_packets_total"), 50);
  EXPECT_EQ(agent.metrics().value("mcast_receiver_lost_packets_total"), 0);
}

TEST_P(Reload, GivesAllReceiversOfAnInterfaceTheirNewVersion) {
  const auto two = [&](int version, const std::string& second) {
    return "defaults: {interface: eth1, " + net_.version_key + ": " + std::to_string(version) +
           "}\nreceivers:\n  - {name: a, group: " + quoted(net_.group) + "}\n" + second;
  };
  const std::string b = "  - {name: b, group: " + quoted(net_.other_group) + "}\n";
  const int first = net_.is_v4() ? 2 : 1;
  const int second = net_.is_v4() ? 3 : 0;  // MLDv2 needs no forcing here
  Agent agent(receiver_, two(first, b));
  const auto forced = [&] {
    return agent.metrics().value(net_.metrics + "forced_version", {{"interface", "eth1"}});
  };
  EXPECT_EQ(forced(), first);
  agent.reload(two(net_.newest_version, b));
  EXPECT_EQ(forced(), second);
  agent.reload(two(net_.newest_version, ""));
  EXPECT_EQ(forced(), second);
}

// Of the file, and of no family.
class ReloadFile : public testing::Test {
 protected:
  Namespace receiver_{"receiver"};
};

TEST_F(ReloadFile, OfWhatIsNoFileIsRefusedAndDoesNotWait) {
  Agent agent(receiver_, kWatchesAlone);
  const std::string file = agent.configuration_file();
  (void)receiver_.run({"rm", file});
  (void)receiver_.run({"mkfifo", file});
  const HttpAnswer answer = agent.api("POST", "/-/reload");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, testing::HasSubstr("not a regular file"));
  EXPECT_EQ(agent.stop().exit_status, 0);
}

TEST_F(ReloadFile, OfABadFileIsLoggedOnceHoweverOftenItIsAskedFor) {
  Agent agent(receiver_, kWatchesAlone);
  agent.reload("receivers: 5\n");
  const std::string log = agent.log();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(agent.api("POST", "/-/reload").status, 500);
  EXPECT_EQ(agent.log(), log);
}

INSTANTIATE_TEST_SUITE_P(, Reload, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, ReloadUnderTraffic, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
