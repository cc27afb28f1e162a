// mcast-status --agent: asks an agent, prints, and watches its events if asked to. One
// thread.
#pragma once

#include <ostream>

#include "base/clock.h"
#include "cli/status/status_options.h"

namespace mcast::cli {

// What the command works with; all outlive it.
struct AgentStatusParts {
  const Clock& clock;
  std::ostream& output;  // stdout
  std::ostream& errors;  // stderr
  bool colour = false;   // of the output
  int columns = 80;      // of the output
  bool unicode = true;
};

// Returns the exit code. options.agent is given. A watch ends with the process, or when the
// agent goes away.
[[nodiscard]] int run_agent_status(const StatusOptions& options, const AgentStatusParts& parts);

}  // namespace mcast::cli
