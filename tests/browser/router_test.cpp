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

class RouterPage : public testing::Test {
 protected:
  RouterPage() {
    connect(sender_, "eth1", "10.1.1.1/24", host_.where, "r0", "10.1.1.2/24");
    connect(host_.where, "r1", "10.1.2.1/24", receiver_, "eth1", "10.1.2.2/24");
  }
  ~RouterPage() override {
    delete_link(host_.where, "r0");
    delete_link(host_.where, "r1");
  }

  BrowserHost& host_ = browser_host();
  Namespace sender_{"sender"};
  Namespace receiver_{"receiver"};
};

TEST_F(RouterPage, ShowsRoutesAndMembershipsInsteadOfNothing) {
  const SmcRouter daemon(
      host_.where,
      smcroute_configuration(
          {{.group = "239.0.10.101", .source = "10.1.1.1", .from = "r0", .to = "r1"}}));
  const Agent agent(host_.where, "igmp: {watch: [r0, r1]}\n");
  const Agent sending(sender_, sender_configuration({.more = "rate: 100pps, ttl: 4"}));
  LivePage page(host_.browser);
  ASSERT_TRUE(eventually(
      10s, [&] { return page.text("#route-rows").find("239.0.10.101") != std::string::npos; },
      [&] { return page.text("body"); }));
  const auto cell = [&](const std::string& column) {
    return page.text("#route-rows tr.row:not([hidden]) ." + column);
  };
  EXPECT_EQ(cell("source"), "10.1.1.1");
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
  EXPECT_THAT(page.text("#membership-rows"), HasSubstr("239.0.10.101"));
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

TEST_F(RouterPage, GoesToTheStreamsAsSoonAsThereIsOne) {
  const Agent agent(host_.where, "igmp: {watch: [lo]}\n");
  LivePage page(host_.browser);
  ASSERT_TRUE(eventually(10s, [&] { return page.visible("#membership-rows tr.row"); }));
  EXPECT_FALSE(page.visible("#routes")) << "nothing is routed here";
  EXPECT_EQ(agent
                .api("POST", "/api/v1/receivers",
                     R"({"group": "239.0.20.1", "interface": "lo", "detach": true})")
                .status,
            201);
  EXPECT_TRUE(eventually(10s, [&] { return page.text("#shown") == "1 stream"; }));
}

}  // namespace
}  // namespace mcast::test
