// Routers of another make: FRR's pimd learns by IGMP and PIM what to pass on. An agent
// on each of them counts it.
//
//   sender eth1 --- r0 [pimd] r1 --- eth1 receiver
//   sender eth1 --- r0 [pimd] r1 --- r0 [pimd] r1 --- eth1 receiver
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/frr_router.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGroup = "232.5.5.5";
constexpr const char* kSource = "10.1.1.1";
constexpr const char* kOtherSource = "10.1.1.3";

double received(const Agent& agent) {
  return agent.metrics().value("mcast_receiver_packets_total", {{"stream", "video"}});
}

// What the agent of a router says that it has passed on of (S,G); nothing if it has no
// such route.
std::optional<double> routed_packets(const Agent& router, const char* source = kSource) {
  return router.metrics().find("mcast_route_packets_total",
                               {{"source", source}, {"group", kGroup}, {"interface", "r0"}});
}

// The same, of a route that leads somewhere: FRR 10 keeps one without an outgoing interface for
// a source that nobody asked for, and the kernel counts what comes in on it.
double carried_packets(const Agent& router, const char* source) {
  const auto outgoing =
      router.metrics().find("mcast_route_outgoing_interfaces",
                            {{"source", source}, {"group", kGroup}, {"interface", "r0"}});
  return outgoing.value_or(0) > 0 ? routed_packets(router, source).value_or(0) : 0;
}

std::string join(const char* source) {
  return receiver_configuration({.group = kGroup, .more = std::string("source: ") + source});
}

// 100 packets a second from each of these.
std::string senders(const std::vector<const char*>& sources) {
  std::string text = "defaults: {interface: eth1, rate: 100pps}\nsenders:\n";
  for (const char* source : sources) {
    text += std::string("  - {name: from-") + source + ", group: " + kGroup +
            ", source: " + source + "}\n";
  }
  return text;
}

class Frr : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = FrrRouter::why_it_cannot_run()) GTEST_SKIP() << *why;
  }
  // Hosts are asked on r1 of the last router alone. `of_the_first`: what its agent does.
  void start_routers(unsigned hops, const std::string& of_the_first = kWatchesAlone) {
    path_.emplace(hops);
    add_address(path_->sender, "eth1", std::string(kOtherSource) + "/24");
    for (const Namespace& router : path_->routers) {
      const bool last = &router == &path_->routers.back();
      routers_.emplace_back(router, std::vector<PimInterface>{{.name = "r0", .igmp = false},
                                                              {.name = "r1", .igmp = last}});
      agents_.emplace_back(router, agents_.empty() ? of_the_first : kWatchesAlone);
    }
  }
  [[nodiscard]] testing::AssertionResult all_have_routes(const char* source) const {
    return eventually(
        10s,
        [&] {
          return std::ranges::all_of(agents_, [&](const Agent& router) {
            return routed_packets(router, source).has_value();
          });
        },
        [&] { return seen(); });
  }
  [[nodiscard]] std::string seen() const {
    std::string text;
    for (const FrrRouter& router : routers_) {
      text += router.ask("show ip mroute") + router.ask("show ip pim neighbor") +
              router.ask("show ip igmp sources");
    }
    return text;
  }

  std::optional<RoutedPath> path_;
  std::deque<FrrRouter> routers_;
  std::deque<Agent> agents_;  // of the routers
};

class FrrPath : public Frr, public testing::WithParamInterface<unsigned> {};

TEST_P(FrrPath, CarriesTheJoinedSourceAndCountsItsPackets) {
  start_routers(GetParam());
  const Agent receiver(path_->receiver, join(kSource));
  // The join goes up the path before anything is sent, so nothing is lost.
  ASSERT_TRUE(all_have_routes(kSource));
  Agent sender(path_->sender, senders({kSource}));
  ASSERT_TRUE(eventually(10s, [&] { return received(receiver) >= 100; }, [&] { return seen(); }));
  const LabelSet labels{{"stream", "video"}, {"source", kSource}, {"sender", kSource}};
  const Metrics metrics = receiver.metrics();
  EXPECT_EQ(metrics.find("mcast_receiver_hops", labels), GetParam());
  EXPECT_EQ(metrics.find("mcast_receiver_lost_packets_total", labels), 0);
  EXPECT_EQ(metrics.find("mcast_receiver_duplicate_packets_total", labels), 0);
  EXPECT_EQ(sender.stop().exit_status, 0);
  double last = -1;
  EXPECT_TRUE(eventually(5s, [&] {
    const double before = std::exchange(last, received(receiver));
    return before == last;
  }));
  for (const Agent& router : agents_) EXPECT_EQ(routed_packets(router), last) << seen();
}

