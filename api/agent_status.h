// What GET /api/v1/status says of an agent: written by the agent, read by the commands. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace mcast::api {

struct AgentStatus {
  std::string version = {};
  std::string revision = {};
  std::string compiler = {};
  std::string host = {};
  int pid = 0;
  Nanoseconds started = 0;  // since 1970, as `time`
  Nanoseconds time = 0;
  std::string config_file = {};  // "": the demonstration
  bool reload_successful = true;
  Nanoseconds reload_success_time = 0;          // of the last one that went well
  std::vector<std::string> config_errors = {};  // of the last reload
  std::uint64_t receivers = 0;
  std::uint64_t senders = 0;
};

// One line of text.
[[nodiscard]] std::string agent_status_json(const AgentStatus& status);
[[nodiscard]] Result<AgentStatus> parse_agent_status(std::string_view text);

}  // namespace mcast::api
