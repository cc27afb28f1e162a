// Pictures for docs/page.md, into the directory that MCAST_SCREENSHOTS names.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kReceivers = R"(
defaults:
  interface: eth1
receivers:
  - {name: video-a, group: 239.0.10.101, count: 8, labels: {site: lab1, rack: r1}}
  - {name: video-b, group: 239.0.10.111, count: 8, labels: {site: lab2, rack: r4}}
  - {name: audio, group: 239.0.20.1, count: 4, labels: {site: lab1, rack: r2}}
  - {name: market-data, group: 232.1.1.1, source: 10.1.1.1, labels: {site: lab2}}
  - {name: telemetry, group: 239.0.40.1, labels: {site: lab2}}
  - {name: timecode, group: 239.0.50.1, stall_timeout: 1s, labels: {site: lab1}}
  - {name: spare, group: 239.0.60.1, interface: eth7, labels: {site: lab2}}
senders:
  - {name: beacon, group: 239.0.70.1, rate: 10pps, labels: {site: lab1}}
)";
constexpr const char* kSenders = R"(
defaults:
  interface: eth1
  ttl: 32
senders:
  - {name: video-a, group: 239.0.10.101, count: 8, rate: 120pps, size: 1316, dscp: af41}
  - {name: video-b, group: 239.0.10.111, count: 8, rate: 250pps, size: 1316, dscp: af41}
  - {name: audio, group: 239.0.20.1, count: 4, rate: 50pps, dscp: ef}
  - {name: market-data, group: 232.1.1.1, rate: 400pps, dscp: cs3}
  - {name: timecode, group: 239.0.50.1, rate: 25pps}
)";
TEST(Screenshots, OfALaboratoryWithTroubles) {
  const char* const directory =
      std::getenv("MCAST_SCREENSHOTS");  // NOLINT(concurrency-mt-unsafe): nothing changes it
  if (directory == nullptr) GTEST_SKIP() << "MCAST_SCREENSHOTS names no directory";
  const std::string place(directory);

  BrowserHost& host = browser_host();
  const Namespace sender("sender");
  connect(sender, "eth1", "10.1.1.1/24", host.where, "eth1", "10.1.1.2/24");
  nft(sender,
      "table ip fault {\n"
      " chain out {\n"
      "  type filter hook output priority 0; policy accept;\n"
      "  ip daddr 239.0.10.102 numgen inc mod 3000 < 40 drop\n"
      "  ip daddr 239.0.10.113 numgen inc mod 5000 < 9 drop\n"
      "  ip daddr 239.0.20.2 ip dscp set cs0\n"
      " }\n"
      "}\n");
  {
    const Agent receiver(host.where, kReceivers);
    const Agent sending(sender, kSenders);
    LivePage page(host.browser);
    Browser& browser = host.browser;
    browser.resize(1400, 800);
    ASSERT_TRUE(eventually(20s, [&] { return page.state("receiver", "audio-4") == "receiving"; }));
    browser.run("location.hash = '#receiver/video-a-2'");
    const auto shown_for = [&] { return browser.run("return performance.now()").get<double>(); };
    // Enough of a curve to look at, and of an outage.
    ASSERT_TRUE(eventually(120s, [&] { return shown_for() > 40'000; }));
    nft(sender, "add rule ip fault out ip daddr 239.0.50.1 drop\n");
    ASSERT_TRUE(eventually(120s, [&] {
      return page.text("#detail .gaps").find("10.1.1.1") != std::string::npos &&
             shown_for() > 65'000;
    }));
    browser.screenshot(place + "/page-stream.png");
    browser.run("location.hash = '#receiver/timecode'");
    ASSERT_TRUE(eventually(20s, [&] {
      return page.text("#detail .gaps").find("goes on") != std::string::npos &&
             page.text("#detail .findings").find("remedy") != std::string::npos;
    }));
    browser.screenshot(place + "/page-outage.png");
    browser.prefer_dark(true);
    ASSERT_TRUE(eventually(3s, [&] { return page.visible("#detail canvas"); }));
    browser.run("location.hash = '#receiver/telemetry'");
    ASSERT_TRUE(eventually(
        20s, [&] { return page.text("#detail .findings").find("remedy") != std::string::npos; }));
    browser.screenshot(place + "/page-findings-dark.png");
    browser.run("location.hash = '#streams'");
    browser.resize(1400, 700);
    page.choose("#group-by", "site");
    ASSERT_TRUE(eventually(3s, [&] { return page.headings().size() == 2; }));
    browser.screenshot(place + "/page-dark.png");
    browser.prefer_dark(false);
    page.choose("#group-by", "nothing");
    ASSERT_TRUE(eventually(3s, [&] { return page.headings().empty(); }));
    browser.screenshot(place + "/page-light.png");
    browser.resize(390, 780);
    ASSERT_TRUE(eventually(3s, [&] { return page.visible(".brief"); }));
    browser.screenshot(place + "/page-phone.png");
  }
  delete_link(host.where, "eth1");
}

}  // namespace
}  // namespace mcast::test
