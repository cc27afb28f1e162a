// The program under test: mcast-agent in a namespace, with a configuration of the
// test's own.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/netns/http.h"
#include "tests/netns/metrics.h"
#include "tests/netns/namespace.h"
#include "tests/netns/process.h"
#include "tests/netns/temporary_directory.h"

namespace mcast::test {

class Agent {
 public:
  // Returns once /-/ready says yes. `where` outlives the agent. `launcher`: a program
  // that becomes the agent, with its arguments ("setpriv", ...).
  Agent(const Namespace& where, const std::string& configuration,
        const std::vector<std::string>& more_arguments = {},
        const std::vector<std::string>& launcher = {});
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  // Prints the log if the test has failed by then.
  ~Agent();

  [[nodiscard]] Metrics metrics() const;
  // The body of what it answers with 200; throws Failure if it does not.
  [[nodiscard]] std::string get(const std::string& path) const;
  // Over the Unix socket, where writing is allowed.
  [[nodiscard]] HttpAnswer api(const std::string& method, const std::string& path,
                               const std::string& body = {}) const;
  [[nodiscard]] std::string log() const { return process_->standard_error(); }
  [[nodiscard]] Process& process() { return *process_; }

  // Another configuration, and SIGHUP; returns once it has been taken or refused.
  void reload(const std::string& configuration);
  [[nodiscard]] const std::string& configuration_file() const { return configuration_file_; }
  [[nodiscard]] std::string api_socket() const { return directory_.path("api.sock"); }

  struct Stopped {
    int exit_status = -1;
    std::chrono::milliseconds took{0};
  };
  // SIGTERM, and waits for at most five seconds.
  Stopped stop();

 private:
  const Namespace& where_;
  TemporaryDirectory directory_;
  std::string configuration_file_;
  std::unique_ptr<Process> process_;
};

// One stream each, in the configuration's own words. What holds colons is in quotes.
struct StreamText {
  std::string name = "video";
  std::string group = "239.0.10.101";
  std::string interface = "eth1";
  std::string more = {};  // further keys: "rate: 100pps, ttl: 2"
};
// An agent has at least one stream. This one has its own on lo, out of the way of what
// it watches.
inline constexpr const char* kWatchesAlone =
    "receivers:\n"
    "  - {name: idle, group: 239.255.0.1, interface: lo}\n";
// The program's path, for runs that do not last.
[[nodiscard]] std::string agent_binary();

[[nodiscard]] std::string quoted(const std::string& text);
[[nodiscard]] std::string sender_configuration(const StreamText& stream);
[[nodiscard]] std::string receiver_configuration(const StreamText& stream);

}  // namespace mcast::test
