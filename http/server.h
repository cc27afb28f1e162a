// Serves routes over HTTP, on TCP and on a Unix socket, for Prometheus, people and
// the commands. What bounds it: docs/decisions/http-connections.md. Started and
// stopped by one thread; handlers run on its own.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration.h"
#include "base/result.h"
#include "http/api_socket.h"
#include "http/connection.h"
#include "http/routes.h"

namespace mcast::agent {

class HttpLoop;
struct WebConfig;

struct HttpLimits {
  HttpDeadlines deadlines = {};
  // At a time; when there are more, the one that has waited longest for a request is
  // closed for the new one. The Unix socket has its own, so that a flood of TCP
  // connections does not lock out the commands.
  std::size_t tcp_connections = 1024;
  std::size_t unix_connections = 128;
  // All of one way in together; requests beyond it are refused.
  std::size_t body_bytes = std::size_t{32} << 20U;
  // Of TCP; beyond it, those that have been read slowest are closed.
  std::size_t answer_bytes = std::size_t{64} << 20U;
  std::size_t waiting_requests = 256;
  // Waiting or at work, of one address: others have their turn beside it.
  std::size_t requests_of_a_host = 32;
  std::size_t password_checks = 2;
  std::size_t waiting_password_checks = 64;
};

class HttpServer {
 public:
  // What went wrong inside a handler; the client is only told 500. Any thread.
  using OnError = std::function<void(std::string_view)>;

  struct Setup {
    std::vector<std::string> addresses = {};  // parse_listen_address
    std::unique_ptr<ApiSocket> api_socket = {};
    std::string web_config_file = {};           // for reload_web_config(); "": none
    std::shared_ptr<const WebConfig> web = {};  // what was read from it; null: nothing
    HttpLimits limits = {};
  };

  // Listens on all addresses or on none.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(Setup setup, const Routes& routes,
                                                                  const OnError& on_error);

  // Use listen().
  HttpServer(std::unique_ptr<HttpLoop> loop, std::vector<std::string> bound,
             std::string web_config_file);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // Reads --web.config.file and its certificates again; with errors nothing changes.
  // New connections have the new certificate, and all requests the new users. Thread-safe.
  [[nodiscard]] std::expected<void, std::vector<ConfigurationError>> reload_web_config();
  // What reload_web_config() would find wrong; changes nothing.
  [[nodiscard]] std::expected<void, std::vector<ConfigurationError>> check_web_config() const;

  // Ends within half a second, whatever clients do, plus what handlers and `more` that
  // are running take. Once it has returned, none runs and none will.
  void stop();

  // "" where there is none.
  [[nodiscard]] const std::string& web_config_file() const { return web_config_file_; }

  // With the real port where 0 was asked for.
  [[nodiscard]] const std::vector<std::string>& bound() const { return bound_; }

 private:
  std::unique_ptr<HttpLoop> loop_;
  std::vector<std::string> bound_;
  std::string web_config_file_;
};

}  // namespace mcast::agent
