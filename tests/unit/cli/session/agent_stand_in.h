// An HTTP server on a Unix socket of the test's own that answers as the test says.
#pragma once

#include <httplib.h>

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <thread>

namespace mcast::cli {

class AgentStandIn {
 public:
  AgentStandIn() {
    std::string name = (std::filesystem::temp_directory_path() / "mcast-cli-XXXXXX").string();
    directory_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }
  AgentStandIn(const AgentStandIn&) = delete;
  AgentStandIn& operator=(const AgentStandIn&) = delete;
  ~AgentStandIn() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] std::string socket() const { return directory_ + "/api.sock"; }
  // Add answers before start().
  httplib::Server& server() { return server_; }
  void start() {
    server_.set_address_family(AF_UNIX);
    if (!server_.bind_to_port(socket(), 80)) return;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  // The socket's file stays: nobody listens on it.
  void stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::string directory_;
  httplib::Server server_;
  std::thread thread_;
};

}  // namespace mcast::cli
