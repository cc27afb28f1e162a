#include "agent/api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

namespace mcast::agent {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const PageFile& file) {
  return {file.content.begin(), file.content.end()};
}

const PageFile& file_at(std::string_view path) {
  const auto files = page_files();
  const auto found = std::ranges::find(files, path, &PageFile::path);
  EXPECT_NE(found, files.end()) << path;
  return *found;
}

// What this project wrote for browsers; documents are text.
bool ours(const PageFile& file) {
  return !file.path.contains("dygraph") && !file.path.starts_with("/docs/");
}

TEST(Page, IsAtTheRootItsFilesAreBelowPageAndDocumentsBelowDocs) {
  std::set<std::string_view> paths;
  for (const PageFile& file : page_files()) {
    EXPECT_TRUE(file.path == "/" || file.path.starts_with("/page/") ||
                file.path.starts_with("/docs/"))
        << file.path;
    EXPECT_TRUE(paths.insert(file.path).second) << file.path << " is there twice";
    EXPECT_FALSE(file.content.empty()) << file.path;
    EXPECT_TRUE(file.etag.size() == 18 && file.etag.starts_with('"') && file.etag.ends_with('"'));
  }
  EXPECT_EQ(file_at("/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(file_at("/page/main.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(file_at("/page/page.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(file_at("/docs/api.md").content_type, "text/plain; charset=utf-8");
  EXPECT_THAT(text_of(file_at("/docs/runbooks/McastLoss.md")), HasSubstr("# McastLoss"));
}

TEST(Page, HasEveryFileThatItNames) {
  const std::regex in_html(R"re((?:src|href)="(/page/[^"]*)")re");
  const std::regex in_modules(R"re(from "\./([^"]*)")re");
  std::set<std::string> named{"/"};
  for (const PageFile& file : page_files()) {
    const std::string text = text_of(file);
    if (!ours(file)) continue;
    const bool html = file.path == "/";
    for (std::sregex_iterator it(text.begin(), text.end(), html ? in_html : in_modules), end;
         it != end; ++it) {
      named.insert((html ? "" : "/page/") + (*it)[1].str());
    }
  }
  std::set<std::string> there;
  for (const PageFile& file : page_files()) {
    if (!file.path.starts_with("/docs/")) there.emplace(file.path);
  }
  EXPECT_EQ(named, there);
}

TEST(Page, ForbidsEverythingButItsOwnFilesAndThisAgent) {
  for (const PageFile& file : page_files()) {
    const std::string policy = page_response(file, "").headers.at("Content-Security-Policy");
    EXPECT_EQ(policy,
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
              "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  }
}

TEST(Page, NeitherParsesHtmlNorHasStylesOrScriptsInItNorNamesAnotherHost) {
  const std::string html = text_of(file_at("/"));
  EXPECT_FALSE(
      std::regex_search(html, std::regex(R"(<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=))")));
  for (const PageFile& file : page_files()) {
    if (!ours(file)) continue;
    const std::string text = text_of(file);
    for (const char* forbidden : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                                  "eval(", "new Function", "localStorage", "https://"}) {
      EXPECT_THAT(text, Not(HasSubstr(forbidden))) << file.path;
    }
  }
}

TEST(Page, IsNotSentAgainToABrowserThatHasIt) {
  const PageFile& file = file_at("/page/main.js");
  const std::string tag(file.etag);
  const http::Response first = page_response(file, "");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, text_of(file));
  EXPECT_EQ(first.headers.at("ETag"), tag);
  EXPECT_EQ(first.headers.at("Cache-Control"), "no-cache");

  for (const std::string& had : {tag, "W/" + tag, "\"other\", " + tag}) {
    const http::Response again = page_response(file, had);
    EXPECT_EQ(again.status, 304) << had;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.headers.at("ETag"), tag);
  }
  EXPECT_EQ(page_response(file, "\"0123456789abcdef\"").status, 200);
  EXPECT_EQ(page_response(file, "*").status, 200);
}

}  // namespace
}  // namespace mcast::agent
