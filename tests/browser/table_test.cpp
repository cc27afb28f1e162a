// The table of streams: what it shows, and what narrows, sorts and groups it.
//
//   one agent on lo: senders video-1..3 and a sender of odd names, receivers of them and
//   one of a group that nobody sends to
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kMarkup = R"(<img src=x onerror=window.ran=1>)";
constexpr const char* kQuotes = R"(qu"o'te & größe 日本#2)";

constexpr const char* kConfiguration = R"(
defaults:
  interface: lo
senders:
  - {name: video, group: 239.0.10.101, count: 3, rate: 100pps, labels: {site: lab1}}
receivers:
  - {name: video, group: 239.0.10.101, count: 3, labels: {site: lab1}}
  - {name: quiet, group: 239.0.20.1, labels: {site: lab2}}
  - {name: '<img src=x onerror=window.ran=1>', group: 239.0.10.101, labels: {note: '<img src=x onerror=window.ran=1>'}}
  - {name: "qu\"o'te & größe 日本#2", group: 239.0.10.102, labels: {site: "<b>\"bold\"</b>"}}
)";
constexpr const char* kAll = "9 streams";

class Table : public testing::Test {
 protected:
  static void SetUpTestSuite() { agent_.emplace(browser_host().where, kConfiguration); }
  static void TearDownTestSuite() { agent_.reset(); }

  void SetUp() override {
    ASSERT_TRUE(eventually(
        10s, [&] { return page_.text("#shown") == kAll; }, [&] { return page_.text("body"); }));
  }
  // What a bug in the page leaves behind.
  void TearDown() override {
    for (const auto& line : page_.browser().console()) {
      ADD_FAILURE() << "the console says: " << line.dump();
    }
  }

  LivePage page_{browser_host().browser};

 private:
  inline static std::optional<Agent> agent_;
};

TEST_F(Table, ShowsEachConfiguredStreamWithItsState) {
  EXPECT_TRUE(eventually(10s, [&] {
    return page_.state("receiver", "video-1") == "receiving" &&
           page_.state("receiver", "video-3") == "receiving";
  }));
  EXPECT_EQ(page_.state("sender", "video-2"), "sending");
  EXPECT_EQ(page_.state("receiver", "quiet"), "waiting");
  EXPECT_EQ(page_.state("receiver", "video-4"), "");
  const std::vector<int> waiting = page_.state_color("receiver", "quiet");
  EXPECT_LT(waiting[0] - waiting[1], 60) << "waiting is not red";
}

TEST_F(Table, ShowsRatesThatAreThoseOfTheSender) {
  EXPECT_TRUE(eventually(
      10s,
      [&] {
        for (const TableRow& row : page_.rows()) {
          if (row.kind != "receiver" || row.name != "video-2") continue;
          if (row.cells.at("pps") == "–") return false;
          const double pps = std::stod(row.cells.at("pps"));
          const double kbps = std::stod(row.cells.at("kbps"));
          return pps > 90 && pps < 110 && kbps > 144 && kbps < 176 &&
                 row.cells.at("lossNow") == "0.00" && row.cells.at("hops") == "0" &&
                 row.cells.at("group") == "239.0.10.102";
        }
        return false;
      },
      [&] { return page_.text("#stream-rows"); }));
}

TEST_F(Table, NarrowsToWhatIsTypedAndShowsAllAgain) {
  page_.browser().type("#filter", "quiet");
  EXPECT_TRUE(eventually(2s, [&] { return page_.text("#shown") == "1 of 9 streams"; }));
  EXPECT_THAT(page_.names(), ElementsAre("quiet"));
  // By group and by label, every word somewhere.
  page_.browser().type("#filter", "239.0.10.102 LAB1");
  EXPECT_TRUE(eventually(2s, [&] { return page_.text("#shown") == "2 of 9 streams"; }));
  EXPECT_THAT(page_.names(), Each(std::string("video-2")));
  page_.browser().type("#filter", "nothing is called so");
  EXPECT_TRUE(eventually(2s, [&] { return page_.names().empty(); }));
  page_.browser().type("#filter", "");
  page_.browser().run(
      "document.querySelector('#filter').dispatchEvent(new Event('input', {bubbles: true}))");
  EXPECT_TRUE(eventually(2s, [&] { return page_.text("#shown") == kAll; }));
}

