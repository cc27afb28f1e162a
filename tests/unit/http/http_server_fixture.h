// A server on loopback with some handlers, for the tests of what clients see.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "agent/configuration/web_config.h"
#include "http/api_socket.h"
#include "http/listen_address.h"
#include "http/server.h"
#include "tests/unit/http/http_client.h"
#include "tests/unit/http/temporary_folder.h"

namespace mcast::agent {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// The condition becomes true within ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = steady_clock::now() + seconds(10);
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

class HttpServerFixture : public testing::Test {
 protected:
  Routes routes() {
    Routes routes;
    routes.get("/fine", [](const HttpRequest&) { return HttpResponse{.body = "fine\n"}; });
    routes.get("/bad",
               [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("a secret"); });
    routes.get("/large", [](const HttpRequest&) {
      return HttpResponse{.body = std::string(std::size_t{8} << 20U, 'x'), .compress = true};
    });
    routes.get("/api/v1/receivers/*", [](const HttpRequest& request) {
      std::string text = request.tail;
      for (const auto& [name, value] : request.query) {
        text.append(" ").append(name).append("=").append(value);
      }
      return HttpResponse{.body = text};
    });
    routes.post("/api/v1/receivers", [](const HttpRequest& request) {
      return HttpResponse{.status = 201, .body = request.body};
    });
    routes.post(
        "/-/reload", [](const HttpRequest& request) { return HttpResponse{.body = request.body}; },
        Access::kAnybody);
    routes.get("/peer",
               [](const HttpRequest& request) { return HttpResponse{.body = request.peer}; });
    return routes;
  }

  // Before what handlers of a test use.
  void TearDown() override { server_.reset(); }

  void start(HttpServer::Setup setup, const Routes& with) {
    setup.addresses = {"127.0.0.1:0"};
    auto server = HttpServer::listen(std::move(setup), with, [this](std::string_view what) {
      const std::scoped_lock lock(mutex_);
      error_ = what;
    });
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    port_ = parse_listen_address(server_->bound().front())->port;
  }
  void start(HttpServer::Setup setup = {}) { start(std::move(setup), routes()); }

  [[nodiscard]] HttpClient connect() const { return HttpClient::to_port(port_); }
  [[nodiscard]] ClientAnswer ask(std::string_view text) const { return connect().ask(text); }
  [[nodiscard]] ClientAnswer get(std::string_view path) const { return ask(request("GET", path)); }

  std::mutex mutex_;
  std::string error_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

}  // namespace mcast::agent
