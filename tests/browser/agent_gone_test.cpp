// An agent that ends while its page is open, and one that has no good configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kConfiguration = R"(
receivers:
  - {name: quiet, group: 239.0.20.1, interface: lo}
)";

// As it was started with.
std::string configuration_file(Agent& agent) {
  constexpr std::string_view kKey = "--config.file=";
  const std::string& command = agent.process().command_line();
  const std::size_t begin = command.find(kKey) + kKey.size();
  return command.substr(begin, command.find(' ', begin) - begin);
}

void write(const std::string& file, const std::string& content) {
  std::ofstream stream(file, std::ios::trunc);
  stream << content;
}

TEST(AgentGone, IsSaidByABannerThatGoesAwayByItself) {
  BrowserHost& host = browser_host();
  std::optional<Agent> agent(std::in_place, host.where, kConfiguration);
  LivePage page(host.browser);
  ASSERT_TRUE(eventually(10s, [&] { return page.text("#shown") == "1 stream"; }));
  EXPECT_FALSE(page.visible("#banner"));

  agent->process().signal(SIGKILL);
  ASSERT_TRUE(eventually(10s, [&] { return page.visible("#banner"); }));
  EXPECT_THAT(page.text("#banner"), HasSubstr("has not answered since"));
  EXPECT_EQ(page.names(), std::vector<std::string>{"quiet"}) << "what was known stays";

  agent.reset();
  agent.emplace(host.where, kConfiguration);
  EXPECT_TRUE(eventually(10s, [&] { return !page.visible("#banner"); })) << page.text("#banner");
}

TEST(Reload, IsSaidToHaveFailedWithEveryErrorUntilOneSucceeds) {
  BrowserHost& host = browser_host();
  Agent agent(host.where, kConfiguration);
  const std::string file = configuration_file(agent);
  LivePage page(host.browser);
  ASSERT_TRUE(eventually(10s, [&] { return page.text("#shown") == "1 stream"; }));
  EXPECT_FALSE(page.visible("#reload-errors"));

  write(file, "receivers:\n  - {name: a, grop: '<b>'}\n");
  agent.process().signal(SIGHUP);
  EXPECT_TRUE(eventually(
      10s, [&] { return page.text("#reload-errors").find("grop") != std::string::npos; },
      [&] { return page.text("body"); }));
  EXPECT_EQ(page.names(), std::vector<std::string>{"quiet"}) << "nothing has changed";

  write(file, std::string(kConfiguration) + "  - {name: more, group: 239.0.20.2, interface: lo}\n");
  agent.process().signal(SIGHUP);
  EXPECT_TRUE(eventually(10s, [&] {
    return !page.visible("#reload-errors") && page.state("receiver", "more") == "waiting";
  })) << page.text("body");
}

TEST(Tabs, InTheBackgroundAskForNothingAndKeepNoConnection) {
  BrowserHost& host = browser_host();
  const Agent agent(host.where, kConfiguration);
  // More than a browser has connections to one agent.
  constexpr int kTabs = 8;
  for (int tab = 0; tab < kTabs; ++tab) {
    if (tab > 0) host.browser.open_tab();
    LivePage page(host.browser);
    EXPECT_TRUE(eventually(10s, [&] { return page.text("#shown") == "1 stream"; })) << tab;
  }
  for (int tab = 1; tab < kTabs; ++tab) host.browser.close_tab();
}

TEST(AgentWithoutStreams, IsNotAnEmptyPage) {
  BrowserHost& host = browser_host();
  const Agent agent(host.where, "igmp: {watch: [lo]}\n");
  LivePage page(host.browser);
  EXPECT_TRUE(eventually(10s, [&] { return page.visible("#membership-rows tr.row"); }))
      << page.text("body");
  page.browser().click("#to-streams");
  EXPECT_TRUE(eventually(10s, [&] { return page.text("#shown") == "no streams"; }))
      << page.text("body");
  EXPECT_TRUE(page.names().empty());
}

}  // namespace
}  // namespace mcast::test
