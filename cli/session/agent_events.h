// Listens to the events of an agent on a thread of its own, and hands them to the command's
// main loop. What happens while the connection is lost for a moment is not missed: the agent
// remembers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/session/agent_client.h"
#include "cli/session/event_stream_parser.h"

namespace mcast::cli {

class AgentEvents {
 public:
  // The id of the newest event now: what comes after it is had by start() later, so that a
  // stream is heard of from its first packet on.
  [[nodiscard]] static Result<std::string> newest_id(AgentClient& client);

  // `stream`: a name, or one that ends in '*'; "": everything. `log` outlives it and is told
  // what cannot be heard.
  AgentEvents(const std::string& socket, const std::string& stream, std::string after, Log& log);
  AgentEvents(const AgentEvents&) = delete;
  AgentEvents& operator=(const AgentEvents&) = delete;
  ~AgentEvents();

  // Readable while there is something to take.
  [[nodiscard]] int fd() const { return wake_.get(); }
  [[nodiscard]] std::optional<EventStreamParser::Message> take();

 private:
  // Of events that the main loop has not taken; more are dropped, with a warning.
  static constexpr std::size_t kMostWaiting = 20'000;

  void run();
  void put(std::vector<EventStreamParser::Message> messages);
  // Until the end or a moment later; false: the end.
  [[nodiscard]] bool pause();

  AgentClient client_;
  const std::string path_;
  Log& log_;
  const FileDescriptor wake_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool ended_ = false;
  std::deque<EventStreamParser::Message> waiting_;

  std::string last_id_;  // the thread's
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace mcast::cli
