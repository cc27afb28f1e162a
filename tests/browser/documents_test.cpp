// The documents that the agent carries, as its page shows them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/browser/live_page.h"
#include "tests/netns/eventually.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class Documents : public testing::Test {
 protected:
  void expect_title(const char* title) {
    EXPECT_TRUE(eventually(
        5s, [&] { return page_.text("#document h2") == title; },
        [&] { return page_.text("#docs"); }));
  }

  BrowserHost& host_ = browser_host();
  Agent agent_{host_.where, kWatchesAlone};
  LivePage page_{host_.browser};
};

TEST_F(Documents, AreWhereTheLinksOfTheHeadGo) {
  host_.browser.click(".links a[href='#docs/api.md']");
  expect_title("The API");
  EXPECT_THAT(page_.text("#document table"), HasSubstr("Unix socket"));
  // What can be looked at is a link.
  EXPECT_TRUE(page_.visible("#document a[href='/api/v1/receivers']"));
  host_.browser.click("#document a[href='#docs/semantics.md']");
  expect_title("What the numbers mean");
  host_.browser.back();
  expect_title("The API");
  host_.browser.click("#to-docs");
  expect_title("The live page");
  EXPECT_EQ(page_.text("#document-list [aria-current]"), "This page");
  host_.browser.run("location.hash = '#docs/configuration.md#labels'");
  expect_title("Configuration");
  EXPECT_TRUE(eventually(2s, [&] {
    return host_.browser.run("return document.querySelector('#document').scrollTop > 0")
        .get<bool>();
  }));
  host_.browser.run("location.hash = '#docs/nosuch.md'");
  EXPECT_TRUE(eventually(5s, [&] {
    return page_.text("#document").starts_with("There is no document nosuch.md here");
  }));
  host_.browser.click("#to-streams");
  EXPECT_TRUE(eventually(2s, [&] { return !page_.visible("#docs"); }));
}

TEST_F(Documents, ShowNothingOfTheirMarkdown) {
  page_.browser().run("location.hash = '#docs/page.md'");
  expect_title("The live page");
  const auto files = host_.browser.run(
      "return [...document.querySelectorAll('#document-list a')].map((it) => it.hash)");
  EXPECT_EQ(files.size(), 7U);
  for (const auto& hash : files) {
    const std::string before = page_.text("#document h2");
    host_.browser.run("location.hash = arguments[0]", nlohmann::json::array({hash}));
    EXPECT_TRUE(eventually(5s, [&] {
      return page_.text("#document h2") != before || hash == "#docs/page.md";
    })) << hash;
    const std::string text = host_.browser.run(R"(
      const copy = document.querySelector('#document').cloneNode(true);
      copy.querySelectorAll('pre, code').forEach((it) => it.remove());
      return copy.textContent)");
    for (const char* markup : {"](", "**", "|--", "`", "\n#"}) {
      EXPECT_THAT(text, Not(HasSubstr(markup))) << hash;
    }
  }
}

}  // namespace
}  // namespace mcast::test
