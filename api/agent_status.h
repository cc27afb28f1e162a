// What GET /api/v1/status says of an agent, read by the commands. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace mcast::api {

struct AgentStatus {
  std::string version;
  std::string host;
  Nanoseconds started = 0;  // since 1970, as `time`
  Nanoseconds time = 0;
  std::string config_file = {};  // "": the demonstration
  bool reload_successful = true;
  std::vector<std::string> config_errors = {};  // of the last reload
  std::uint64_t receivers = 0;
  std::uint64_t senders = 0;
};

[[nodiscard]] Result<AgentStatus> parse_agent_status(std::string_view text);

}  // namespace mcast::api
