// A thousand receivers: what the page costs the browser and the agent.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <thread>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kConfiguration = R"(
senders:
  - {name: video, group: 239.1.0.1, count: 1000, interface: lo, rate: 10pps}
receivers:
  - {name: video, group: 239.1.0.1, count: 1000, interface: lo, labels: {site: lab1}}
)";

constexpr auto kPeriod = 5s;
constexpr double kMaxOfACore = 0.05;
// Sanitizers make the agent several times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasures = false;
#else
constexpr bool kMeasures = true;
#endif

// utime and stime of proc(5), in seconds.
double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// The share of one core, over the period.
double load_of(pid_t pid) {
  const auto began = Clock::now();
  const double before = cpu_seconds(pid);
  // A measurement takes its time; there is no condition to wait for.
  std::this_thread::sleep_for(kPeriod);
  const std::chrono::duration<double> took = Clock::now() - began;
  return (cpu_seconds(pid) - before) / took.count();
}

TEST(AThousandReceivers, AreShownWithoutBlockingThePageOrLoadingTheAgent) {
  BrowserHost& host = browser_host();
  Agent agent(host.where, kConfiguration);
  host.browser.open("about:blank");
  const double alone = load_of(agent.process().pid());

  LivePage page(host.browser);
  host.browser.run(R"(
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
    }).observe({type: 'longtask', buffered: true});
  )");
  ASSERT_TRUE(eventually(10s, [&] { return page.text("#shown") == "2,000 streams"; }))
      << page.text("#shown");
  EXPECT_EQ(host.browser.run("return document.querySelector('#stream-rows table').ariaRowCount"),
            "2001");
  EXPECT_LT(host.browser.run("return document.querySelectorAll('*').length").get<int>(), 3'000)
      << "rows out of sight are in the document";
  ASSERT_TRUE(eventually(10s, [&] { return page.state("receiver", "video-2") == "receiving"; }));

  constexpr const char* kAnswers =
      "return performance.getEntriesByType('resource')"
      ".filter((it) => it.name.endsWith('/api/v1/receivers')).length";
  const int before = host.browser.run(kAnswers);
  const double with_page = load_of(agent.process().pid());
  EXPECT_GE(host.browser.run(kAnswers).get<int>() - before, 3) << "the page does not ask";
  const double longest = host.browser.run("return window.longest");
  std::cout << "the agent uses " << 100 * alone << " % of a core without the page, "
            << 100 * with_page << " % with it; the longest task of the page was " << longest
            << " ms\n";
  if (kMeasures) {
    EXPECT_LT(with_page, alone + kMaxOfACore);
    EXPECT_LT(longest, 200);
  }

  // The last row can be reached, and sorted to the top.
  host.browser.run("document.querySelector('#stream-rows').scrollTop = 1e9");
  EXPECT_TRUE(eventually(2s, [&] { return page.state("sender", "video-1000") == "sending"; }));
  host.browser.click("th.name button");
  host.browser.run("document.querySelector('#stream-rows').scrollTop = 0");
  EXPECT_TRUE(eventually(2s, [&] { return page.names().front() == "video-1000"; }));
}

}  // namespace
}  // namespace mcast::test
