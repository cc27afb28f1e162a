// What hosts of IPv6 have and hosts of IPv4 have not: addresses that come late, addresses that
// mean something on one link alone, another limit of joins, and a switch that turns it off.
//
//   sender eth1 --- eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/netns/agent.h"
#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/foreign_joins.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

const LabelSet kVideo{{"stream", "video"}};

std::string sends(const std::string& more = "rate: 100pps") {
  return sender_configuration({.group = ipv6().group, .more = more});
}
std::string receives(const std::string& group = ipv6().group) {
  return receiver_configuration({.group = group, .more = ""});
}

class Ipv6Host : public testing::Test {
 protected:
  explicit Ipv6Host(Namespace::Ipv6 sending = Namespace::Ipv6::kOn) : sender_("sender", sending) {}

  static testing::AssertionResult comes_to_receive(const Agent& agent, const LabelSet& labels) {
    return eventually(
        10s, [&] { return agent.metrics().value("mcast_receiver_packets_total", labels) >= 50; },
        [&] { return agent.metrics().text(); });
  }
  static bool sender_is(const Agent& agent, const char* state) {
    return agent.metrics().value("mcast_sender_state", {{"stream", "video"}, {"state", state}}) ==
           1;
  }

  Namespace sender_;
  Namespace receiver_{"receiver"};
};

// --- addresses that are looked for twice on the link first

class DuplicateAddressDetection : public Ipv6Host {
 protected:
  DuplicateAddressDetection() : Ipv6Host(Namespace::Ipv6::kWithDad) {
    // Long enough to be seen, however slow the machine is: a second for each.
    sender_.set_sysctl("net.ipv6.conf.default.dad_transmits", "4");
    connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2));
  }
  [[nodiscard]] bool tentative() const {
    return sender_.run({"ip", "-6", "address", "show", "dev", "eth1"}).find("tentative") !=
           std::string::npos;
  }
};

TEST_F(DuplicateAddressDetection, IsWaitedForByASenderThatStartsWithTheLink) {
  const Agent sender(sender_, sends());
  const Agent receiver(receiver_, receives());
  ASSERT_TRUE(tentative());
  EXPECT_TRUE(sender_is(sender, "failed"));
  EXPECT_THAT(sender.log(), HasSubstr("waits until 2001:db8:1:1::1 on eth1 can be used: duplicate "
                                      "address detection is not over"));
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_packets_total"), 0U);
  ASSERT_TRUE(eventually(15s, [&] { return !tentative(); }));
  // Netlink tells of it: nobody waits for the next try.
  EXPECT_TRUE(eventually(500ms, [&] { return sender_is(sender, "sending"); }));
  EXPECT_TRUE(comes_to_receive(receiver, {{"stream", "video"}, {"sender", "2001:db8:1:1::1"}}));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.count("mcast_receiver_packets_total"), 1U) << "from that address alone";
  EXPECT_EQ(metrics.value("mcast_receiver_lost_packets_total", kVideo), 0);
}

TEST_F(DuplicateAddressDetection, IsWaitedForByTheCommandThatSaysSo) {
  const Agent receiver(receiver_, receives());
  const RunResult sent = sender_.try_run(
      command("mcast-send", {ipv6().group, "-i", "eth1", "-c", "50", "-r", "100", "-t", "20"}),
      {.deadline = 30s});
  EXPECT_EQ(sent.exit_status, 0) << sent.error;
  EXPECT_THAT(sent.error, HasSubstr("duplicate address detection is not over"));
  EXPECT_TRUE(
      sent.error.starts_with("mcast-send: stream failed, will be tried again: waits until "))
      << sent.error;
  EXPECT_THAT(sent.output, HasSubstr("sent 50 packets"));
  EXPECT_TRUE(comes_to_receive(receiver, kVideo));
}

TEST_F(DuplicateAddressDetection, OfTheReceiverIsNotWaitedForBecauseJoinsWork) {
  const Agent receiver(sender_, receives());
  ASSERT_TRUE(tentative());
  EXPECT_TRUE(has_joined(sender_, ipv6().group));
  EXPECT_THAT(receiver.log(), HasSubstr("the join delay contains duplicate address detection"));
  EXPECT_EQ(
      receiver.metrics().value("mcast_receiver_state", {{"stream", "video"}, {"state", "waiting"}}),
      1);
}

