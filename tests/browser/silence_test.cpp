// What the page shows of streams that fail, and of one that is opened.
//
//   sender eth1 ------ eth1 browser (receiver and browser)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>
#include <optional>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr const char* kReceivers = R"(
receivers:
  - {name: video, group: 239.0.10.101, interface: eth1, stall_timeout: 500ms}
  - {name: quiet, group: 239.0.20.1, interface: eth1}
)";

class Silence : public testing::Test {
 protected:
  Silence() {
    connect(sender_, "eth1", "10.1.1.1/24", host_.where, "eth1", "10.1.1.2/24");
    receiver_.emplace(host_.where, kReceivers);
    start_sender();
  }
  ~Silence() override {
    receiver_.reset();
    sending_.reset();
    delete_link(host_.where, "eth1");
  }
  void start_sender() { sending_.emplace(sender_, sender_configuration({.more = "rate: 100pps"})); }
  void expect_state(const char* state, std::chrono::milliseconds deadline = 10s) {
    ASSERT_TRUE(eventually(
        deadline, [&] { return page_->state("receiver", "video") == state; },
        [&] { return page_->text("body"); }));
  }

  BrowserHost& host_ = browser_host();
  Namespace sender_{"sender"};
  std::optional<Agent> receiver_;
  std::optional<Agent> sending_;
  std::optional<LivePage> page_;
};

