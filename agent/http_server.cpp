#include "agent/http_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <exception>
#include <mutex>
#include <shared_mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "agent/http_threads.h"
#include "agent/listen_address.h"

namespace mcast::agent {
namespace {

// A client that connects and says nothing is let go after a second, so that it
// keeps no thread from others for long.
constexpr time_t kFirstByteSeconds = 1;
constexpr time_t kTransferSeconds = 5;
constexpr std::size_t kMostBodyBytes = std::size_t{1} << 20U;
// Connections that the kernel holds until they are accepted. The library asks for
// 5; more at a time lose their SYN and try again a second later.
constexpr int kBacklog = 511;

// The library's view of HttpThreads.
class ThreadsQueue final : public httplib::TaskQueue {
 public:
  explicit ThreadsQueue(std::shared_ptr<void> keep_alive) : threads_(std::move(keep_alive)) {}
  void enqueue(std::function<void()> work) override { threads_.enqueue(std::move(work)); }
  void shutdown() override { threads_.shutdown(); }

 private:
  HttpThreads threads_;
};

class Server final : public httplib::Server {
 public:
  // A second listen() changes the backlog of a socket that listens already.
  void raise_backlog() { (void)::listen(svr_sock_, kBacklog); }
};

// What a connection needs, kept alive by the threads that serve connections.
struct Site {
  Routes routes;
  HttpServer::OnError on_error;
  // Held shared while a handler runs; `closed` is set with it held alone. So
  // nothing of the agent is touched after stop().
  std::shared_mutex gate;
  bool closed = false;
  Server server;
};

void answer(Site& site, const httplib::Request& request, httplib::Response& response) {
  const std::shared_lock lock(site.gate);
  HttpResponse made;
  if (site.closed) {
    made = {.status = 503, .body = "stopping\n"};
  } else if (const auto found = site.routes.find({request.path.substr(1)});
             found.methods == nullptr) {
    made = {.status = 404, .body = "not found: " + request.path + "\n"};
  } else if (request.method != "GET" && request.method != "HEAD") {
    made = {.status = 405,
            .body = "method not allowed: " + request.method + "\n",
            .headers = {{"Allow", "GET, HEAD"}}};
  } else {
    try {
      made =
          found.methods->begin()->second.handler({.method = request.method, .path = request.path});
    } catch (const std::exception& error) {
      if (site.on_error) site.on_error(error.what());
      made = {.status = 500, .body = "internal error\n"};
    }
  }
  response.status = made.status;
  for (const auto& [name, value] : made.headers) response.set_header(name, value);
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_content(made.body, made.content_type);
}

// Without SO_REUSEPORT, which the library sets by default: two agents on one port
// would share its connections at random.
void set_listen_options(int socket) {
  const int on = 1;
  (void)::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const int off = 0;
  // Fails, without harm, on an IPv4 socket.
  (void)::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
}

void set_up(const std::shared_ptr<Site>& site) {
  httplib::Server& server = site->server;
  const std::weak_ptr<Site> weak = site;
  server.new_task_queue = [weak]() -> httplib::TaskQueue* {
    // The library takes ownership of a bare pointer.
    return std::make_unique<ThreadsQueue>(weak.lock()).release();
  };
  server.set_socket_options(set_listen_options);
  server.set_tcp_nodelay(true);
  server.set_keep_alive_timeout(kFirstByteSeconds);
  server.set_read_timeout(kTransferSeconds);
  server.set_write_timeout(kTransferSeconds);
  server.set_payload_max_length(kMostBodyBytes);
  // All requests, before the library looks at its own routes (there are none).
  server.set_pre_routing_handler(
      [raw = site.get()](const httplib::Request& request, httplib::Response& response) {
        answer(*raw, request, response);
        return httplib::Server::HandlerResponse::Handled;
      });
  server.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) {
      response.set_content("error " + std::to_string(response.status) + "\n",
                           "text/plain; charset=utf-8");
    }
  });
}

// Binds, and gives the port.
Result<std::uint16_t> bind(Server& server, const ListenAddress& address) {
  errno = 0;
  const auto try_host = [&](const std::string& host) -> int {
    if (address.port == 0) return server.bind_to_any_port(host);
    return server.bind_to_port(host, address.port) ? address.port : -1;
  };
  int port = address.host.empty() ? try_host("::") : try_host(address.host);
  // A host without IPv6.
  if (port <= 0 && address.host.empty() && errno != EADDRINUSE) port = try_host("0.0.0.0");
  if (port <= 0) {
    const int code = errno != 0 ? errno : EADDRNOTAVAIL;
    return fail_errno("cannot listen on " + address.to_string(), code);
  }
  server.raise_backlog();
  return static_cast<std::uint16_t>(port);
}

}  // namespace

class HttpServer::Listener {
 public:
  explicit Listener(std::shared_ptr<Site> site) : site_(std::move(site)) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { stop(); }

  Result<void> start() {
    try {
      thread_ = std::thread([site = site_] { site->server.listen_after_bind(); });
    } catch (const std::system_error& error) {
      return fail(std::string("cannot start an HTTP thread: ") + error.what());
    }
    // stop() would not be heard before the loop runs.
    while (!site_->server.is_running()) std::this_thread::yield();
    return {};
  }

  void stop() {
    {
      const std::scoped_lock lock(site_->gate);
      site_->closed = true;
    }
    if (!thread_.joinable()) return;
    site_->server.stop();
    thread_.join();
  }

 private:
  std::shared_ptr<Site> site_;
  std::thread thread_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(std::span<const std::string> addresses,
                                                       const Routes& routes,
                                                       const OnError& on_error) {
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<std::string> bound;
  for (const std::string& text : addresses) {
    auto address = parse_listen_address(text);
    if (!address) return std::unexpected(address.error());
    auto site = std::make_shared<Site>();
    site->routes = routes;
    site->on_error = on_error;
    set_up(site);
    const auto port = bind(site->server, *address);
    if (!port) return std::unexpected(port.error());
    address->port = *port;
    bound.push_back(address->to_string());
    listeners.push_back(std::make_unique<Listener>(std::move(site)));
  }
  for (const auto& listener : listeners) {
    if (auto started = listener->start(); !started) return std::unexpected(started.error());
  }
  return std::make_unique<HttpServer>(std::move(listeners), std::move(bound));
}

HttpServer::HttpServer(std::vector<std::unique_ptr<Listener>> listeners,
                       std::vector<std::string> bound)
    : listeners_(std::move(listeners)), bound_(std::move(bound)) {}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::stop() {
  listeners_.clear();
}

}  // namespace mcast::agent
