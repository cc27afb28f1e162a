// Streams that run in an agent: ad hoc ones of this command, which it renews and deletes, or
// ones that it only watches. One thread, the command's main loop; events come from another.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/stream_json.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/session/agent_client.h"
#include "cli/session/agent_events.h"
#include "cli/session/session.h"

namespace mcast::cli {

// "receivers" or "senders" of the API.
enum class AgentStreams : std::uint8_t { kReceivers, kSenders };

class AgentSession final : public Session {
 public:
  // All outlive the session.
  struct Parts {
    const Clock& clock;
    Log& log;
  };

  using Opened = Result<std::unique_ptr<AgentSession>>;
  // Starts ad hoc streams; `requests` are the bodies of the POSTs, without "detach". They end
  // with the session, or 10 s after this process. An error where one of them fails at once.
  [[nodiscard]] static Opened start(const Parts& parts, const std::string& socket,
                                    AgentStreams kind, const std::vector<std::string>& requests);
  // Looks at receivers that are there: the one of this name, or NAME-1, NAME-2 ..., or those of
  // the groups "239.1.1.1-239.1.1.9". Changes nothing in the agent.
  [[nodiscard]] static Opened watch(const Parts& parts, const std::string& socket,
                                    const std::string& name);
  ~AgentSession() override;

  void look_after() override;
  [[nodiscard]] int fd() const override { return events_ ? events_->fd() : -1; }
  [[nodiscard]] std::optional<StreamEvent> take_event() override;
  [[nodiscard]] std::string name_of(StreamId id) const override;
  // As the agent has found out: asked for while one of its streams is silent.
  [[nodiscard]] std::vector<findings::Schedule::New> new_findings() override;
  [[nodiscard]] const findings::Schedule& findings() const override { return found_; }
  [[nodiscard]] bool is_looking() const override { return is_silent_; }
  [[nodiscard]] ProbeSnapshot snapshot() override;
  void settle() override;
  // What the agent's interface has is not known here: it may be in another namespace.
  [[nodiscard]] std::string address_of(const std::string& /*interface*/,
                                       Family /*family*/) override {
    return {};
  }
  [[nodiscard]] std::optional<int> version_on(const std::string& interface, Family family) override;
  [[nodiscard]] std::string lost() const override { return lost_; }

  // Use start() or watch().
  AgentSession(const Parts& parts, const std::string& socket, AgentStreams kind);

 private:
  // Starts the streams, which the session then owns, or looks for them: fills names_ and
  // streams_.
  using Find = std::function<Result<void>(AgentSession&)>;
  [[nodiscard]] static Opened open(std::unique_ptr<AgentSession> session, bool owned,
                                   const Find& find);
  // Into snapshot_; its failure is what the session is lost by.
  void fetch(bool detail);
  void lose(const Error& error);

  Parts parts_;
  AgentClient client_;
  AgentStreams kind_;
  std::vector<std::string> names_;  // that the streams are renewed and deleted by
  std::string pattern_;             // that the names of the streams fit
  std::vector<std::string> streams_;
  std::map<std::string, StreamId> ids_;  // index into streams_
  bool owned_ = false;
  std::unique_ptr<AgentEvents> events_;
  ProbeSnapshot snapshot_;
  Nanoseconds fetched_ = 0;
  Nanoseconds next_look_ = 0;
  bool settled_ = false;
  std::map<std::pair<std::string, Family>, int> versions_;
  Nanoseconds next_versions_ = 0;
  // Keeps what was found of each silent stream; the agent decides when they are examined.
  findings::Schedule found_;
  bool is_silent_ = false;
  Nanoseconds next_findings_ = 0;
  std::string lost_;
};

// Has an agent start streams; with "detach" in the body they stay there. An error where one of
// them fails at once: they are removed then.
[[nodiscard]] Result<api::StartedStreams> start_in_agent(AgentClient& client, AgentStreams kind,
                                                         const std::string& request);
// Ends what a name stands for, as the API's DELETE has it.
[[nodiscard]] Result<void> remove_from_agent(AgentClient& client, AgentStreams kind,
                                             const std::string& name);

// Whether the agent is of another version than this program, for the person; "": of the same.
// An error: nobody answers there.
[[nodiscard]] Result<std::string> check_agent_version(AgentClient& client);

}  // namespace mcast::cli