TEST_F(Silence, IsRedWithinTwoSecondsOfTheStallAndGreenAfterIt) {
  page_.emplace(host_.browser);
  expect_state("receiving");
  // Stopped, it would say that it ends.
  sending_->process().signal(SIGKILL);
  const auto stopped = Clock::now();
  // stall_timeout is half a second.
  expect_state("stalled", 2'500ms);
  const std::chrono::duration<double> took = Clock::now() - stopped;
  std::cout << "stalled on the page " << took.count() << " s after the sender's end, "
            << "of which 0.5 s are the stall_timeout\n";
  const std::vector<int> color = page_->state_color("receiver", "video");
  EXPECT_GT(color[0], 150);
  EXPECT_LT(color[1], 90);
  EXPECT_LT(color[2], 90);
  EXPECT_THAT(page_->text("#counts"), HasSubstr("1 stalled"));

  sending_.reset();
  start_sender();
  expect_state("receiving");
  const std::vector<int> again = page_->state_color("receiver", "video");
  EXPECT_LT(again[0] - again[1], 60);
}

TEST_F(Silence, OpensAStreamWithItsChartsGapsAndNumbers) {
  page_.emplace(host_.browser, "#receiver/video");
  expect_state("receiving");
  // A third of a second without packets.
  nft(host_.where,
      "table ip browser_fault {\n"
      " chain in {\n"
      "  type filter hook input priority 0; policy accept;\n"
      "  ip daddr 239.0.10.101 numgen inc mod 50 < 20 drop\n"
      " }\n"
      "}\n");
  ASSERT_TRUE(eventually(
      10s, [&] { return page_->text("#detail .gaps").find("10.1.1.1") != std::string::npos; },
      [&] { return page_->text("#detail"); }));
  nft(host_.where, "delete table ip browser_fault\n");

  EXPECT_EQ(page_->text("#detail h2"), "video");
  EXPECT_THAT(page_->text("#detail .numbers"), HasSubstr("239.0.10.101 port 19779"));
  EXPECT_THAT(page_->text("#detail .senders"), HasSubstr("10.1.1.1"));
  EXPECT_FALSE(page_->visible("#detail .findings")) << "it is not silent";
  // Rate, loss, jitter and hops, all of them with something drawn.
  EXPECT_TRUE(eventually(
      10s,
      [&] {
        const auto drawn = host_.browser.run(R"(
          return [...document.querySelectorAll('#detail .area')].map((area) => {
            // The grid is drawn on the other canvas of the same size, the series on this one.
            const canvas = area.querySelectorAll('canvas')[0];
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            let colored = 0;
            for (let i = 0; i < pixels.length; i += 4) {
              if (pixels[i + 3] > 200 && Math.max(pixels[i], pixels[i + 1], pixels[i + 2]) -
                  Math.min(pixels[i], pixels[i + 1], pixels[i + 2]) > 60) colored += 1;
            }
            return colored;
          }))");
        if (drawn.size() != 4) return false;
        for (const auto& colored : drawn) {
          if (colored.get<int>() < 5) return false;
        }
        return true;
      },
      [&] { return page_->text("#detail"); }));
}

TEST_F(Silence, IsNoneWhereTheSenderSaidThatItEnds) {
  page_.emplace(host_.browser, "#receiver/video");
  expect_state("receiving");
  EXPECT_EQ(sending_->stop().exit_status, 0);
  expect_state("ended");
  EXPECT_THAT(page_->text("#counts"), HasSubstr("1 ended"));
  EXPECT_TRUE(eventually(
      5s, [&] { return page_->text("#detail .numbers").find("ended since") != std::string::npos; },
      [&] { return page_->text("#detail"); }));
  EXPECT_THAT(page_->text("#detail .events"), HasSubstr("ended"));
  EXPECT_FALSE(page_->visible("#detail .silence"));
  EXPECT_FALSE(page_->visible("#detail .findings"));
  EXPECT_EQ(page_->rows().back().cells.at("lost"), "0");
}

TEST_F(Silence, IsShownAsAnOutageFromItsFirstIntervalOnAndWhereItWas) {
  page_.emplace(host_.browser, "#receiver/video");
  expect_state("receiving");
  const auto cell = [&](const char* column) {
    for (const TableRow& row : page_->rows()) {
      if (row.name == "video") return row.cells.at(column);
    }
    return std::string();
  };
  ASSERT_TRUE(eventually(5s, [&] { return cell("lossNow") == "0.00"; }));
  // All that the chart of loss ever says of the last second.
  host_.browser.run(R"(
    window.losses = [];
    const caption = document.querySelector('figure[aria-label="Loss, %"] .value');
    new MutationObserver(() => window.losses.push(Number.parseFloat(caption.textContent)))
      .observe(caption, {childList: true, characterData: true, subtree: true});
  )");
  nft(host_.where,
      "table ip browser_fault {\n"
      " chain in {\n"
      "  type filter hook input priority 0; policy accept;\n"
      "  ip daddr 239.0.10.101 drop\n"
      " }\n"
      "}\n");
  ASSERT_TRUE(eventually(
      8s,
      [&] {
        return host_.browser.run("return window.losses.includes(100)").get<bool>() &&
               page_->text("#detail .gaps").find("goes on") != std::string::npos;
      },
      [&] { return page_->text("body"); }));
  EXPECT_GT(std::stod(cell("lossNow")), 5);
  EXPECT_THAT(cell("since"), testing::MatchesRegex("silent for [0-9.]+ s"));
  EXPECT_THAT(page_->text("#detail .silence"), testing::MatchesRegex("silent for [0-9.]+ s"));
  EXPECT_THAT(page_->text("#detail .numbers"),
              testing::ContainsRegex("loss\\s+[0-9.]+ %, about [0-9,]+ of [0-9,]+"));
  EXPECT_TRUE(eventually(8s, [&] { return std::stoi(cell("lost")) > 300; }));

  nft(host_.where, "delete table ip browser_fault\n");
  expect_state("receiving");
  // It is in the gap log as soon as the loss timeout has passed.
  ASSERT_TRUE(eventually(
      8s,
      [&] {
        const std::string gaps = page_->text("#detail .gaps");
        return gaps.find("10.1.1.1") != std::string::npos &&
               gaps.find("goes on") == std::string::npos && cell("lossNow") != "0.00" &&
               host_.browser.run("return window.losses.at(-1)") == 0;
      },
      [&] { return page_->text("#detail") + host_.browser.run("return window.losses").dump(); }));
  // The first value behind the outage is of a second that it had a part of.
  const auto behind = host_.browser.run(
      "return window.losses.slice(window.losses.lastIndexOf(100) + 2).filter((it) => it > 10)");
  EXPECT_TRUE(behind.empty()) << "a peak at the end of the outage: "
                              << host_.browser.run("return window.losses").dump();
  EXPECT_EQ(cell("since").find("silent"), std::string::npos);
  // Painted in each of the charts, in the colour of the style sheet.
  constexpr const char* kPainted = R"(
    return [...document.querySelectorAll('#detail .area')].map((area) =>
      [...area.querySelectorAll('canvas')].some((canvas) => {
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < pixels.length; i += 4) {
          if (pixels[i] === 0xf6 && pixels[i + 1] === 0xd5 && pixels[i + 2] === 0xd5) return true;
        }
        return false;
      }));
  )";
  EXPECT_TRUE(eventually(
      3s, [&] { return host_.browser.run(kPainted) == nlohmann::json({true, true, true, true}); }));
}

TEST_F(Silence, SaysWhyNothingArrives) {
  page_.emplace(host_.browser, "#receiver/quiet");
  EXPECT_TRUE(eventually(
      20s,
      [&] {
        const std::string text = page_->text("#detail .findings");
        return text.find("no_traffic") != std::string::npos &&
               text.find("meaning") != std::string::npos &&
               text.find("remedy") != std::string::npos;
      },
      [&] { return page_->text("#detail"); }));
  EXPECT_THAT(page_->text("#detail .senders"), HasSubstr("no sender heard yet"));
  EXPECT_THAT(page_->text("#detail .gaps"), HasSubstr("no gaps"));
}

}  // namespace
}  // namespace mcast::test