TEST_F(Table, NarrowsToOneState) {
  page_.choose("#state", "waiting");
  EXPECT_TRUE(eventually(2s, [&] { return page_.text("#shown") == "1 of 9 streams"; }));
  EXPECT_THAT(page_.names(), ElementsAre("quiet"));
  page_.choose("#state", "");
  EXPECT_TRUE(eventually(2s, [&] { return page_.text("#shown") == kAll; }));
}

TEST_F(Table, SortsByAnyColumnInBothDirections) {
  page_.browser().click("th.group button");
  EXPECT_TRUE(eventually(2s, [&] { return page_.names().back() == "quiet"; }));
  EXPECT_EQ(page_.browser().run("return document.querySelector('th.group').ariaSort"), "ascending");
  page_.browser().click("th.group button");
  EXPECT_TRUE(eventually(2s, [&] { return page_.names().front() == "quiet"; }));
  EXPECT_EQ(page_.browser().run("return document.querySelector('th.group').ariaSort"),
            "descending");
  EXPECT_EQ(page_.browser().run("return document.querySelector('th.name').ariaSort"), "none");
  // Trouble first.
  page_.browser().click("th.state button");
  EXPECT_TRUE(eventually(2s, [&] { return page_.names().front() == "quiet"; }));
}

TEST_F(Table, GroupsByALabelAndCountsStates) {
  EXPECT_TRUE(eventually(10s, [&] { return page_.state("receiver", "video-3") == "receiving"; }));
  page_.choose("#group-by", "site");
  EXPECT_TRUE(eventually(2s, [&] { return page_.headings().size() == 4; }));
  const std::vector<std::string> headings = page_.headings();
  EXPECT_THAT(headings, Contains(HasSubstr("site = lab1")));
  EXPECT_THAT(headings, Contains(HasSubstr("site = <b>\"bold\"</b>")));
  EXPECT_THAT(headings, Contains(HasSubstr("no site")));
  EXPECT_TRUE(eventually(2s, [&] {
    return testing::Value(page_.headings(), Contains(testing::AllOf(HasSubstr("3 receiving"),
                                                                    HasSubstr("3 sending"))));
  }));
  const std::size_t before = page_.rows().size();
  page_.browser().click("tr.heading");
  EXPECT_TRUE(eventually(2s, [&] { return page_.rows().size() < before; }));
  EXPECT_EQ(page_.headings().size(), 4U);
  page_.browser().click("tr.heading");
  EXPECT_TRUE(eventually(2s, [&] { return page_.rows().size() == before; }));
}

TEST_F(Table, ShowsNamesAndLabelsAsTheyAreAndRunsNothing) {
  EXPECT_THAT(page_.names(), Contains(std::string(kMarkup)));
  EXPECT_THAT(page_.names(), Contains(std::string(kQuotes)));
  for (const char* name : {kMarkup, kQuotes}) {
    page_.browser().run("location.hash = '#receiver/' + encodeURIComponent(arguments[0])", {name});
    EXPECT_TRUE(eventually(5s, [&] { return page_.text("#detail h2") == name; }))
        << page_.text("#detail");
  }
  EXPECT_TRUE(eventually(5s, [&] {
    return page_.text("#detail .labels").find("<b>\"bold\"</b>") != std::string::npos;
  }));
  // What is not percent-encoded, or no stream, is refused and breaks nothing.
  page_.browser().run("location.hash = '#receiver/%E0%A4%A'");
  page_.browser().run("location.hash = '#receiver/<img src=x onerror=window.ran=1>x'");
  EXPECT_TRUE(eventually(
      5s, [&] { return page_.text("#detail").find("There is no receiver") != std::string::npos; }));
  EXPECT_EQ(page_.browser().run("return [document.images.length, window.ran ?? null]"),
            nlohmann::json::parse("[0, null]"));
}

TEST_F(Table, SaysBrieflyThatAStreamIsMissingAndCanCloseThat) {
  page_.browser().run("location.hash = '#receiver/nosuch'");
  ASSERT_TRUE(eventually(
      5s, [&] { return page_.text("#detail p") == "There is no receiver nosuch."; },
      [&] { return page_.text("#detail"); }));
  EXPECT_LT(page_.browser().run("return document.querySelector('#detail').offsetHeight").get<int>(),
            60);
  page_.browser().click("#detail .close");
  EXPECT_TRUE(eventually(2s, [&] { return !page_.visible("#detail"); }));
  EXPECT_EQ(page_.browser().run("return location.hash"), "#streams");
  // The next one that is open has its own room again.
  page_.browser().run("location.hash = '#receiver/quiet'");
  EXPECT_TRUE(eventually(5s, [&] { return page_.visible("#detail .numbers dd"); }));
  EXPECT_GT(page_.browser().run("return document.querySelector('#detail').offsetHeight").get<int>(),
            300);
}

