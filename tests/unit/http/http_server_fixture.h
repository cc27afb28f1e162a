// A server on loopback with some handlers, for the tests of what clients see.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "api/agent_json.h"
#include "http/server.h"
#include "http/socket.h"
#include "tests/unit/http/http_client.h"
#include "tests/unit/http/temporary_folder.h"
#include "tests/unit/http/test_certificate.h"

namespace mcast::http {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// docs/decisions/http-connections.md has measured a millisecond; the rest is for machines that
// compile meanwhile, and for sanitizers.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kSlowdown = 10;
#else
constexpr int kSlowdown = 1;
#endif
constexpr auto kUsually = milliseconds(20) * kSlowdown;
constexpr auto kInTime = milliseconds(200) * kSlowdown;

// The condition becomes true within ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = steady_clock::now() + seconds(10);
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// With this certificate, written into the folder as cert.pem and key.pem; null when it cannot
// be used.
inline std::shared_ptr<WebSettings> tls_settings(const TemporaryFolder& folder,
                                                 const TestCertificate& made = make_certificate()) {
  auto context = TlsContext::make({.certificate_file = folder.write("cert.pem", made.certificate),
                                   .key_file = folder.write("key.pem", made.key)});
  if (!context) return nullptr;
  auto settings = std::make_shared<WebSettings>();
  settings->tls = std::make_shared<const TlsContext>(std::move(*context));
  return settings;
}

class HttpServerFixture : public testing::Test {
 protected:
  Routes routes() {
    Routes routes;
    routes.get("/fine", [](const Request&) { return Response{.body = "fine\n"}; });
    routes.get("/bad", [](const Request&) -> Response { throw std::runtime_error("a secret"); });
    routes.get("/large", [](const Request&) {
      return Response{.body = std::string(std::size_t{8} << 20U, 'x'), .compress = true};
    });
    routes.get("/api/v1/receivers/*", [](const Request& request) {
      std::string text = request.tail;
      for (const auto& [name, value] : request.query) {
        text.append(" ").append(name).append("=").append(value);
      }
      return Response{.body = text};
    });
    routes.post("/api/v1/receivers", [](const Request& request) {
      return Response{.status = 201, .body = request.body};
    });
    routes.post(
        "/-/reload", [](const Request& request) { return Response{.body = request.body}; },
        Access::kAnybody);
    routes.get("/peer", [](const Request& request) { return Response{.body = request.peer}; });
    return routes;
  }

  // Before what handlers of a test use.
  void TearDown() override { server_.reset(); }

  void start(Server::Setup setup, const Routes& with) {
    if (setup.addresses.empty()) setup.addresses = {"127.0.0.1:0"};
    setup.error_json = [](int status, std::string_view message) {
      return api::error_json(api::error_code(status), message);
    };
    auto server = Server::listen(std::move(setup), with, [this](std::string_view what) {
      const std::scoped_lock lock(mutex_);
      error_ = what;
    });
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    port_ = parse_listen_address(server_->bound().front())->port;
  }
  void start(Server::Setup setup = {}) { start(std::move(setup), routes()); }

  [[nodiscard]] HttpClient connect() const { return HttpClient::to_port(port_); }
  [[nodiscard]] ClientAnswer ask(std::string_view text) const { return connect().ask(text); }
  [[nodiscard]] ClientAnswer get(std::string_view path) const { return ask(request("GET", path)); }

  // Each of a hundred requests is answered in time; the median is recorded.
  void expect_answers_in_time(const std::function<void()>& between = [] {}) {
    expect_in_time("tcp", [this] { return get("/fine").status; }, between);
  }
  void expect_in_time(
      const std::string& way, const std::function<int()>& ask_once,
      const std::function<void()>& between = [] {}) {
    std::vector<steady_clock::duration> times;
    for (int i = 0; i < 100; ++i) {
      const auto started = steady_clock::now();
      EXPECT_EQ(ask_once(), 200);
      times.push_back(steady_clock::now() - started);
      between();
    }
    std::ranges::sort(times);
    EXPECT_LT(times[times.size() / 2], kUsually);
    EXPECT_LT(times.back(), kInTime);
    const auto microseconds = [](auto time) {
      return static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
    };
    RecordProperty(way + "_median_us", microseconds(times[times.size() / 2]));
    RecordProperty(way + "_longest_us", microseconds(times.back()));
  }

  std::mutex mutex_;
  std::string error_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace mcast::http
