// IGMP as it is spoken around a host: who asks, and what the host answers.
//
//   switch p1 [br0] --- eth1 10.1.1.2 host 10.1.2.2 eth2 --- eth1 peer
//   sender eth1 --- r0 [pimd] r1 --- eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/foreign_joins.h"
#include "tests/netns/frr_router.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const LabelSet kEth1{{"interface", "eth1"}};

LabelSet reports_of_version(const char* version) {
  return {{"interface", "eth1"}, {"version", version}};
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double queries(const Agent& agent) {
  return agent.metrics().value("mcast_igmp_queries_total", kEth1);
}

// Asked once a second by now, and the metrics tell.
void expect_queries_grow(const Agent& agent) {
  const double before = queries(agent);
  EXPECT_TRUE(eventually(
      10s, [&] { return queries(agent) >= before + 2; }, [&] { return agent.metrics().text(); }));
  const double last = agent.metrics().value("mcast_igmp_last_query_timestamp_seconds", kEth1);
  EXPECT_NEAR(last, seconds_since_1970(), 5);
}

class Igmp : public testing::Test {
 protected:
  Igmp() { connect(peer_, "eth1", "10.1.2.1/24", host_, "eth2", "10.1.2.2/24"); }

  void connect_to_switch(const BridgeOptions& options) {
    connect(switch_, "p1", "", host_, "eth1", "10.1.1.2/24");
    add_bridge(switch_, "br0", options);
    add_to_bridge(switch_, "br0", "p1");
  }

  Namespace switch_{"switch"};
  Namespace host_{"host"};
  Namespace peer_{"peer"};
};

// A switch without an address asks in nobody's name.
TEST_F(Igmp, ShowsASwitchThatAsks) {
  connect_to_switch({.snooping = true, .querier = true, .query_interval_ms = 1000});
  const Agent agent(host_, kWatchesAlone);
  const LabelSet querier{{"interface", "eth1"}, {"querier", "0.0.0.0"}, {"version", "2"}};
  ASSERT_TRUE(eventually(
      10s, [&] { return agent.metrics().value("mcast_igmp_querier_info", querier) == 1; },
      [&] { return agent.metrics().text(); }));
  expect_queries_grow(agent);
  EXPECT_EQ(agent.metrics().count("mcast_igmp_querier_info"), 1U);
  EXPECT_EQ(agent.metrics().find("mcast_igmp_queries_total", {{"interface", "eth2"}}), 0);
}

TEST_F(Igmp, ForgetsAQuerierThatFallsSilent) {
  connect_to_switch(
      {.snooping = true, .querier = true, .igmp_version = 3, .query_interval_ms = 1000});
  const Agent agent(host_, kWatchesAlone);
  const LabelSet querier{{"interface", "eth1"}, {"querier", "0.0.0.0"}, {"version", "3"}};
  ASSERT_TRUE(eventually(
      10s, [&] { return agent.metrics().value("mcast_igmp_querier_info", querier) == 1; },
      [&] { return agent.metrics().text(); }));
  switch_.run({"ip", "link", "set", "br0", "type", "bridge", "mcast_querier", "0"});
  // Twice its interval and half its response time (RFC 3376 section 8.5): 7 s.
  EXPECT_TRUE(eventually(
      15s, [&] { return agent.metrics().count("mcast_igmp_querier_info") == 0; },
      [&] { return agent.metrics().text(); }));
  EXPECT_GE(queries(agent), 1);
}

TEST_F(Igmp, ShowsNoQuerierWhereNobodyAsks) {
  connect_to_switch({.snooping = true, .querier = false});
  const Agent agent(host_, kWatchesAlone);
  EXPECT_TRUE(never(1500ms, [&] {
    return agent.metrics().count("mcast_igmp_querier_info") > 0 || queries(agent) > 0;
  }));
  const Metrics metrics = agent.metrics();
  EXPECT_EQ(metrics.find("mcast_igmp_queries_total", kEth1), 0);
  EXPECT_EQ(metrics.find("mcast_igmp_last_query_timestamp_seconds", kEth1), std::nullopt);
  EXPECT_EQ(metrics.find("mcast_collector_success", {{"collector", "igmp"}}), 1);
}

TEST_F(Igmp, CountsReportsOfVersion3WithEachJoin) {
  connect_to_switch({});
  const Agent agent(host_, receiver_configuration({.more = ""}));
  const auto sent = [&](const char* version) {
    return agent.metrics().value("mcast_igmp_reports_sent_total", reports_of_version(version));
  };
  ASSERT_TRUE(eventually(5s, [&] { return sent("3") >= 1; }));
  // Twice for each change (RFC 3376 section 8.1): until both of the first are out.
  ASSERT_TRUE(eventually(5s, [&] { return sent("3") >= 2; }));
  const double before = sent("3");
  const ForeignJoins other(host_, "eth1");
  other.join("239.0.10.102");
  EXPECT_TRUE(eventually(5s, [&] { return sent("3") > before; }));
  EXPECT_EQ(sent("2"), 0);
  EXPECT_EQ(sent("1"), 0);
  EXPECT_EQ(agent.metrics().sum("mcast_igmp_reports_sent_total",
                                {{"interface", "eth2"}, {"version", "2"}}),
            0);
}

TEST_F(Igmp, CountsReportsOfVersion2WhereItIsForced) {
  connect_to_switch({});
  const Agent agent(host_, receiver_configuration({.more = "igmp_version: 2"}));
  EXPECT_TRUE(eventually(5s, [&] {
    return agent.metrics().value("mcast_igmp_reports_sent_total", reports_of_version("2")) >= 1;
  }));
  EXPECT_EQ(agent.metrics().value("mcast_igmp_reports_sent_total", reports_of_version("3")), 0);
}

TEST_F(Igmp, IsWatchedOnEveryMulticastInterfaceUnlessTold) {
  connect_to_switch({});
  const Agent agent(host_, kWatchesAlone);
  const Metrics metrics = agent.metrics();
  EXPECT_EQ(metrics.count("mcast_igmp_queries_total"), 2U) << metrics.text();
  EXPECT_EQ(metrics.count("mcast_igmp_queries_total", {{"interface", "lo"}}), 0U);
}

TEST_F(Igmp, IsWatchedWhereTheConfigurationSaysAlone) {
  connect_to_switch({});
  const Agent agent(host_, std::string(kWatchesAlone) + "igmp: {watch: [eth1, eth9]}\n");
  const Metrics metrics = agent.metrics();
  for (const char* name : {"mcast_igmp_queries_total", "mcast_igmp_undecodable_messages_total"}) {
    EXPECT_EQ(metrics.count(name), 1U) << metrics.text();
    EXPECT_EQ(metrics.count(name, kEth1), 1U) << metrics.text();
  }
  EXPECT_EQ(metrics.find("mcast_agent_igmp_socket_drops_total"), 0);
  EXPECT_EQ(metrics.count("mcast_igmp_reports_sent_total"), 3U);
  EXPECT_EQ(metrics.count("mcast_igmp_reports_sent_total", kEth1), 3U);
  EXPECT_THAT(agent.log(), HasSubstr("IGMP is not watched on an interface\" interface=eth9"));
}

TEST_F(Igmp, IsWatchedOnAnInterfaceThatComesLater) {
  const Agent agent(host_, std::string(kWatchesAlone) + "igmp: {watch: [eth1]}\n");
  EXPECT_EQ(agent.metrics().count("mcast_igmp_queries_total"), 0U);
  connect_to_switch({.snooping = true, .querier = true, .query_interval_ms = 1000});
  EXPECT_TRUE(
      eventually(10s, [&] { return queries(agent) >= 1; }, [&] { return agent.metrics().text(); }));
}

TEST_F(Igmp, IsDoneWithoutWhereItIsNotAllowed) {
  connect_to_switch(
      {.snooping = true, .querier = true, .igmp_version = 3, .query_interval_ms = 1000});
  const Agent sender(peer_, sender_configuration({.more = "rate: 50pps"}));
  const Agent agent(host_,
                    "receivers:\n"
                    "  - {name: video, group: 239.0.10.101, interface: eth2}\n"
                    "  - {name: silent, group: 239.0.10.102, interface: eth1}\n",
                    {}, {"setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"});
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}}) >= 50;
      },
      [&] { return agent.metrics().text(); }));
  const auto examined = [&] { return agent.metrics().count("mcast_finding") > 0; };
  EXPECT_TRUE(eventually(10s, examined, [&] { return agent.metrics().text(); }));
  const Metrics metrics = agent.metrics();
  for (const char* collector : {"probe", "host", "findings", "process"}) {
    EXPECT_EQ(metrics.find("mcast_collector_success", {{"collector", collector}}), 1);
  }
  EXPECT_EQ(metrics.find("mcast_collector_success", {{"collector", "igmp"}}), 0);
  EXPECT_EQ(metrics.count("mcast_igmp_queries_total"), 0U);
  EXPECT_EQ(metrics.count("mcast_igmp_querier_info"), 0U);
  EXPECT_EQ(metrics.find("mcast_igmp_version", kEth1), 3);
  EXPECT_EQ(
      metrics.sum("mcast_membership_joins_total", {{"interface", "eth1"}, {"family", "ipv4"}}), 1);
  // Without a look at the wire nobody can say that it is empty.
  EXPECT_EQ(metrics.find("mcast_finding", {{"stream", "silent"}, {"check", "no_traffic"}}),
            std::nullopt);
  EXPECT_EQ(metrics.sum("mcast_finding"), 0);
  const std::string log = agent.log();
  const auto first = log.find("IGMP is not watched");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(log.find("IGMP is not watched", first + 1), std::string::npos) << log;
  EXPECT_THAT(log.substr(first, log.find('\n', first) - first), HasSubstr("CAP_NET_RAW"));
}

TEST(IgmpOfARouter, ShowsPimdThatAsksInVersion3) {
  if (const auto why = FrrRouter::why_it_cannot_run()) GTEST_SKIP() << *why;
  const RoutedPath path(1);
  const FrrRouter router(path.routers.front(),
                         {{.name = "r0", .igmp = false}, {.name = "r1", .igmp = true}});
  const Agent receiver(path.receiver, kWatchesAlone);
  const Agent sender(path.sender, kWatchesAlone);
  const LabelSet querier{{"interface", "eth1"}, {"querier", "10.1.2.1"}, {"version", "3"}};
  ASSERT_TRUE(eventually(
      10s, [&] { return receiver.metrics().value("mcast_igmp_querier_info", querier) == 1; },
      [&] { return receiver.metrics().text(); }));
  expect_queries_grow(receiver);
  // It does not ask on r0.
  EXPECT_EQ(sender.metrics().count("mcast_igmp_querier_info"), 0U);
  EXPECT_EQ(queries(sender), 0);
}

}  // namespace
}  // namespace mcast::test