TEST_F(DuplicateAddressDetection, ThatFindsADuplicateLeavesTheSenderWithoutAnAddress) {
  // Whoever has it already says so.
  add_address(receiver_, "eth1", "2001:db8:1:1::1/64");
  const Agent sender(sender_, sends("rate: 100pps, source: '2001:db8:1:1::1'"));
  ASSERT_TRUE(eventually(15s, [&] {
    return sender_.run({"ip", "-6", "address", "show", "dev", "eth1"}).find("dadfailed") !=
           std::string::npos;
  }));
  EXPECT_TRUE(never(1s, [&] { return sender_is(sender, "sending"); }));
  EXPECT_THAT(sender.log(), HasSubstr("2001:db8:1:1::1"));
}

// --- addresses of one link

class LinkLocalSource : public Ipv6Host {
 protected:
  // Nothing but what the interfaces give themselves.
  LinkLocalSource() { connect(sender_, "eth1", "", receiver_, "eth1", ""); }

  [[nodiscard]] std::string source() const { return link_local_address(sender_, "eth1"); }
};

TEST_F(LinkLocalSource, HasItsZoneWhereverItIsShown) {
  const Agent receiver(receiver_, receives());
  const Agent sender(sender_, sends());
  const std::string zoned = source() + "%eth1";
  ASSERT_TRUE(comes_to_receive(receiver, {{"stream", "video"}, {"sender", zoned}}));
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_packets_total"), 1U);
  const json shown = json::parse(receiver.get("/api/v1/receivers/video"));
  EXPECT_EQ(shown.at("senders").at(0).at("source"), zoned);
  EXPECT_THAT(receiver.log(), HasSubstr(zoned));
  Process command_line = receiver_.spawn(
      command("mcast-receive", {ipv6().group, "-i", "eth1", "-c", "10", "-t", "10"}));
  EXPECT_EQ(command_line.wait_exit(15s), 0);
  EXPECT_THAT(command_line.standard_output(), HasSubstr("first packet, from " + zoned));
}

TEST_F(LinkLocalSource, CanBeJoinedByItself) {
  const std::string group = "ff32::8000:1";
  const Agent receiver(
      receiver_, "defaults: {interface: eth1}\nreceivers:\n  - {name: video, group: '" + group +
                     "', source: '" + source() + "'}\n  - {name: other, group: '" + group +
                     "', source: 'fe80::9'}\n");
  const Agent sender(sender_, sender_configuration({.group = group, .more = "rate: 100pps"}));
  EXPECT_TRUE(comes_to_receive(receiver, kVideo));
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_packets_total", {{"stream", "other"}}), 0U);
}

TEST_F(LinkLocalSource, OfTheSameGroupOnTwoLinksAreTwoSenders) {
  // Groups of link-local scope are others on each link.
  connect(sender_, "eth2", "", receiver_, "eth2", "");
  const auto of_both = [](const std::string& kind, const std::string& more) {
    return kind + ":\n  - {name: one, group: 'ff12::8000:1%eth1'" + more +
           "}\n  - {name: two, group: 'ff12::8000:1', interface: eth2" + more + "}\n";
  };
  const Agent receiver(receiver_, of_both("receivers", ""));
  const Agent sender(sender_, of_both("senders", ", rate: 100pps"));
  EXPECT_TRUE(comes_to_receive(receiver, {{"stream", "one"}, {"sender", source() + "%eth1"}}));
  EXPECT_TRUE(comes_to_receive(
      receiver, {{"stream", "two"}, {"sender", link_local_address(sender_, "eth2") + "%eth2"}}));
  EXPECT_EQ(receiver.metrics().count("mcast_receiver_packets_total"), 2U)
      << receiver.metrics().text();
}

// --- the limit of joins

class ManyJoins : public Ipv6Host {
 protected:
  ManyJoins() { connect(sender_, "eth1", addresses(1, 1), receiver_, "eth1", addresses(1, 2)); }
};

