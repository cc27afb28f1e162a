#include "http/server.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "http/entrance.h"

namespace mcast::http {

Result<std::unique_ptr<Server>> Server::listen(Setup setup, const Routes& routes,
                                               const OnError& on_error) {
  std::vector<FileDescriptor> sockets;
  std::vector<std::string> bound;
  for (const std::string& text : setup.addresses) {
    const auto address = parse_listen_address(text);
    if (!address) return std::unexpected(address.error());
    auto listener = listen_tcp(*address);
    if (!listener) return std::unexpected(listener.error());
    bound.push_back(listener->address.to_string());
    sockets.push_back(std::move(listener->socket));
  }
  std::vector<FileDescriptor> unix_sockets;
  if (setup.unix_socket) {
    // The socket itself stays with its file.
    unix_sockets.emplace_back(::fcntl(setup.unix_socket->fd(), F_DUPFD_CLOEXEC, 0));
    if (!unix_sockets.back()) {
      return fail_errno("cannot listen on " + setup.unix_socket->path(), errno);
    }
  }
  if (!setup.web) setup.web = std::make_shared<const WebSettings>();
  auto service = std::make_unique<Service>();
  service->setup = std::move(setup);
  service->routes = routes;
  service->on_error = on_error;
  auto server = std::make_unique<Server>(std::move(service), std::move(bound));
  for (auto [kind, listeners] : {std::pair(Entrance::Kind::kTcp, &sockets),
                                 std::pair(Entrance::Kind::kUnix, &unix_sockets)}) {
    if (listeners->empty()) continue;
    try {
      server->entrances_.push_back(
          std::make_unique<Entrance>(*server->service_, kind, std::move(*listeners)));
    } catch (const std::exception& error) {
      return fail(std::string("cannot set HTTP up: ") + error.what());
    }
    if (auto started = server->entrances_.back()->start(); !started) {
      return std::unexpected(started.error());
    }
  }
  return server;
}

Server::Server(std::unique_ptr<Service> service, std::vector<std::string> bound)
    : service_(std::move(service)), bound_(std::move(bound)) {}

Server::~Server() = default;

void Server::set_web(std::shared_ptr<const WebSettings> web) {
  const std::scoped_lock lock(service_->mutex);
  auto& now = service_->setup.web;
  if (web->auth && now->auth) web->auth->remember_as(*now->auth);
  now = std::move(web);
}

void Server::stop() {
  for (const auto& entrance : entrances_) entrance->begin_stop();
  entrances_.clear();
  service_->setup.unix_socket.reset();
}

}  // namespace mcast::http
