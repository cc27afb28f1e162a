// The multicast routes of a router, counted by an agent on it.
//
//   sender eth1 --- r0 [router] r1 --- eth1 receiver
//   sender eth2 --- r2 [router]                           a second way in
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/json_schema.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr const char* kGroup = "239.0.10.101";
const LabelSet kRoute{{"source", "10.1.1.1"}, {"group", kGroup}, {"interface", "r0"}};

class Route : public testing::Test {
 protected:
  Route() {
    connect(sender_, "eth1", "10.1.1.1/24", router_, "r0", "10.1.1.2/24");
    connect(router_, "r1", "10.1.2.1/24", receiver_, "eth1", "10.1.2.2/24");
    connect(sender_, "eth2", "10.1.3.1/24", router_, "r2", "10.1.3.2/24");
    daemon_.emplace(router_,
                    "mgroup from r0 group 239.0.10.101\n"
                    "mgroup from r2 group 239.0.10.101\n"
                    "mroute from r0 group 239.0.10.101 source 10.1.1.1 to r1\n");
  }

  static double received(const Agent& agent) {
    return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}});
  }

  Namespace sender_{"sender"};
  Namespace router_{"router"};
  Namespace receiver_{"receiver"};
  std::optional<SmcRouter> daemon_;
};

TEST_F(Route, CountsWhatTheReceiverGets) {
  const Agent router(router_, kWatchesAlone);
  const Agent receiver(receiver_, receiver_configuration({.more = ""}));
  EXPECT_EQ(router.metrics().find("mcast_route_packets_total", kRoute), 0);
  Agent sender(sender_, sender_configuration({.more = "rate: 200pps, size: 200"}));
  ASSERT_TRUE(eventually(
      5s, [&] { return received(receiver) >= 200; }, [&] { return router.metrics().text(); }));
  EXPECT_GE(router.metrics().value("mcast_route_packets_total", kRoute), 200);
  EXPECT_EQ(sender.stop().exit_status, 0);
  // Until nothing is on its way any more.
  double last = -1;
  ASSERT_TRUE(eventually(5s, [&] {
    const double before = std::exchange(last, received(receiver));
    return before == last;
  }));
  const Metrics metrics = router.metrics();
  EXPECT_EQ(metrics.find("mcast_route_packets_total", kRoute), last) << metrics.text();
  // 200 bytes, UDP and IP.
  EXPECT_EQ(metrics.find("mcast_route_bytes_total", kRoute), last * (200 + 8 + 20));
  EXPECT_EQ(metrics.find("mcast_route_wrong_interface_packets_total", kRoute), 0);
  EXPECT_EQ(metrics.find("mcast_route_outgoing_interfaces", kRoute), 1);
  const json answer = json::parse(router.get("/api/v1/routes"));
  const json description = json::parse(router.get("/api/v1/openapi.json"));
  EXPECT_EQ(misfit(answer, answer_schema(description, "/api/v1/routes"), description), "");
  EXPECT_EQ(answer.at("routes"),
            json::parse(R"([{"group": "239.0.10.101", "family": "ipv4",
    "source": "10.1.1.1", "incoming": "r0", "outgoing": [{"interface": "r1", "ttl_threshold": 1}],
    "packets": )" + std::to_string(static_cast<int>(last)) +
                        R"(, "bytes": )" + std::to_string(static_cast<int>(last) * (200 + 8 + 20)) +
                        R"(, "wrong_interface_packets": 0}])"));
  // It is the router's, and nobody else's.
  EXPECT_EQ(receiver.get("/api/v1/routes"), "{\"routes\":[]}\n");
  EXPECT_EQ(receiver.metrics().count("mcast_route_packets_total"), 0U);
}

TEST_F(Route, CountsWhatComesInOnTheWrongInterfaceApart) {
  const Agent router(router_, kWatchesAlone);
  const Agent receiver(receiver_, receiver_configuration({.more = ""}));
  const Agent sender(sender_, sender_configuration(
                                  {.interface = "eth2", .more = "rate: 200pps, source: 10.1.1.1"}));
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return router.metrics().value("mcast_route_wrong_interface_packets_total", kRoute) >= 50;
      },
      [&] { return router.metrics().text(); }));
  EXPECT_EQ(router.metrics().count("mcast_route_packets_total", {{"interface", "r2"}}), 0U);
  EXPECT_EQ(received(receiver), 0);
}

}  // namespace
}  // namespace mcast::test