TEST_P(FrrPath, DoesNotCarryAnotherSourceOfTheSameGroup) {
  start_routers(GetParam(),
                "receivers:\n"
                "  - {name: video, group: 232.5.5.5, source: 10.1.1.3, interface: r0}\n");
  const Agent receiver(path_->receiver, join(kSource));
  ASSERT_TRUE(all_have_routes(kSource));
  const Agent sender(path_->sender, senders({kOtherSource}));
  const Agent& neighbour = agents_.front();
  const auto before = link_counters(path_->receiver, "eth1").received_packets;
  // It is sent, and comes as far as the first router.
  ASSERT_TRUE(eventually(5s, [&] { return received(neighbour) >= 100; }));
  EXPECT_EQ(received(receiver), 0);
  for (const Agent& router : agents_) {
    EXPECT_EQ(routed_packets(router), 0) << seen();
    EXPECT_EQ(carried_packets(router, kOtherSource), 0) << seen();
  }
  // A few queries, and none of the packets.
  EXPECT_LT(link_counters(path_->receiver, "eth1").received_packets - before, 50U);
}

TEST_P(FrrPath, BringsNothingToAReceiverThatDidNotJoin) {
  start_routers(GetParam());
  const Agent receiver(path_->receiver,
                       receiver_configuration({.group = "232.5.5.6", .more = "source: 10.1.1.1"}));
  const Agent sender(path_->sender, senders({kSource}));
  const auto before = link_counters(path_->receiver, "eth1").received_packets;
  EXPECT_TRUE(never(1500ms, [&] { return received(receiver) > 0; }));
  EXPECT_TRUE(
      eventually(5s, [&] { return sender.metrics().value("mcast_sender_packets_total") >= 100; }));
  // A few queries and hellos, and none of the packets.
  EXPECT_LT(link_counters(path_->receiver, "eth1").received_packets - before, 50U);
}

INSTANTIATE_TEST_SUITE_P(OfOneAndTwoRouters, FrrPath, testing::Values(1U, 2U),
                         [](const auto& hops) { return std::to_string(hops.param); });

// The source address of a general query that came in, if one did.
std::optional<std::string> query_from(const FileDescriptor& igmp) {
  std::array<std::uint8_t, 1500> packet{};
  const ssize_t length = ::recv(igmp.get(), packet.data(), packet.size(), MSG_DONTWAIT);
  if (length < static_cast<ssize_t>(sizeof(iphdr))) return std::nullopt;
  iphdr ip{};
  std::memcpy(&ip, packet.data(), sizeof ip);
  const std::size_t header = std::size_t{ip.ihl} * 4;
  // RFC 3376 section 4.1: type 0x11, and 12 bytes make it one of version 3.
  if (header + 12 > static_cast<std::size_t>(length) || packet[header] != 0x11) return std::nullopt;
  std::array<char, INET_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET, &ip.saddr, text.data(), text.size());
}

TEST_F(Frr, AsksTheHostsWhatTheyWant) {
  start_routers(1);
  const FileDescriptor igmp = path_->receiver.socket(AF_INET, SOCK_RAW, IPPROTO_IGMP);
  std::optional<std::string> querier;
  EXPECT_TRUE(eventually(5s, [&] {
    querier = query_from(igmp);
    return querier.has_value();
  }));
  EXPECT_EQ(querier, "10.1.2.1");
}

TEST_F(Frr, DoesNotAskWhereIgmpIsOff) {
  start_routers(1);
  const FileDescriptor igmp = path_->sender.socket(AF_INET, SOCK_RAW, IPPROTO_IGMP);
  // Longer than two queries are apart.
  EXPECT_TRUE(never(2500ms, [&] { return query_from(igmp).has_value(); }));
}

}  // namespace
}  // namespace mcast::test
