#include "tests/netns/agent.h"
#include "tests/netns/http.h"

#include <gtest/gtest.h>

#include <csignal>
#include <iostream>
#include <utility>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {

using namespace std::chrono_literals;

std::string agent_binary() {
  return MCAST_AGENT_BINARY;
}

Agent::Agent(const Namespace& where, const std::string& configuration,
             const std::vector<std::string>& more_arguments,
             const std::vector<std::string>& launcher)
    : where_(where), configuration_file_(directory_.write("agent.yml", configuration)) {
  std::vector<std::string> arguments = launcher;
  arguments.insert(arguments.end(),
                   {agent_binary(), "--config.file=" + configuration_file_,
                    "--web.listen-address=127.0.0.1:19779", "--api.socket=" + api_socket()});
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  process_ = std::make_unique<Process>(
      std::move(arguments),
      ProcessOptions{.namespace_fd = where.fd(), .input = {}, .inherited = {}});
  const auto ready = eventually(10s, [&] {
    if (!process_->running()) return true;
    try {
      return http_get(where_, "/-/ready").status == 200;
    } catch (const Failure&) {
      return false;
    }
  });
  if (!ready || !process_->running()) {
    fail_with("mcast-agent in " + where.name() + " did not become ready: " + log());
  }
}

Agent::~Agent() {
  if (testing::Test::HasFailure()) {
    std::cerr << "--- log of mcast-agent in " << where_.name() << "\n" << log();
  }
}

Metrics Agent::metrics() const {
  return Metrics(http_get(where_, "/metrics").body);
}

std::string Agent::get(const std::string& path) const {
  HttpAnswer answer = http_get(where_, path);
  if (answer.status != 200) fail_with("GET " + path + " says " + std::to_string(answer.status));
  return std::move(answer.body);
}

void Agent::reload(const std::string& configuration) {
  const auto lines = [&] {
    const std::string text = log();
    std::size_t count = 0;
    for (const char* line : {"msg=reloaded", "msg=\"the configuration is not reloaded\""}) {
      for (auto at = text.find(line); at != std::string::npos; at = text.find(line, at + 1))
        ++count;
    }
    return count;
  };
  (void)directory_.write("agent.yml", configuration);
  const std::size_t before = lines();
  process_->signal(SIGHUP);
  if (!eventually(10s, [&] { return lines() > before; })) {
    fail_with("mcast-agent in " + where_.name() + " has not reloaded: " + log());
  }
}

HttpAnswer Agent::api(const std::string& method, const std::string& path,
                      const std::string& body) const {
  const FileDescriptor socket = connect_to(api_socket());
  return http_exchange(socket, method + " " + path +
                                   " HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n"
                                   "Content-Length: " +
                                   std::to_string(body.size()) + "\r\n\r\n" + body);
}

Agent::Stopped Agent::stop() {
  const auto started = std::chrono::steady_clock::now();
  process_->signal(SIGTERM);
  const auto status = process_->wait_exit(5s);
  const auto took = std::chrono::steady_clock::now() - started;
  return {.exit_status = status.value_or(-1),
          .took = std::chrono::duration_cast<std::chrono::milliseconds>(took)};
}

namespace {

std::string stream_configuration(const char* list, const StreamText& stream) {
  return std::string(list) + ":\n  - {name: " + stream.name + ", group: " + quoted(stream.group) +
         ", interface: " + stream.interface + (stream.more.empty() ? "" : ", " + stream.more) +
         "}\n";
}

}  // namespace

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

std::string sender_configuration(const StreamText& stream) {
  return stream_configuration("senders", stream);
}
std::string receiver_configuration(const StreamText& stream) {
  return stream_configuration("receivers", stream);
}

}  // namespace mcast::test
