// What the columns of the table show, and how wide they are: nothing is cut but a long name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

// The second receiver differs from the first one by its port alone.
constexpr const char* kConfiguration = R"(
defaults:
  interface: lo
senders:
  - {name: video, group: 239.0.10.101, dscp: af41, rate: 100pps}
  - {name: market, group: 232.1.1.1, source: 127.0.0.1, rate: 100pps}
receivers:
  - {name: video, group: 239.0.10.101}
  - {name: video-5004, group: 239.0.10.101, port: 5004}
  - {name: market, group: 232.1.1.1, source: 127.0.0.1}
  - {name: 239.0.10.101#2, group: 239.0.10.101, interface: lo, port: 5005}
)";
constexpr const char* kRemark =
    "table ip browser_remark {\n"
    " chain out {\n"
    "  type filter hook output priority 0; policy accept;\n"
    "  ip daddr 239.0.10.101 ip dscp set cs1\n"
    " }\n"
    "}\n";
constexpr const char* kCutCells = R"(
  return [...document.querySelectorAll('#stream-rows :is(th, tr.row:not([hidden]) > td)')]
    .filter((cell) => cell.checkVisibility() && !cell.classList.contains('name'))
    .filter((cell) => cell.scrollWidth > cell.clientWidth)
    .map((cell) => `${cell.className}: ${cell.textContent} ${cell.scrollWidth} > ${cell.clientWidth}`)
)";

class Columns : public testing::Test {
 protected:
  Columns() { nft(host_.where, kRemark); }
  ~Columns() override { nft(host_.where, "delete table ip browser_remark\n"); }

  std::string cell(const std::string& kind, const std::string& name, const std::string& column) {
    for (const TableRow& row : page_.rows()) {
      if (row.kind == kind && row.name == name) return row.cells.at(column);
    }
    return "";
  }

  // Nothing is cut, and nothing is beyond the side of the window.
  bool fits() {
    return host_.browser.run(kCutCells).empty() &&
           host_.browser
               .run(
                   "const rows = document.querySelector('#stream-rows');"
                   "return rows.clientWidth === innerWidth && rows.scrollWidth <= innerWidth")
               .get<bool>();
  }

  BrowserHost& host_ = browser_host();
  Agent agent_{host_.where, kConfiguration};
  LivePage page_{host_.browser};
};

TEST_F(Columns, AreAsWideAsWhatTheyHold) {
  ASSERT_TRUE(eventually(
      10s, [&] { return cell("receiver", "video", "dscp") == "AF41 → CS1"; },
      [&] { return page_.text("#stream-rows"); }));
  for (const int width : {1920, 1400, 1280, 1000, 800}) {
    host_.browser.resize(width, 900);
    EXPECT_TRUE(eventually(3s, [&] { return fits(); }))
        << width << ": " << host_.browser.run(kCutCells).dump();
    // All of these hold eleven letters at the most.
    EXPECT_LT(host_.browser.run("return document.querySelector('th.name').offsetWidth").get<int>(),
              250)
        << width;
    EXPECT_TRUE(page_.visible("td.dscp") || width < 1280) << width;
  }
  // On a phone the name has all that is left.
  host_.browser.resize(390, 780);
  EXPECT_TRUE(eventually(3s, [&] {
    return page_.visible(".brief") &&
           host_.browser.run("return document.querySelector('th.name').offsetWidth").get<int>() >
               140;
  }));
  host_.browser.resize(1400, 900);
  // A name is what gives way.
  EXPECT_EQ(agent_
                .api("POST", "/api/v1/receivers",
                     R"({"group": "239.0.10.101", "interface": "lo", "detach": true, "name": ")" +
                         std::string(200, 'w') + "\"}")
                .status,
            201);
  ASSERT_TRUE(eventually(5s, [&] { return page_.text("#shown") == "7 streams"; }));
  EXPECT_TRUE(eventually(3s, [&] { return fits(); })) << host_.browser.run(kCutCells).dump();
}

