#include "http/server.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "http/entrance.h"
#include "http/tcp_socket.h"

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
  auto service = std::make_unique<Service>();
  service->routes = routes;
  service->on_error = on_error;
  service->error_json = std::move(setup.error_json);
  service->limits = setup.limits;
  service->web = setup.web ? std::move(setup.web) : std::make_shared<const WebSettings>();
  if (setup.unix_socket) service->socket_path = setup.unix_socket->path();
  auto server = std::make_unique<Server>(std::move(service), std::move(bound));
  server->unix_socket_ = std::move(setup.unix_socket);
  const auto open = [&](Entrance::Kind kind, std::vector<FileDescriptor> listeners, gid_t group) {
    auto entrance = Entrance::open(*server->service_, kind, std::move(listeners), group);
    if (!entrance) return Result<void>(std::unexpected(entrance.error()));
    server->entrances_.push_back(std::move(*entrance));
    return Result<void>();
  };
  if (auto opened = open(Entrance::Kind::kTcp, std::move(sockets), 0); !opened) {
    return std::unexpected(opened.error());
  }
  if (const UnixSocket* socket = server->unix_socket_.get(); socket != nullptr) {
    // The socket itself stays with its file.
    std::vector<FileDescriptor> listeners;
    listeners.emplace_back(::fcntl(socket->fd(), F_DUPFD_CLOEXEC, 0));
    if (!listeners.front()) return fail_errno("cannot listen on " + socket->path(), errno);
    if (auto opened = open(Entrance::Kind::kUnix, std::move(listeners), socket->group()); !opened) {
      return std::unexpected(opened.error());
    }
  }
  return server;
}

Server::Server(std::unique_ptr<Service> service, std::vector<std::string> bound)
    : service_(std::move(service)), bound_(std::move(bound)) {}

Server::~Server() = default;

void Server::set_web(std::shared_ptr<const WebSettings> web) {
  const std::scoped_lock lock(service_->mutex);
  if (web->auth && service_->web->auth) web->auth->remember_as(*service_->web->auth);
  service_->web = std::move(web);
}

void Server::stop() {
  for (const auto& entrance : entrances_) entrance->begin_stop();
  entrances_.clear();
  unix_socket_.reset();
}

}  // namespace mcast::http
