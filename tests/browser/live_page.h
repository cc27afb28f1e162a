// The agent's page in a browser, as a person sees it, and the browser and the network
// that the tests of one program share: a browser takes seconds to start.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/browser/browser.h"
#include "tests/netns/agent.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

// Made when it is first asked for, gone before main() ends.
struct BrowserHost {
  Namespace where{"browser"};
  Browser browser{where};
};
[[nodiscard]] BrowserHost& browser_host();

struct TableRow {
  std::string kind;
  std::string name;
  std::string state;
  // By the class of their cells: "group", "pps", "lossNow", ...
  std::map<std::string, std::string> cells;
};

class LivePage {
 public:
  static constexpr const char* kUrl = "http://127.0.0.1:19779/";

  // Opens the page anew in a light window of usual size.
  explicit LivePage(Browser& browser, const std::string& hash = {});

  [[nodiscard]] Browser& browser() { return browser_; }
  // The rows in the document, top to bottom; headings are left out.
  [[nodiscard]] std::vector<TableRow> rows();
  [[nodiscard]] std::vector<std::string> names();
  [[nodiscard]] std::vector<std::string> headings();
  // "receiver", "sender". Nothing in sight: an empty text.
  [[nodiscard]] std::string state(const std::string& kind, const std::string& name);
  // {red, green, blue} of the background behind the word.
  [[nodiscard]] std::vector<int> state_color(const std::string& kind, const std::string& name);
  // What is visible of the element, empty if there is none or it is hidden.
  [[nodiscard]] std::string text(const std::string& selector);
  [[nodiscard]] bool visible(const std::string& selector);
  void choose(const std::string& select, const std::string& option);
  // What the focus is on: "tr receiver/video-1", or the element's id or tag.
  [[nodiscard]] std::string focus();

 private:
  Browser& browser_;
};

}  // namespace mcast::test
