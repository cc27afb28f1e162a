// --detach: starts streams in an agent and leaves them there.
#pragma once

#include <string>
#include <string_view>

#include "cli/session/agent_session.h"
#include "cli/streams/command_parts.h"

namespace mcast::cli {

struct DetachedStream {
  std::string_view command;  // "mcast-send"
  std::string socket;
  AgentStreams kind{};
  std::string request;  // body of the POST
  bool json = false;    // the agent's answer in place of the sentences
};
// Says how to watch them and how to end them. Returns the exit code.
[[nodiscard]] int run_detached(const DetachedStream& stream, const CommandParts& parts);

}  // namespace mcast::cli
