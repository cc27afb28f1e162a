// Why streams of an agent get nothing, as the agent has found out: asked for while one of
// them is silent. One thread, the command's main loop.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "cli/session/agent_client.h"
#include "cli/session/session.h"
#include "cli/session/silence.h"
#include "findings/schedule.h"

namespace mcast::cli {

class AgentSilence final : public Silence {
 public:
  // All outlive it.
  struct Parts {
    Session& session;
    const Clock& clock;
    Log& log;
  };
  AgentSilence(const Parts& parts, const std::string& socket) : parts_(parts), client_(socket) {}

  [[nodiscard]] std::array<int, 2> fds() const override { return {-1, -1}; }
  std::vector<findings::Schedule::New> advance() override;
  [[nodiscard]] SilenceReport report(const std::vector<ReceiverSnapshot>& receivers) const override;

 private:
  const Parts parts_;
  AgentClient client_;
  // Keeps what was found of each silent stream; the agent decides when they are examined.
  findings::Schedule found_;
  bool is_silent_ = false;
  Nanoseconds next_ = 0;
};

}  // namespace mcast::cli
