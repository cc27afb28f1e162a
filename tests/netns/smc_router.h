// smcrouted: the static multicast routing daemon that makes a namespace a hop, for groups
// and sources of both families. It
// runs in the foreground as a child of the test, with its configuration, PID file
// and socket in a directory of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/netns/namespace.h"
#include "tests/netns/process.h"
#include "tests/netns/temporary_directory.h"

namespace mcast::test {

struct MulticastRoute {
  std::string group;
  std::string source;  // of the group's family; empty: (*,G)
  std::string from = "r0";
  std::string to = "r1";
};

// What smcroute.conf(5) says for these: a join (mgroup) and a route (mroute) each. A
// kernel joins at most 20 groups for one socket, so give no more than that.
[[nodiscard]] std::string smcroute_configuration(const std::vector<MulticastRoute>& routes);

class SmcRouter {
 public:
  // Returns once it answers on its socket: then all joins and (S,G) routes are in
  // the kernel. A (*,G) route becomes one only with the first packet of each source;
  // the kernel keeps up to three packets meanwhile. The interfaces have to exist.
  SmcRouter(const Namespace& where, const std::string& configuration);

  // What `smcroutectl show routes` prints.
  [[nodiscard]] std::string routes() const;
  [[nodiscard]] std::string log() const { return process_->standard_error(); }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

 private:
  // On the heap so that a router moves; `where` has to outlive it only during calls.
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Process> process_;
};

}  // namespace mcast::test
