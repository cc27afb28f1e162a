#include "http/server.h"

#include <utility>

#include "agent/configuration/web_config.h"
#include "http/api_socket.h"
#include "http/listen_address.h"
#include "http/loop.h"
#include "http/tcp_listener.h"

namespace mcast::agent {

Result<std::unique_ptr<HttpServer>> HttpServer::listen(Setup setup, const Routes& routes,
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
  auto web = setup.web ? std::move(setup.web) : std::make_shared<const WebConfig>();
  auto loop = HttpLoop::start({.routes = routes,
                               .on_error = on_error,
                               .tcp = std::move(sockets),
                               .api_socket = std::move(setup.api_socket),
                               .web = std::move(web),
                               .limits = setup.limits});
  if (!loop) return std::unexpected(loop.error());
  return std::make_unique<HttpServer>(std::move(*loop), std::move(bound),
                                      std::move(setup.web_config_file));
}

HttpServer::HttpServer(std::unique_ptr<HttpLoop> loop, std::vector<std::string> bound,
                       std::string web_config_file)
    : loop_(std::move(loop)),
      bound_(std::move(bound)),
      web_config_file_(std::move(web_config_file)) {}

HttpServer::~HttpServer() = default;

std::expected<void, std::vector<ConfigurationError>> HttpServer::reload_web_config() {
  if (web_config_file_.empty()) return {};
  auto web = load_web_config(web_config_file_);
  if (!web) return std::unexpected(std::move(web.error()));
  loop_->set_web(std::make_shared<const WebConfig>(std::move(*web)));
  return {};
}

std::expected<void, std::vector<ConfigurationError>> HttpServer::check_web_config() const {
  if (web_config_file_.empty()) return {};
  const auto web = load_web_config(web_config_file_);
  if (!web) return std::unexpected(web.error());
  return {};
}

void HttpServer::stop() {
  loop_->stop();
}

}  // namespace mcast::agent
