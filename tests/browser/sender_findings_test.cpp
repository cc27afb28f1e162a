// A sender whose packets do not leave: the page says so where it says that it is sending.
//
//   browser (sender) eth1 --- eth1 peer
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(SenderWithoutCarrier, IsMarkedInTheTableAndSaysWhyWhenItIsOpened) {
  BrowserHost& host = browser_host();
  const Namespace peer("peer");
  connect(host.where, "eth1", "10.1.1.1/24", peer, "eth1", "10.1.1.2/24");
  {
    const Agent agent(host.where, sender_configuration({.more = "rate: 50pps"}));
    LivePage page(host.browser);
    const auto since = [&] {
      const auto rows = page.rows();
      return rows.empty() ? "" : rows.front().cells.at("since");
    };
    ASSERT_TRUE(eventually(10s, [&] { return page.state("sender", "video") == "sending"; }));
    EXPECT_THAT(since(), HasSubstr(" ago"));
    link_down(peer, "eth1");
    EXPECT_TRUE(eventually(
        20s, [&] { return since() == "interface_down"; }, [&] { return page.text("body"); }));
    EXPECT_TRUE(page.visible("#stream-rows td.state[data-mark='bad']"));
    host.browser.run("location.hash = '#sender/video'");
    EXPECT_TRUE(eventually(
        10s,
        [&] {
          const std::string text = page.text("#detail .findings");
          return text.find("carrier") != std::string::npos &&
                 text.find("remedy") != std::string::npos;
        },
        [&] { return page.text("#detail"); }));
    link_up(peer, "eth1");
    EXPECT_TRUE(eventually(
        20s,
        [&] {
          return since().find(" ago") != std::string::npos && !page.visible("#detail .findings");
        },
        [&] { return page.text("body"); }));
  }
  delete_link(host.where, "eth1");
}

}  // namespace
}  // namespace mcast::test
