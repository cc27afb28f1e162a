// IGMP and MLD as they are spoken around a host: who asks, and what the host answers.
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

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double queries(const Net& net, const Agent& agent) {
  return agent.metrics().value(net.metrics + "queries_total", kEth1);
}

// Asked once a second by now, and the metrics tell.
void expect_queries_grow(const Net& net, const Agent& agent) {
  const double before = queries(net, agent);
  EXPECT_TRUE(eventually(
      10s, [&] { return queries(net, agent) >= before + 2; },
      [&] { return agent.metrics().text(); }));
  const double last = agent.metrics().value(net.metrics + "last_query_timestamp_seconds", kEth1);
  EXPECT_NEAR(last, seconds_since_1970(), 5);
}

class SpokenProtocol : public BothFamilies {
 protected:
  SpokenProtocol() { connect(peer_, "eth1", addresses(2, 1), host_, "eth2", addresses(2, 2)); }

  void connect_to_switch(const BridgeOptions& options) {
    connect(switch_, "p1", "", host_, "eth1", addresses(1, 2));
    add_bridge(switch_, "br0", options);
    add_to_bridge(switch_, "br0", "p1");
    wait_for_carrier(switch_, "br0");
  }
  // Once a second, in a version of both protocols.
  void connect_to_querier(int version) {
    connect_to_switch({.snooping = true,
                       .querier = true,
                       .igmp_version = version == net_.newest_version ? 3 : 2,
                       .mld_version = version == net_.newest_version ? 2 : 1,
                       .query_interval_ms = 1000});
  }
  // A switch without an address asks in nobody's name in IGMP. In MLD it needs one.
  [[nodiscard]] LabelSet querier(int version) const {
    return {{"interface", "eth1"},
            {"querier", net_.is_v4() ? "0.0.0.0" : link_local_address(switch_, "br0")},
            {"version", std::to_string(version)}};
  }
  [[nodiscard]] double metric(const Agent& agent, const std::string& name,
                              const LabelSet& labels = kEth1) const {
    return agent.metrics().value(net_.metrics + name, labels);
  }
  [[nodiscard]] double reports(const Agent& agent, int version) const {
    return metric(agent, "reports_sent_total",
                  {{"interface", "eth1"}, {"version", std::to_string(version)}});
  }
  [[nodiscard]] testing::AssertionResult comes_to_show(const Agent& agent,
                                                       const LabelSet& querier) const {
    return eventually(
        10s, [&] { return metric(agent, "querier_info", querier) == 1; },
        [&] { return agent.metrics().text(); });
  }
  [[nodiscard]] std::size_t queriers(const Agent& agent) const {
    return agent.metrics().count(net_.metrics + "querier_info");
  }

  Namespace switch_{"switch"};
  Namespace host_{"host"};
  Namespace peer_{"peer"};
};

TEST_P(SpokenProtocol, ShowsASwitchThatAsks) {
  connect_to_querier(net_.older_version);
  const Agent agent(host_, kWatchesAlone);
  ASSERT_TRUE(comes_to_show(agent, querier(net_.older_version)));
  expect_queries_grow(net_, agent);
  EXPECT_EQ(queriers(agent), 1U);
  EXPECT_EQ(agent.metrics().find(net_.metrics + "queries_total", {{"interface", "eth2"}}), 0);
}

TEST_P(SpokenProtocol, ForgetsAQuerierThatFallsSilent) {
  connect_to_querier(net_.newest_version);
  const Agent agent(host_, kWatchesAlone);
  ASSERT_TRUE(comes_to_show(agent, querier(net_.newest_version)));
  switch_.run({"ip", "link", "set", "br0", "type", "bridge", "mcast_querier", "0"});
  // Twice its interval and half its response time (RFC 3376 section 8.5, RFC 3810 section 9.5):
  // 7 s.
  EXPECT_TRUE(eventually(
      15s, [&] { return queriers(agent) == 0; }, [&] { return agent.metrics().text(); }));
  EXPECT_GE(queries(net_, agent), 1);
}

TEST_P(SpokenProtocol, ShowsNoQuerierWhereNobodyAsks) {
  connect_to_switch({.snooping = true, .querier = false});
  const Agent agent(host_, kWatchesAlone);
  EXPECT_TRUE(never(1500ms, [&] { return queriers(agent) > 0 || queries(net_, agent) > 0; }));
  const Metrics metrics = agent.metrics();
  EXPECT_EQ(metrics.find(net_.metrics + "queries_total", kEth1), 0);
  EXPECT_EQ(metrics.find(net_.metrics + "last_query_timestamp_seconds", kEth1), std::nullopt);
  EXPECT_EQ(metrics.find("mcast_collector_success", {{"collector", "igmp"}}), 1);
}

