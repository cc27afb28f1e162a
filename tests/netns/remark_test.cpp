// DSCP that a router changes on the way.
//
//   sender eth1 (EF) --- r0 [router: nftables sets AF11] r1 --- eth1 receiver
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

const std::vector<MulticastRoute> kRoutes{{.group = "239.0.10.101", .source = "10.1.1.1"}};
const LabelSet kVideo{{"stream", "video"}};

double packets(const Agent& agent) {
  return agent.metrics().value("mcast_receiver_packets_total", kVideo);
}

TEST(Remark, ToAnotherDscpCountsEveryPacket) {
  const RoutedPath path(1, kRoutes);
  nft(path.routers[0],
      "table ip fault {\n"
      "  chain forward {\n"
      "    type filter hook forward priority 0; policy accept;\n"
      "    ip daddr 239.0.10.101 ip dscp set af11\n"
      "  }\n"
      "}\n");
  const Agent receiver(path.receiver, receiver_configuration({.more = ""}));
  const Agent sender(path.sender, sender_configuration({.more = "rate: 100pps, dscp: ef"}));
  ASSERT_TRUE(eventually(5s, [&] { return packets(receiver) >= 100; }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_receiver_remarked_packets_total", kVideo),
            metrics.find("mcast_receiver_packets_total", kVideo));
  EXPECT_EQ(metrics.find("mcast_receiver_dscp", kVideo), 10);
  EXPECT_EQ(metrics.find("mcast_receiver_sent_dscp", kVideo), 46);
  EXPECT_NE(receiver.log().find("remarked"), std::string::npos);
}

TEST(Remark, OfTheEcnBitsAloneIsNone) {
  const RoutedPath path(1, kRoutes);
  nft(path.routers[0],
      "table ip fault {\n"
      "  chain forward {\n"
      "    type filter hook forward priority 0; policy accept;\n"
      "    ip daddr 239.0.10.101 ip ecn set ce\n"
      "  }\n"
      "}\n");
  const Agent receiver(path.receiver, receiver_configuration({.more = ""}));
  const Agent sender(path.sender, sender_configuration({.more = "rate: 100pps, dscp: ef"}));
  ASSERT_TRUE(eventually(5s, [&] { return packets(receiver) >= 50; }));
  EXPECT_EQ(receiver.metrics().find("mcast_receiver_remarked_packets_total", kVideo), 0);
  EXPECT_EQ(receiver.metrics().find("mcast_receiver_dscp", kVideo), 46);
}

TEST(Remark, IsNotCountedWhereNobodyRemarks) {
  const RoutedPath path(1, kRoutes);
  const Agent receiver(path.receiver, receiver_configuration({.more = ""}));
  const Agent sender(path.sender, sender_configuration({.more = "rate: 100pps, dscp: ef"}));
  ASSERT_TRUE(eventually(5s, [&] { return packets(receiver) >= 50; }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_receiver_remarked_packets_total", kVideo), 0);
  EXPECT_EQ(metrics.find("mcast_receiver_dscp", kVideo), 46);
  EXPECT_EQ(metrics.find("mcast_receiver_sent_dscp", kVideo), 46);
}

}  // namespace
}  // namespace mcast::test
