// The page of a router's agent, which has no streams: its multicast routes and memberships.
//
//   sender eth1 --- r0 [browser: router] r1 --- eth1 receiver
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RouterPage : public BothFamilies {
 protected:
  RouterPage() {
    connect(sender_, "eth1", addresses(1, 1), host_.where, "r0", addresses(1, 2));
    connect(host_.where, "r1", addresses(2, 1), receiver_, "eth1", addresses(2, 2));
    host_.where.forward_ipv6();
  }
  ~RouterPage() override {
    if (host_.where.ipv6() != Namespace::Ipv6::kOff) {
      host_.where.set_sysctl("net.ipv6.conf.all.forwarding", "0");
    }
    delete_link(host_.where, "r0");
    delete_link(host_.where, "r1");
  }

  BrowserHost& host_ = browser_host();
  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_P(RouterPage, ShowsRoutesAndMembershipsInsteadOfNothing) {
  const SmcRouter daemon(
      host_.where,
      smcroute_configuration(
          {{.group = net_.group, .source = net_.host(1, 1), .from = "r0", .to = "r1"}}));
  const Agent agent(host_.where, "igmp: {watch: [r0, r1]}\n");
  const Agent sending(sender_,
                      sender_configuration({.group = net_.group, .more = "rate: 100pps, ttl: 4"}));
  LivePage page(host_.browser);
  ASSERT_TRUE(eventually(
      10s, [&] { return page.text("#route-rows").find(net_.group) != std::string::npos; },
      [&] { return page.text("body"); }));
  const auto cell = [&](const std::string& column) {
    return page.text("#route-rows tr.row:not([hidden]) ." + column);
  };
  EXPECT_EQ(cell("source"), net_.host(1, 1));
  EXPECT_EQ(cell("incoming"), "r0");
  EXPECT_EQ(cell("outgoing"), "r1");
  EXPECT_EQ(cell("wrong"), "0");
  EXPECT_TRUE(eventually(
      10s,
      [&] {
        const double pps = std::strtod(cell("pps").c_str(), nullptr);
        return pps > 90 && pps < 110;
      },
      [&] { return page.text("#route-rows"); }));
  EXPECT_THAT(cell("kbps"), HasSubstr(" kbps"));
  EXPECT_THAT(page.text("#membership-rows"), HasSubstr(net_.group));
  EXPECT_FALSE(page.visible("#streams"));
  for (const int width : {1400, 800, 360}) {
    host_.browser.resize(width, 740);
    EXPECT_TRUE(eventually(3s, [&] {
      return host_.browser
          .run(
              "return [...document.querySelectorAll('#route-rows, #membership-rows')]"
              ".every((it) => it.scrollWidth <= it.clientWidth)")
          .get<bool>();
    })) << width;
  }
}

TEST_P(RouterPage, GoesToTheStreamsAsSoonAsThereIsOne) {
  const Agent agent(host_.where, "igmp: {watch: [lo]}\n");
  LivePage page(host_.browser);
  ASSERT_TRUE(eventually(10s, [&] { return page.visible("#membership-rows tr.row"); }));
  EXPECT_FALSE(page.visible("#routes")) << "nothing is routed here";
  EXPECT_EQ(agent
                .api("POST", "/api/v1/receivers",
                     R"({"group": ")" + net_.group + R"(", "interface": "r1", "detach": true})")
                .status,
            201);
  EXPECT_TRUE(eventually(10s, [&] { return page.text("#shown") == "1 stream"; }));
}

INSTANTIATE_TEST_SUITE_P(, RouterPage, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
