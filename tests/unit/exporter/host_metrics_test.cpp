#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/exporter/metrics_of.h"

namespace mcast::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

netlink::HostSnapshot host_with_eth1() {
  netlink::HostSnapshot host;
  host.links.push_back({.index = 2,
                        .name = "eth1",
                        .up = true,
                        .carrier = true,
                        .loopback = false,
                        .multicast = true,
                        .mtu = 1500});
  return host;
}

TEST(HostMetrics, NameTheInterfaceOfAMembership) {
  netlink::HostSnapshot host = host_with_eth1();
  host.memberships.push_back({.ifindex = 2, .group = address("239.0.10.101"), .users = 3});
  EXPECT_THAT(samples(metrics_of(host), "mcast_membership_users"),
              ElementsAre("mcast_membership_users{family=\"ipv4\",interface=\"eth1\","
                          "group=\"239.0.10.101\"} 3"));
}

TEST(HostMetrics, NumberAnInterfaceThatIsNotThereAnyMore) {
  netlink::HostSnapshot host = host_with_eth1();
  host.memberships.push_back({.ifindex = 9, .group = address("ff02::1"), .users = 1});
  EXPECT_THAT(samples(metrics_of(host), "mcast_membership_users"),
              ElementsAre("mcast_membership_users{family=\"ipv6\",interface=\"if9\","
                          "group=\"ff02::1\"} 1"));
}

TEST(HostMetrics, CountSourcesByMode) {
  netlink::HostSnapshot host = host_with_eth1();
  const IpAddress group = address("232.1.1.1");
  for (const char* source : {"10.0.0.1", "10.0.0.2"}) {
    host.source_filters.push_back(
        {.ifindex = 2, .group = group, .source = address(source), .includes = 5, .excludes = 0});
  }
  host.source_filters.push_back(
      {.ifindex = 2, .group = group, .source = address("10.0.0.3"), .includes = 0, .excludes = 1});
  const std::string prefix =
      R"(mcast_membership_sources{family="ipv4",interface="eth1",group="232.1.1.1",mode=)";
  EXPECT_THAT(samples(metrics_of(host), "mcast_membership_sources"),
              ElementsAre(prefix + "\"include\"} 2", prefix + "\"exclude\"} 1"));
}

TEST(HostMetrics, HaveNoSourcesForAGroupWithoutFilter) {
  netlink::HostSnapshot host = host_with_eth1();
  host.memberships.push_back({.ifindex = 2, .group = address("239.0.10.101"), .users = 3});
  EXPECT_THAT(samples(metrics_of(host), "mcast_membership_sources"), IsEmpty());
}

TEST(HostMetrics, CountJoinsAndLeavesByInterface) {
  netlink::HostSnapshot host;
  host.changes.push_back({.interface = "eth1", .joins = 4, .leaves = 1});
  host.changes.push_back({.interface = "eth1", .family = Family::kIpv6, .joins = 9, .leaves = 8});
  const std::string text = metrics_of(host);
  EXPECT_THAT(samples(text, "mcast_membership_joins_total"),
              ElementsAre("mcast_membership_joins_total{family=\"ipv4\",interface=\"eth1\"} 4",
                          "mcast_membership_joins_total{family=\"ipv6\",interface=\"eth1\"} 9"));
  EXPECT_THAT(samples(text, "mcast_membership_leaves_total"),
              ElementsAre("mcast_membership_leaves_total{family=\"ipv4\",interface=\"eth1\"} 1",
                          "mcast_membership_leaves_total{family=\"ipv6\",interface=\"eth1\"} 8"));
}

TEST(HostMetrics, ShowAnIgmpVersionThatIsNotForcedAsZero) {
  netlink::HostSnapshot host;
  host.protocols.push_back({.ifindex = 2, .name = "eth1", .version = 3, .forced_version = 0});
  const std::string text = metrics_of(host);
  EXPECT_THAT(samples(text, "mcast_igmp_version"),
              ElementsAre("mcast_igmp_version{interface=\"eth1\"} 3"));
  EXPECT_THAT(samples(text, "mcast_igmp_forced_version"),
              ElementsAre("mcast_igmp_forced_version{interface=\"eth1\"} 0"));
}

