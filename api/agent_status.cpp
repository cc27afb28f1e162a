#include "api/agent_status.h"

#include "api/json_reader.h"
#include "api/json_writer.h"

namespace mcast::api {

void fields(auto& io, Like<AgentStatus> auto& status) {
  io("version", status.version);
  io.written("revision", status.revision);
  io.written("compiler", status.compiler);
  io("host", status.host);
  io.written("pid", status.pid);
  io("started", time(status.started));
  io("time", time(status.time));
  io("config", object([&](auto& config) {
       config("file", text_or_null(status.config_file));
       config("last_reload_successful", status.reload_successful);
       config.written("last_reload_success_time", time(status.reload_success_time));
       config("errors", status.config_errors);
     }));
  io("streams", object([&](auto& streams) {
       streams("receivers", status.receivers);
       streams("senders", status.senders);
     }));
}

std::string agent_status_json(const AgentStatus& status) {
  return text_of(status, Detail::kFull);
}

Result<AgentStatus> parse_agent_status(std::string_view text) {
  return read_json<AgentStatus>(text);
}

}  // namespace mcast::api
