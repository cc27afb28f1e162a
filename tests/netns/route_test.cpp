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

class Route : public BothFamilies {
 protected:
  Route() {
    connect(sender_, "eth1", addresses(1, 1), router_, "r0", addresses(1, 2));
    connect(router_, "r1", addresses(2, 1), receiver_, "eth1", addresses(2, 2));
    connect(sender_, "eth2", addresses(3, 1), router_, "r2", addresses(3, 2));
    daemon_.emplace(router_, "mgroup from r0 group " + net_.group + "\nmgroup from r2 group " +
                                 net_.group + "\nmroute from r0 group " + net_.group + " source " +
                                 net_.host(1, 1) + " to r1\n");
  }
  [[nodiscard]] std::string receiving() const {
    return receiver_configuration({.group = net_.group, .more = ""});
  }

  static double received(const Agent& agent) {
    return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}});
  }

  const LabelSet route_{{"source", net_.host(1, 1)}, {"group", net_.group}, {"interface", "r0"}};
  const unsigned bytes_ = 200 + 8 + net_.ip_header;  // with UDP and IP
  Namespace sender_{"sender"};
  Namespace router_{"router"};
  Namespace receiver_{"receiver"};
  std::optional<SmcRouter> daemon_;
};

TEST_P(Route, CountsWhatTheReceiverGets) {
  const Agent router(router_, kWatchesAlone);
  const Agent receiver(receiver_, receiving());
  EXPECT_EQ(router.metrics().find("mcast_route_packets_total", route_), 0);
  Agent sender(sender_,
               sender_configuration({.group = net_.group, .more = "rate: 200pps, size: 200"}));
  ASSERT_TRUE(eventually(
      5s, [&] { return received(receiver) >= 200; }, [&] { return router.metrics().text(); }));
  EXPECT_GE(router.metrics().value("mcast_route_packets_total", route_), 200);
  EXPECT_EQ(sender.stop().exit_status, 0);
  // Until nothing is on its way any more.
  double last = -1;
  ASSERT_TRUE(eventually(5s, [&] {
    const double before = std::exchange(last, received(receiver));
    return before == last;
  }));
  const Metrics metrics = router.metrics();
  EXPECT_EQ(metrics.find("mcast_route_packets_total", route_), last) << metrics.text();
  EXPECT_EQ(metrics.find("mcast_route_bytes_total", route_), last * bytes_);
  EXPECT_EQ(metrics.find("mcast_route_wrong_interface_packets_total", route_), 0);
  EXPECT_EQ(metrics.find("mcast_route_outgoing_interfaces", route_), 1);
  const json answer = json::parse(router.get("/api/v1/routes"));
  const json description = json::parse(router.get("/api/v1/openapi.json"));
  EXPECT_EQ(misfit(answer, answer_schema(description, "/api/v1/routes"), description), "");
  EXPECT_EQ(
      answer.at("routes"),
      json::parse(R"([{"group": ")" + net_.group + R"(", "family": ")" + net_.label() + R"(",
    "source": ")" +
                  net_.host(1, 1) +
                  R"(", "incoming": "r0", "outgoing": [{"interface": "r1", "ttl_threshold": 1}],
    "packets": )" +
                  std::to_string(static_cast<int>(last)) + R"(, "bytes": )" +
                  std::to_string(static_cast<unsigned>(last) * bytes_) +
                  R"(, "wrong_interface_packets": 0}])"));
  // It is the router's, and nobody else's.
  EXPECT_EQ(receiver.get("/api/v1/routes"), "{\"routes\":[]}\n");
  EXPECT_EQ(receiver.metrics().count("mcast_route_packets_total"), 0U);
}

TEST_P(Route, CountsWhatComesInOnTheWrongInterfaceApart) {
  const Agent router(router_, kWatchesAlone);
  const Agent receiver(receiver_, receiving());
  const Agent sender(
      sender_, sender_configuration({.group = net_.group,
                                     .interface = "eth2",
                                     .more = "rate: 200pps, source: " + quoted(net_.host(1, 1))}));
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        return router.metrics().value("mcast_route_wrong_interface_packets_total", route_) >= 50;
      },
      [&] { return router.metrics().text(); }));
  EXPECT_EQ(router.metrics().count("mcast_route_packets_total", {{"interface", "r2"}}), 0U);
  EXPECT_EQ(received(receiver), 0);
}

INSTANTIATE_TEST_SUITE_P(, Route, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
