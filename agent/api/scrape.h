// What one GET /metrics does: asks the engines and the host, notes how long each
// took and whether it went well, and writes the text. Thread-safe.
#pragma once

#include <string>

#include "agent/run/agent_view.h"

namespace mcast::agent {

class Scrape {
 public:
  explicit Scrape(const AgentView& agent) : agent_(agent) {}

  [[nodiscard]] std::string metrics_text();

 private:
  const AgentView agent_;
};

}  // namespace mcast::agent