TEST(HostMetrics, TellMldFromIgmp) {
  netlink::HostSnapshot host = host_with_eth1();
  host.protocols = {
      {.ifindex = 2, .name = "eth1", .version = 3},
      {.ifindex = 2, .name = "eth1", .family = Family::kIpv6, .version = 1, .forced_version = 1}};
  const std::string text = metrics_of(host);
  EXPECT_THAT(samples(text, "mcast_igmp_version"),
              ElementsAre("mcast_igmp_version{interface=\"eth1\"} 3"));
  EXPECT_THAT(samples(text, "mcast_mld_version"),
              ElementsAre("mcast_mld_version{interface=\"eth1\"} 1"));
  EXPECT_THAT(samples(text, "mcast_mld_forced_version"),
              ElementsAre("mcast_mld_forced_version{interface=\"eth1\"} 1"));
}

TEST(HostMetrics, HaveNoIgmpVersionWhileItIsNotKnown) {
  netlink::HostSnapshot host;
  host.protocols.push_back({.ifindex = 2, .name = "eth1", .version = 0, .forced_version = 2});
  const std::string text = metrics_of(host);
  EXPECT_THAT(samples(text, "mcast_igmp_version"), IsEmpty());
  EXPECT_THAT(samples(text, "mcast_igmp_forced_version"),
              ElementsAre("mcast_igmp_forced_version{interface=\"eth1\"} 2"));
}

TEST(HostMetrics, ShowAnAddressOnceThoughItStandsThereTwice) {
  netlink::HostSnapshot host = host_with_eth1();
  host.addresses.push_back({.ifindex = 2, .address = address("10.1.1.2"), .prefix_length = 24});
  host.addresses.push_back({.ifindex = 2, .address = address("10.1.1.2"), .prefix_length = 32});
  EXPECT_THAT(samples(metrics_of(host), "mcast_agent_address_info"),
              ElementsAre("mcast_agent_address_info{address=\"10.1.1.2\",interface=\"eth1\"} 1"));
}

TEST(HostMetrics, KeepAnInterfaceNameOfArbitraryBytesReadable) {
  netlink::HostSnapshot host;
  host.changes.push_back({.interface = "e\xFFth", .joins = 1, .leaves = 0});
  EXPECT_THAT(
      samples(metrics_of(host), "mcast_membership_joins_total"),
      ElementsAre("mcast_membership_joins_total{family=\"ipv4\",interface=\"e\xEF\xBF\xBDth\"} 1"));
}

TEST(HostMetrics, TellSocketsApartByPortAndFamily) {
  ProbeSnapshot probe;
  probe.sockets.push_back(
      {.port = 19779, .family = Family::kIpv4, .drops = 2, .datagrams = 10, .not_joined = 1});
  probe.sockets.push_back(
      {.port = 19779, .family = Family::kIpv6, .drops = 0, .datagrams = 0, .not_joined = 0});
  const std::string text = metrics_of(probe);
  EXPECT_THAT(samples(text, "mcast_socket_drops_total"),
              ElementsAre("mcast_socket_drops_total{port=\"19779\",family=\"ipv4\"} 2",
                          "mcast_socket_drops_total{port=\"19779\",family=\"ipv6\"} 0"));
  EXPECT_THAT(
      samples(text, "mcast_socket_unmatched_datagrams_total"),
      ElementsAre("mcast_socket_unmatched_datagrams_total{port=\"19779\",family=\"ipv4\"} 1",
                  "mcast_socket_unmatched_datagrams_total{port=\"19779\",family=\"ipv6\"} 0"));
}

}  // namespace
}  // namespace mcast::test
