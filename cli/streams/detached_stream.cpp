#include "cli/streams/detached_stream.h"

#include <algorithm>
#include <string>

#include "api/path.h"
#include "api/stream_request_json.h"
#include "base/text.h"
#include "cli/arguments/exit_code.h"
#include "cli/session/agent_client.h"
#include "cli/streams/notices.h"

namespace mcast::cli {
namespace {

// As a shell takes it.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace

int run_detached(const DetachedStream& stream, const CommandParts& parts) {
  AgentClient client(stream.socket);
  const auto refuse = [&](const Error& error) {
    parts.err << stream.command << ": " << error.message << "\n";
    return kFailed;
  };
  const auto warning = check_agent_version(client);
  if (!warning) return refuse(warning.error());
  if (!warning->empty()) parts.log.warning(*warning);
  const bool receives = stream.kind == AgentStreams::kReceivers;
  const std::string path = receives ? "/api/v1/receivers" : "/api/v1/senders";
  const auto answer = client.post(path, stream.request);
  if (!answer) return refuse(answer.error());
  const auto started = api::parse_started_streams(*answer);
  if (!started) return refuse(started.error());

  Notices notices(stream.command, parts.log, parts.out, parts.err);
  notices.print_warnings();
  if (stream.json) {
    parts.out << *answer << (answer->ends_with('\n') ? "" : "\n") << std::flush;
    return parts.out ? kSuccess : kFailed;
  }
  const std::string agent =
      stream.socket == kDefaultAgentSocket ? "--agent" : "--agent=" + shell_word(stream.socket);
  const std::string name = printable(started->name);
  notices.line("the agent goes on with " + name +
               "; to watch it: " + (receives ? "mcast-receive " : "mcast-status ") + agent +
               (receives ? " --name " + shell_word(name) : "") +
               "; to end it: curl -X DELETE --unix-socket " + shell_word(stream.socket) +
               " http://agent" + path + "/" + api::percent_encoded(started->name));
  return parts.out ? kSuccess : kFailed;
}

}  // namespace mcast::cli
