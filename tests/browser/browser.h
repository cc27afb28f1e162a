// A real browser in a network namespace: headless Chromium, told what to do through
// chromedriver (WebDriver, https://www.w3.org/TR/webdriver2/). Its profile is a temporary
// directory. Both programs end with their owner.
//
// One thread at a time. Everything throws Failure, with the browser's own words.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/netns/namespace.h"
#include "tests/netns/process.h"
#include "tests/netns/temporary_directory.h"

namespace mcast::test {

// Keys without a character, as WebDriver writes them.
namespace key {
inline constexpr const char* kEnter = "\uE007";
inline constexpr const char* kEscape = "\uE00C";
inline constexpr const char* kTab = "\uE004";
inline constexpr const char* kDown = "\uE015";
}  // namespace key

class Browser {
 public:
  // `where` outlives the browser.
  explicit Browser(const Namespace& where);
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;
  ~Browser();

  void open(const std::string& url);
  // A new page even if only what follows '#' differs.
  void open_anew(const std::string& url);
  void back();
  // Opens a tab, which everything is about from then on; closes it, and goes on with the
  // one before.
  void open_tab();
  void close_tab();
  [[nodiscard]] std::string url();

  // Runs the body of a function in the page and gives what it returns; in it the
  // arguments are arguments[0], arguments[1], ...
  nlohmann::json run(const std::string& script,
                     const nlohmann::json& arguments = nlohmann::json::array());
  // As a person would: where the element is, with the pointer.
  void click(const std::string& selector);
  // To whatever has the focus. Each entry is one key.
  void press(const std::vector<std::string>& keys);
  // Into the field, instead of what is in it.
  void type(const std::string& selector, const std::string& text);

  void resize(int width, int height);
  void prefer_dark(bool dark);
  // A PNG file.
  void screenshot(const std::string& file);
  // What the console got since the last call: {"level", "message", ...}.
  [[nodiscard]] nlohmann::json console();

 private:
  nlohmann::json command(const std::string& method, const std::string& path,
                         const nlohmann::json& body = nlohmann::json::object());
  nlohmann::json in_session(const std::string& method, const std::string& path,
                            const nlohmann::json& body = nlohmann::json::object());
  void devtools(const std::string& method, const nlohmann::json& parameters);

  const Namespace& where_;
  TemporaryDirectory profile_;
  std::uint16_t port_;
  Process driver_;
  std::string session_;
  std::vector<std::string> tabs_;  // before the present one
};

}  // namespace mcast::test