TEST_F(Columns, TellReceiversOfOneGroupApartByPortAndTellOfAnySource) {
  ASSERT_TRUE(eventually(
      10s,
      [&] {
        return cell("receiver", "video", "source") == "ASM 127.0.0.1" &&
               cell("receiver", "market", "state") == "receiving";
      },
      [&] { return page_.text("#stream-rows"); }));
  EXPECT_EQ(cell("receiver", "video", "port"), "19779");
  EXPECT_EQ(cell("receiver", "video-5004", "port"), "5004");
  EXPECT_EQ(cell("receiver", "video-5004", "source"), "ASM");
  EXPECT_EQ(cell("receiver", "market", "source"), "127.0.0.1");
  EXPECT_EQ(cell("sender", "market", "source"), "127.0.0.1");
}

TEST_F(Columns, WriteNumbersWithThreeDigitsAndTheirUnit) {
  ASSERT_TRUE(eventually(
      10s, [&] { return cell("receiver", "video", "kbps").ends_with(" kbps"); },
      [&] { return page_.text("#stream-rows"); }));
  const std::string jitter = cell("receiver", "video", "jitter");
  EXPECT_THAT(jitter, testing::MatchesRegex("[0-9.]{1,4} [num]?s"));
  const auto texts = host_.browser.run(R"(
    return Promise.all([import('/page/text.js'), import('/page/event_stream.js')]).then(([text, events]) => [
      ...[0.005246895, 4.32e-7, 4.42e-6, 0.02, 31.64, 999.4, 1234.9, 90061, 0, null].map(text.duration),
      ...[8.97, 100, 0].map(text.running),
      ...[446428.5714, 99.96, 25, 0, null].map((value) => text.rate(value, 'pps')),
      ...[0.3588461538, 0.0057, 1, 0.99999, 0.00001, 0, null].map(text.percent),
      events.describeEvent({event: 'burst', stream: 'a', group: 'b', sender: '10.1.1.1', packets_lost: 1234,
                            interruption_s: 0.005246895}),
      events.describeEvent({event: 'remark', stream: 'a', group: 'b', sender: '10.1.1.1', sent_dscp: 34, dscp: 8}),
    ])
  )");
  EXPECT_EQ(texts, nlohmann::json({"5.25 ms",
                                   "432 ns",
                                   "4.42 us",
                                   "20.0 ms",
                                   "31.6 s",
                                   "999 s",
                                   "00:20:34",
                                   "1d 01:01:01",
                                   "0 s",
                                   "–",
                                   "8.9 s",
                                   "00:01:40",
                                   "0.0 s",
                                   "446 kpps",
                                   "100 pps",
                                   "25.0 pps",
                                   "0.00 pps",
                                   "–",
                                   "35.9",
                                   "0.57",
                                   "100",
                                   "99.9",
                                   "<0.01",
                                   "0.00",
                                   "–",
                                   "sender 10.1.1.1, packets lost 1,234, interruption 5.25 ms",
                                   "sender 10.1.1.1, DSCP AF41 → CS1"}));
}

// A second stream of a group is called so.
TEST_F(Columns, OpenAStreamWhoseNameHoldsANumberSign) {
  ASSERT_TRUE(eventually(10s, [&] { return page_.text("#shown") == "6 streams"; }));
  host_.browser.run(
      "[...document.querySelectorAll('.its-name')].find((it) => it.textContent === "
      "'239.0.10.101#2').click()");
  EXPECT_TRUE(eventually(
      5s, [&] { return page_.text("#detail .numbers").find("port 5005") != std::string::npos; },
      [&] { return page_.text("#detail"); }));
  host_.browser.open_anew(std::string(LivePage::kUrl) + "#receiver/239.0.10.101%232");
  EXPECT_TRUE(eventually(5s, [&] { return page_.text("#detail h2") == "239.0.10.101#2"; }));
}

}  // namespace
}  // namespace mcast::test
