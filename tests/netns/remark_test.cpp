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

const LabelSet kVideo{{"stream", "video"}};

double packets(const Agent& agent) {
  return agent.metrics().value("mcast_receiver_packets_total", kVideo);
}

class Remark : public BothFamilies {
 protected:
  [[nodiscard]] std::string receiving() const {
    return receiver_configuration({.group = net_.group, .more = ""});
  }
  [[nodiscard]] std::string sending() const {
    return sender_configuration({.group = net_.group, .more = "rate: 100pps, dscp: ef"});
  }
  // In the hop, to packets of the group.
  void change(const std::string& field) const {
    filter(path_.routers[0], net_, "forward", net_.to_group() + " " + net_.nft + " " + field);
  }
  const RoutedPath path_{1, {{.group = net_.group, .source = net_.host(1, 1)}}};
};

TEST_P(Remark, ToAnotherDscpCountsEveryPacket) {
  change("dscp set af11");
  const Agent receiver(path_.receiver, receiving());
  const Agent sender(path_.sender, sending());
  ASSERT_TRUE(eventually(5s, [&] { return packets(receiver) >= 100; }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_receiver_remarked_packets_total", kVideo),
            metrics.find("mcast_receiver_packets_total", kVideo));
  EXPECT_EQ(metrics.find("mcast_receiver_dscp", kVideo), 10);
  EXPECT_EQ(metrics.find("mcast_receiver_sent_dscp", kVideo), 46);
  EXPECT_NE(receiver.log().find("remarked"), std::string::npos);
}

TEST_P(Remark, OfTheEcnBitsAloneIsNone) {
  change("ecn set ce");
  const Agent receiver(path_.receiver, receiving());
  const Agent sender(path_.sender, sending());
  ASSERT_TRUE(eventually(5s, [&] { return packets(receiver) >= 50; }));
  EXPECT_EQ(receiver.metrics().find("mcast_receiver_remarked_packets_total", kVideo), 0);
  EXPECT_EQ(receiver.metrics().find("mcast_receiver_dscp", kVideo), 46);
}

TEST_P(Remark, IsNotCountedWhereNobodyRemarks) {
  const Agent receiver(path_.receiver, receiving());
  const Agent sender(path_.sender, sending());
  ASSERT_TRUE(eventually(5s, [&] { return packets(receiver) >= 50; }));
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_receiver_remarked_packets_total", kVideo), 0);
  EXPECT_EQ(metrics.find("mcast_receiver_dscp", kVideo), 46);
  EXPECT_EQ(metrics.find("mcast_receiver_sent_dscp", kVideo), 46);
}

INSTANTIATE_TEST_SUITE_P(, Remark, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
