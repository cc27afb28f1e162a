// Serves routes over HTTP, on TCP and on a Unix socket, for Prometheus, people and
// the commands. What bounds it: docs/decisions/http-connections.md. Started and
// stopped by one thread; handlers run on its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/routes.h"
#include "http/socket.h"
#include "http/web_settings.h"

namespace mcast::http {

class Entrance;
struct Service;

// Each from the beginning of its phase on, whatever arrives meanwhile. Tests make them shorter.
struct Deadlines {
  std::chrono::milliseconds handshake{5'000};
  std::chrono::milliseconds first_byte{5'000};  // of a new connection
  std::chrono::milliseconds idle{60'000};       // between requests
  std::chrono::milliseconds head{10'000};       // from its first byte on
  std::chrono::milliseconds body{10'000};
  std::chrono::milliseconds answer{10'000};
  std::chrono::milliseconds linger{2'000};
  std::chrono::milliseconds stalled_stream{60'000};  // since a client took its last byte
};

// When one of them is reached, the address that has most gives way to one that has less.
struct Limits {
  Deadlines deadlines = {};
  // At a time, event streams left out. The Unix socket has its own, so that a flood of TCP
  // connections does not lock out the commands.
  std::size_t tcp_connections = 1024;
  std::size_t tls_connections = 512;  // they take more memory
  std::size_t unix_connections = 128;
  std::size_t streams = 64;  // of each way in
  // All of one way in together, half of it for one address; requests beyond it are refused.
  std::size_t body_bytes = std::size_t{32} << 20U;
  // On TCP; beyond it, those that have been read slowest are closed.
  std::size_t answer_bytes = std::size_t{64} << 20U;
  std::size_t waiting_requests = 256;
  // Waiting or at work on TCP, turns of event streams left out.
  std::size_t requests_of_an_address = 32;
  std::size_t password_checks = 2;
  // All together, and again, those at work included, those of one address.
  std::size_t waiting_password_checks = 64;
};

class Server {
 public:
  // What went wrong inside a handler; the client is only told 500. Any thread.
  using OnError = std::function<void(std::string_view)>;
  // The JSON of an error, for paths below /api/. Any thread.
  using ErrorJson = std::function<std::string(int status, std::string_view message)>;

  struct Setup {
    std::vector<std::string> addresses = {};  // parse_listen_address
    std::unique_ptr<UnixSocket> unix_socket = {};
    std::shared_ptr<const WebSettings> web = {};  // of TCP; null: nothing
    ErrorJson error_json = {};
    Limits limits = {};
  };

  // Listens on all addresses or on none.
  [[nodiscard]] static Result<std::unique_ptr<Server>> listen(Setup setup, const Routes& routes,
                                                              const OnError& on_error);

  // Use listen().
  Server(std::unique_ptr<Service> service, std::vector<std::string> bound);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // New connections have the new certificate, and all requests the new users. Thread-safe.
  void set_web(std::shared_ptr<const WebSettings> web);

  // Ends within half a second, whatever clients do, plus what handlers and `more` that
  // are running take. Once it has returned, none runs and none will.
  void stop();

  // With the real port where 0 was asked for.
  [[nodiscard]] const std::vector<std::string>& bound() const { return bound_; }

 private:
  const std::unique_ptr<Service> service_;
  std::vector<std::unique_ptr<Entrance>> entrances_;
  const std::vector<std::string> bound_;
};

}  // namespace mcast::http
