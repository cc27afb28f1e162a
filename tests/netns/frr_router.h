// FRR's zebra and pimd: a router as people have it, which asks hosts by IGMP what they
// want and other routers by PIM to send it. Both run in a process namespace of their
// own, below a shell that is its first process: when that ends, the kernel ends them
// too, however the test dies. (PR_SET_PDEATHSIG alone would not do: the daemons change
// to user frr, and the kernel forgets it then.) Their files are in a directory of the
// router's own, what they leave in /var/tmp in a file system that goes with them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/netns/namespace.h"
#include "tests/netns/process.h"
#include "tests/netns/temporary_directory.h"

namespace mcast::test {

struct PimInterface {
  std::string name;
  bool igmp = true;  // a querier, and listens to reports
};

// What pimd reads: PIM with a hello a second, IGMPv3 with a query a second. 232.0.0.0/8
// is source-specific without a word.
[[nodiscard]] std::string pim_configuration(const std::vector<PimInterface>& interfaces);

class FrrRouter {
 public:
  // The daemons change to user frr, so they need a user namespace that has one. Nothing
  // if they can run here, else what to say when a test is skipped.
  [[nodiscard]] static std::optional<std::string> why_it_cannot_run();

  // Returns once pimd answers and is up on all interfaces, which have to exist with
  // their addresses. Neighbours are found later. `where` has to outlive it only during
  // calls.
  FrrRouter(const Namespace& where, const std::vector<PimInterface>& interfaces);
  FrrRouter(const FrrRouter&) = delete;
  FrrRouter& operator=(const FrrRouter&) = delete;
  // Kills both: all that they have done is in their namespace.
  ~FrrRouter();

  // What pimd says to a command of its own shell ("show ip mroute").
  [[nodiscard]] std::string ask(const std::string& command) const;
  // "show ip mroute count" says it: how many packets of (S,G) it has taken in to pass on.
  // Nothing if it has no such route.
  [[nodiscard]] std::optional<std::uint64_t> routed_packets(const std::string& source,
                                                            const std::string& group) const;
  [[nodiscard]] std::string log() const { return process_->standard_output(); }
  // Where their files are, and what their command lines have in common.
  [[nodiscard]] std::string directory() const { return directory_.path(""); }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
};

}  // namespace mcast::test
