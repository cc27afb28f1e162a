#include "tests/browser/browser.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <fstream>
#include <iostream>

#include "tests/browser/http_call.h"
#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// Nobody else opens ports in the test's own namespace.
std::uint16_t free_port(const Namespace& where) {
  const FileDescriptor socket = where.socket(AF_INET, SOCK_STREAM);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    fail_with_errno("find a free port", errno);
  }
  return ntohs(address.sin_port);
}

std::string from_base64(const std::string& text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int kept = 0;
  for (const char c : text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) continue;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    kept += 6;
    if (kept < 8) continue;
    kept -= 8;
    bytes += static_cast<char>((bits >> static_cast<unsigned>(kept)) & 0xFFU);
  }
  return bytes;
}

json capabilities(const std::string& profile) {
  return {{"capabilities",
           {{"alwaysMatch",
             {{"goog:loggingPrefs", {{"browser", "ALL"}}},
              {"goog:chromeOptions",
               {{"args",
                 {"--headless=new", "--user-data-dir=" + profile, "--window-size=1400,900",
                  // Tests run as root, where Chromium's own sandbox does not work.
                  "--no-sandbox",
                  // Containers have a small /dev/shm.
                  "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                  // It ends when chromedriver does, however that ends.
                  "--remote-debugging-pipe",
                  // It is to talk to the agent alone.
                  "--disable-background-networking", "--disable-component-update",
                  "--no-first-run"}}}}}}}}};
}

}  // namespace

Browser::Browser(const Namespace& where)
    : where_(where),
      port_(free_port(where)),
      driver_(where.spawn({"chromedriver", "--port=" + std::to_string(port_)})) {
  if (!eventually(10s, [&] {
        try {
          return command("GET", "/status").value("ready", false);
        } catch (const Failure&) {
          return false;
        }
      })) {
    fail_with("chromedriver did not become ready: " + driver_.standard_error());
  }
  session_ = command("POST", "/session", capabilities(profile_.path("profile")))["sessionId"];
}

Browser::~Browser() {
  try {
    in_session("DELETE", "");
  } catch (const std::exception& error) {
    // It ends with chromedriver then.
    std::cerr << "browser: " << error.what() << '\n';
  }
}

json Browser::command(const std::string& method, const std::string& path, const json& body) {
  const HttpCallAnswer answer =
      http_call(where_, port_, method, path, method == "POST" ? body.dump() : "");
  const json parsed = json::parse(answer.body, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("value")) {
    fail_with(method + " " + path + ": not of WebDriver: " + answer.body);
  }
  const json& value = parsed["value"];
  if (answer.status != 200) {
    fail_with(method + " " + path + ": " +
              (value.is_object() ? value.value("message", answer.body) : answer.body));
  }
  return value;
}

json Browser::in_session(const std::string& method, const std::string& path, const json& body) {
  return command(method, "/session/" + session_ + path, body);
}

void Browser::devtools(const std::string& method, const json& parameters) {
  in_session("POST", "/goog/cdp/execute", {{"cmd", method}, {"params", parameters}});
}

void Browser::open(const std::string& url) {
  in_session("POST", "/url", {{"url", url}});
}

void Browser::open_anew(const std::string& url) {
  open("about:blank");
  open(url);
}

void Browser::back() {
  in_session("POST", "/back");
}

void Browser::open_tab() {
  tabs_.push_back(in_session("GET", "/window"));
  const json opened = in_session("POST", "/window/new", {{"type", "tab"}});
  in_session("POST", "/window", {{"handle", opened["handle"]}});
}

void Browser::close_tab() {
  in_session("DELETE", "/window");
  in_session("POST", "/window", {{"handle", tabs_.back()}});
  tabs_.pop_back();
}

std::string Browser::url() {
  return in_session("GET", "/url");
}

json Browser::run(const std::string& script, const json& arguments) {
  return in_session("POST", "/execute/sync", {{"script", script}, {"args", arguments}});
}

void Browser::click(const std::string& selector) {
  const json found =
      in_session("POST", "/element", {{"using", "css selector"}, {"value", selector}});
  in_session("POST", "/element/" + found.begin()->get<std::string>() + "/click");
}

void Browser::press(const std::vector<std::string>& keys) {
  json actions = json::array();
  for (const std::string& key : keys) {
    actions.push_back({{"type", "keyDown"}, {"value", key}});
    actions.push_back({{"type", "keyUp"}, {"value", key}});
  }
  in_session("POST", "/actions",
             {{"actions", {{{"type", "key"}, {"id", "keyboard"}, {"actions", actions}}}}});
}

void Browser::type(const std::string& selector, const std::string& text) {
  const json found =
      in_session("POST", "/element", {{"using", "css selector"}, {"value", selector}});
  const std::string element = "/element/" + found.begin()->get<std::string>();
  in_session("POST", element + "/clear");
  if (!text.empty()) in_session("POST", element + "/value", {{"text", text}});
}

void Browser::resize(int width, int height) {
  devtools("Emulation.setDeviceMetricsOverride",
           {{"width", width}, {"height", height}, {"deviceScaleFactor", 1}, {"mobile", false}});
}

void Browser::prefer_dark(bool dark) {
  devtools(
      "Emulation.setEmulatedMedia",
      {{"features", {{{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}}}}});
}

void Browser::screenshot(const std::string& file) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << from_base64(in_session("GET", "/screenshot"));
  if (!stream) fail_with("cannot write " + file);
}

json Browser::console() {
  return in_session("POST", "/se/log", {{"type", "browser"}});
}

}  // namespace mcast::test
