#include "api/agent_status.h"

#include "api/json_reader.h"

namespace mcast::api {

Result<AgentStatus> parse_agent_status(std::string_view text) {
  return read_json<AgentStatus>(text, [](const JsonReader& json) {
    const JsonReader config = json.object("config");
    const JsonReader streams = json.object("streams");
    return AgentStatus{.version = json.text("version"),
                       .host = json.text("host"),
                       .started = json.time("started").value_or(0),
                       .time = json.time("time").value_or(0),
                       .config_file = config.optional_text("file"),
                       .reload_successful = config.boolean("last_reload_successful"),
                       .config_errors = config.texts("errors"),
                       .receivers = streams.count("receivers"),
                       .senders = streams.count("senders")};
  });
}

}  // namespace mcast::api
