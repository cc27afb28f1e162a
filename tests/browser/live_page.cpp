#include "tests/browser/live_page.h"

#include <memory>
#include <optional>

namespace mcast::test {
namespace {

std::unique_ptr<BrowserHost>& place_of_host() {
  static std::unique_ptr<BrowserHost> host;
  return host;
}

// The browser ends with the tests, not with the objects of static storage.
class EndOfBrowser : public testing::Environment {
 public:
  void TearDown() override { place_of_host().reset(); }
};

[[maybe_unused]] testing::Environment* const kEnd =
    testing::AddGlobalTestEnvironment(std::make_unique<EndOfBrowser>().release());

// Cells that the window has no room for are in the document all the same.
constexpr const char* kRows = R"(
  return [...document.querySelectorAll('#stream-rows tr.row:not(.heading)')]
    .filter((row) => !row.hidden)
    .map((row) => {
      const cells = {};
      for (const cell of row.cells) {
        if (!cell.classList.contains('across')) cells[cell.classList[0]] = cell.textContent;
      }
      cells.name = row.querySelector('.its-name').textContent;
      return cells;
    });
)";

constexpr const char* kFindRow = R"(
  const row = [...document.querySelectorAll('#stream-rows tr.row:not(.heading)')].find(
    (row) => !row.hidden && row.querySelector('.kind').textContent === arguments[0] &&
             row.querySelector('.its-name').textContent === arguments[1]);
)";

}  // namespace

BrowserHost& browser_host() {
  if (!place_of_host()) place_of_host() = std::make_unique<BrowserHost>();
  return *place_of_host();
}

LivePage::LivePage(Browser& browser, const std::string& hash) : browser_(browser) {
  browser_.resize(1400, 900);
  browser_.prefer_dark(false);
  browser_.open_anew(kUrl + hash);
  // What other tests left there, whose agents were killed on purpose.
  (void)browser_.console();
}

std::vector<TableRow> LivePage::rows() {
  std::vector<TableRow> rows;
  for (const auto& cells : browser_.run(kRows)) {
    rows.push_back({.kind = cells.at("kind"),
                    .name = cells.at("name"),
                    .state = cells.at("state"),
                    .cells = cells.get<std::map<std::string, std::string>>()});
  }
  return rows;
}

std::vector<std::string> LivePage::names() {
  std::vector<std::string> names;
  for (const TableRow& row : rows()) names.push_back(row.name);
  return names;
}

std::vector<std::string> LivePage::headings() {
  return browser_.run(
      "return [...document.querySelectorAll('#stream-rows tr.heading')]"
      ".filter((row) => !row.hidden).map((row) => row.innerText)");
}

std::string LivePage::state(const std::string& kind, const std::string& name) {
  return browser_.run(
      std::string(kFindRow) + "return row ? row.querySelector('.state').textContent : ''",
      {kind, name});
}

std::vector<int> LivePage::state_color(const std::string& kind, const std::string& name) {
  return browser_.run(std::string(kFindRow) +
                          "return getComputedStyle(row.querySelector('.state')).backgroundColor"
                          ".match(/[0-9]+/g).slice(0, 3).map(Number)",
                      {kind, name});
}

std::string LivePage::text(const std::string& selector) {
  return browser_.run(
      "const found = document.querySelector(arguments[0]);"
      "return found && found.checkVisibility() ? found.innerText : ''",
      {selector});
}

bool LivePage::visible(const std::string& selector) {
  return browser_.run("return document.querySelector(arguments[0])?.checkVisibility() ?? false",
                      {selector});
}

void LivePage::choose(const std::string& select, const std::string& option) {
  browser_.run(
      "const select = document.querySelector(arguments[0]);"
      "select.value = arguments[1];"
      "select.dispatchEvent(new Event('change', {bubbles: true}))",
      {select, option});
}

std::string LivePage::focus() {
  return browser_.run(R"(
    const it = document.activeElement;
    if (it.matches('tr.row:not(.heading)')) {
      return `tr ${it.querySelector('.kind').textContent}/${it.querySelector('.its-name').textContent}`;
    }
    return it.id || it.tagName.toLowerCase();
  )");
}

}  // namespace mcast::test