TEST_F(Table, CanBeUsedWithTheKeyboardAlone) {
  // Behind the links, the counts, the filter, the selectors and the heads of columns.
  bool in_table = false;
  for (int presses = 0; presses < 60 && !in_table; ++presses) {
    page_.browser().press({key::kTab});
    in_table = page_.focus().starts_with("tr ");
  }
  ASSERT_TRUE(in_table) << page_.focus();
  const std::string first = page_.focus();
  page_.browser().press({key::kDown, key::kDown});
  const std::string third = page_.focus();
  EXPECT_NE(third, first);
  EXPECT_TRUE(third.starts_with("tr ")) << third;
  EXPECT_NE(page_.browser().run("return getComputedStyle(document.activeElement).outlineStyle"),
            "none");
  page_.browser().press({key::kEnter});
  EXPECT_TRUE(eventually(2s, [&] { return page_.visible("#detail"); }));
  EXPECT_EQ("tr " + page_.browser()
                        .run("return decodeURIComponent(location.hash.slice(1))")
                        .get<std::string>(),
            third);
  page_.browser().press({key::kEscape});
  EXPECT_TRUE(eventually(2s, [&] { return !page_.visible("#detail"); }));
  EXPECT_TRUE(eventually(2s, [&] { return page_.focus() == third; })) << page_.focus();
  // A link, and the way back.
  page_.browser().back();
  EXPECT_TRUE(eventually(2s, [&] { return page_.visible("#detail"); }));
}

TEST_F(Table, LeavesNothingOutToTheSideOnAPhone) {
  page_.browser().resize(360, 740);
  for (const char* hash : {"#streams", "#receiver/video-1", "#receiver/quiet", "#memberships"}) {
    page_.browser().run("location.hash = arguments[0]", {hash});
    // Lists and charts have come.
    EXPECT_TRUE(eventually(5s, [&] {
      return page_.visible(std::string_view(hash).starts_with("#receiver")
                               ? "#detail .numbers dd"
                               : "main > section:not([hidden]) tr.row");
    }));
    const auto widths = page_.browser().run(R"(
      const wide = [document.documentElement, ...document.querySelectorAll('.rows, .parts, #header, #selection')];
      return wide.filter((it) => it.checkVisibility() && it.scrollWidth > it.clientWidth)
                 .map((it) => `${it.id || it.className || it.tagName} ${it.scrollWidth}`);
    )");
    EXPECT_TRUE(widths.empty()) << hash << ": " << widths.dump();
  }
}

TEST_F(Table, TalksToTheAgentAlone) {
  page_.browser().run("location.hash = '#receiver/video-1'");
  EXPECT_TRUE(eventually(5s, [&] { return page_.visible("#detail canvas"); }));
  const auto others = page_.browser().run(
      "return performance.getEntriesByType('resource').map((it) => it.name)"
      ".filter((name) => new URL(name).host !== location.host)");
  EXPECT_TRUE(others.empty()) << others.dump();
  const auto own =
      page_.browser().run("return performance.getEntriesByType('resource').length > 10");
  EXPECT_TRUE(own);
}

TEST_F(Table, ShowsWhatTheKernelHasJoined) {
  page_.browser().click("#to-memberships");
  EXPECT_TRUE(eventually(
      5s,
      [&] {
        const std::string text = page_.text("#membership-rows");
        return text.find("239.0.20.1") != std::string::npos &&
               text.find("quiet") != std::string::npos;
      },
      [&] { return page_.text("body"); }));
  EXPECT_FALSE(page_.visible("#streams"));
}

TEST_F(Table, SaysWhoseNumbersTheseAre) {
  EXPECT_TRUE(eventually(5s, [&] { return !page_.text("#version").empty(); }));
  EXPECT_NE(page_.text("#host"), "");
  EXPECT_FALSE(page_.visible("#banner"));
  EXPECT_FALSE(page_.visible("#reload-errors"));
  EXPECT_THAT(page_.text("#counts"), HasSubstr("1 waiting"));
}

}  // namespace
}  // namespace mcast::test
