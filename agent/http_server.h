// Serves routes over HTTP on TCP, for Prometheus and people. Started and stopped
// by one thread; handlers run on its own.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http_routes.h"
#include "base/result.h"

namespace mcast::agent {

class HttpServer {
 public:
  // What went wrong inside a handler; the client is only told 500.
  using OnError = std::function<void(std::string_view)>;

  // Listens on all addresses (parse_listen_address) or on none.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(
      std::span<const std::string> addresses, const Routes& routes, const OnError& on_error);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // Ends within half a second, whatever clients do. Once it has returned, no
  // handler runs and none will.
  void stop();

  // With the real port where 0 was asked for.
  [[nodiscard]] const std::vector<std::string>& bound() const { return bound_; }

  class Listener;
  HttpServer(std::vector<std::unique_ptr<Listener>> listeners, std::vector<std::string> bound);

 private:
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> bound_;
};

}  // namespace mcast::agent