TEST_P(SpokenProtocol, CountsReportsOfTheNewestVersionWithEachJoin) {
  connect_to_switch({});
  const Agent agent(host_, receiver_configuration({.group = net_.group, .more = ""}));
  const int newest = net_.newest_version;
  ASSERT_TRUE(eventually(5s, [&] { return reports(agent, newest) >= 1; }));
  // Twice for each change (RFC 3376 section 8.1, RFC 3810 section 9.1): until both of the first
  // are out.
  ASSERT_TRUE(eventually(5s, [&] { return reports(agent, newest) >= 2; }));
  const double before = reports(agent, newest);
  const ForeignJoins other(host_, "eth1");
  other.join(net_.other_group);
  EXPECT_TRUE(eventually(5s, [&] { return reports(agent, newest) > before; }));
  for (int version = 1; version < newest; ++version) EXPECT_EQ(reports(agent, version), 0);
  EXPECT_EQ(metric(agent, "reports_sent_total",
                   {{"interface", "eth2"}, {"version", std::to_string(net_.older_version)}}),
            0);
}

TEST_P(SpokenProtocol, CountsReportsOfTheOlderVersionWhereItIsForced) {
  connect_to_switch({});
  const Agent agent(host_, receiver_configuration({.group = net_.group,
                                                   .more = net_.version_key + ": " +
                                                           std::to_string(net_.older_version)}));
  EXPECT_TRUE(eventually(5s, [&] { return reports(agent, net_.older_version) >= 1; }));
  EXPECT_EQ(reports(agent, net_.newest_version), 0);
}

TEST_P(SpokenProtocol, IsWatchedOnEveryMulticastInterfaceUnlessTold) {
  connect_to_switch({});
  const Agent agent(host_, kWatchesAlone);
  const Metrics metrics = agent.metrics();
  EXPECT_EQ(metrics.count(net_.metrics + "queries_total"), 2U) << metrics.text();
  EXPECT_EQ(metrics.count(net_.metrics + "queries_total", {{"interface", "lo"}}), 0U);
}

TEST_P(SpokenProtocol, IsWatchedWhereTheConfigurationSaysAlone) {
  connect_to_switch({});
  const Agent agent(host_, std::string(kWatchesAlone) + "igmp: {watch: [eth1, eth9]}\n");
  const Metrics metrics = agent.metrics();
  for (const char* name : {"queries_total", "undecodable_messages_total"}) {
    EXPECT_EQ(metrics.count(net_.metrics + name), 1U) << metrics.text();
    EXPECT_EQ(metrics.count(net_.metrics + name, kEth1), 1U) << metrics.text();
  }
  EXPECT_EQ(metrics.find("mcast_agent_igmp_socket_drops_total"), 0);
  const auto versions = static_cast<std::size_t>(net_.newest_version);
  EXPECT_EQ(metrics.count(net_.metrics + "reports_sent_total"), versions);
  EXPECT_EQ(metrics.count(net_.metrics + "reports_sent_total", kEth1), versions);
  EXPECT_THAT(agent.log(), HasSubstr("is not watched on an interface\" interface=eth9"));
}

TEST_P(SpokenProtocol, IsWatchedOnAnInterfaceThatComesLater) {
  const Agent agent(host_, std::string(kWatchesAlone) + "igmp: {watch: [eth1]}\n");
  EXPECT_EQ(agent.metrics().count(net_.metrics + "queries_total"), 0U);
  connect_to_querier(net_.older_version);
  EXPECT_TRUE(eventually(
      10s, [&] { return queries(net_, agent) >= 1; }, [&] { return agent.metrics().text(); }));
}

TEST_P(SpokenProtocol, IsDoneWithoutWhereItIsNotAllowed) {
  connect_to_querier(net_.newest_version);
  const Agent sender(peer_, sender_configuration({.group = net_.group, .more = "rate: 50pps"}));
  const Agent agent(host_,
                    "receivers:\n"
                    "  - {name: video, interface: eth2, group: " +
                        quoted(net_.group) +
                        "}\n"
                        "  - {name: silent, interface: eth1, group: " +
                        quoted(net_.other_group) + "}\n",
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
  EXPECT_EQ(metrics.count(net_.metrics + "queries_total"), 0U);
  EXPECT_EQ(metrics.count(net_.metrics + "querier_info"), 0U);
  EXPECT_EQ(metrics.find(net_.metrics + "version", kEth1), net_.newest_version);
  EXPECT_EQ(metrics.find("mcast_membership_joins_total",
                         {{"interface", "eth1"}, {"family", net_.label()}}),
            1);
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

INSTANTIATE_TEST_SUITE_P(, SpokenProtocol, both_families(), net_name);

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
  expect_queries_grow(ipv4(), receiver);
  // It does not ask on r0.
  EXPECT_EQ(sender.metrics().count("mcast_igmp_querier_info"), 0U);
  EXPECT_EQ(queries(ipv4(), sender), 0);
}

}  // namespace
}  // namespace mcast::test