TEST_F(ManyJoins, MoreThanOneSocketHoldsAreAllMembers) {
  constexpr int kGroups = 2500;  // net.core.optmem_max ends a socket at about 2,340
  const Agent receiver(
      receiver_,
      receiver_configuration({.group = ipv6().group, .more = "count: " + std::to_string(kGroups)}));
  const auto members = [&] {
    const std::string text = receiver_.proc_net("igmp6");
    int count = 0;
    for (auto at = text.find(" ff1e"); at != std::string::npos; at = text.find(" ff1e", at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_TRUE(eventually(
      20s, [&] { return members() == kGroups; }, [&] { return std::to_string(members()); }));
  EXPECT_EQ(receiver.metrics().sum("mcast_receiver_state", {{"state", "waiting"}}), kGroups);
  const Agent sender(sender_, sender_configuration({.group = ipv6().group_plus(kGroups - 1),
                                                    .more = "rate: 100pps"}));
  EXPECT_TRUE(comes_to_receive(receiver, {{"group", ipv6().group_plus(kGroups - 1)}}));
}

// --- none at all

class HostWithoutIpv6 : public testing::Test {
 protected:
  HostWithoutIpv6() {
    connect(sender_, "eth1", ipv4().interface_address(1, 1), receiver_, "eth1",
            ipv4().interface_address(1, 2));
  }
  Namespace sender_{"sender", Namespace::Ipv6::kOff};
  Namespace receiver_{"receiver", Namespace::Ipv6::kOff};
};

TEST_F(HostWithoutIpv6, SaysSoInALineAndIpv4Works) {
  const Agent receiver(receiver_,
                       "defaults: {interface: eth1}\nreceivers:\n  - {name: old, group: "
                       "239.0.10.101}\n  - {name: new, group: 'ff1e::8000:101'}\n");
  const Agent sender(sender_,
                     "defaults: {interface: eth1, rate: 100pps}\nsenders:\n  - {name: old, group: "
                     "239.0.10.101}\n  - {name: new, group: 'ff1e::8000:101'}\n");
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return receiver.metrics().value("mcast_receiver_packets_total", {{"stream", "old"}}) >= 50;
      },
      [&] { return receiver.metrics().text(); }));
  EXPECT_EQ(sender.metrics().value("mcast_sender_state", {{"stream", "new"}, {"state", "failed"}}),
            1);
  // Tried again every second, and told once.
  for (const Agent* agent : {&sender, &receiver}) {
    const std::string log = agent->log();
    std::size_t lines = 0;
    for (auto at = log.find("stream=new"); at != std::string::npos;
         at = log.find("stream=new", at + 1)) {
      ++lines;
    }
    EXPECT_EQ(lines, 1U) << log;
  }
  for (const char* collector : {"probe", "host", "igmp", "findings", "process"}) {
    EXPECT_EQ(receiver.metrics().find("mcast_collector_success", {{"collector", collector}}), 1)
        << collector;
  }
}

TEST_F(HostWithoutIpv6, EndsTheCommandsInALine) {
  for (const char* name : {"mcast-send", "mcast-receive"}) {
    const RunResult result =
        receiver_.try_run(command(name, {"ff1e::8000:101", "-i", "eth1", "-t", "1"}));
    EXPECT_EQ(result.exit_status, 1) << name;
    EXPECT_EQ(result.output, "") << name;
    EXPECT_EQ(std::ranges::count(result.error, '\n'), 1) << result.error;
    EXPECT_THAT(result.error, HasSubstr("IPv6"));
    const RunResult old =
        receiver_.try_run(command(name, {"239.0.10.101", "-i", "eth1", "-t", "1"}));
    EXPECT_EQ(old.exit_status, 0) << old.error;
    EXPECT_EQ(old.error, "") << name;
  }
  const RunResult status = receiver_.try_run(command("mcast-status", {"--all"}));
  EXPECT_EQ(status.exit_status, 0);
  EXPECT_EQ(status.error, "mcast-status: this host has no IPv6: only IPv4 is shown\n");
  EXPECT_THAT(status.output, HasSubstr("224.0.0.1"));
}

}  // namespace
}  // namespace mcast::test
