// Events of an agent: server-sent events (the HTML standard, section 9.2.6) as messages, and a
// thread that hands them to a command's main loop.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/wake_up.h"
#include "cli/session/agent_client.h"

namespace mcast::cli {

struct AgentEvent {
  std::string event;  // its type; "message" where none was named
  std::string data;   // lines of it joined by '\n'
};

// From the bytes in which events come to the events. Pure state, bounded; one thread.
class EventStreamParser {
 public:
  // Longer lines, and longer data of one event, are given up: the agent has none.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;

  // Appends the events that are complete now to `events`. False: what comes is too long,
  // and the parser is of no more use.
  [[nodiscard]] bool feed(std::string_view bytes, std::vector<AgentEvent>& events);

  // The id of the newest event or empty block: what a client comes back with. "" before the
  // first.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }

 private:
  [[nodiscard]] bool take_line(std::vector<AgentEvent>& events);

  std::string line_;
  bool after_cr_ = false;  // a '\n' now belongs to the line before
  bool at_start_ = true;   // where a byte order mark may stand
  std::string id_;
  std::string last_id_;
  std::string event_;
  std::optional<std::string> data_;
};

// What has come at once; false: enough.
using TakeEvents = std::function<bool(std::vector<AgentEvent>)>;

// Follows the agent's events after `last_id`, which moves along. `stream`: a name, or one that
// ends in '*'; "": everything. Returns as AgentClient::follow(), and when too much comes.
[[nodiscard]] Result<void> follow_events(AgentClient& client, const std::string& stream,
                                         std::string& last_id, const TakeEvents& take);
// The id of the newest event now: what follows it later misses nothing, so that a stream is
// heard of from its first packet on.
[[nodiscard]] Result<std::string> newest_event_id(AgentClient& client);

// Follows events on a thread of its own. What happens while the connection is lost for a moment
// is not missed: the agent remembers. One thread uses it.
class AgentEvents {
 public:
  // As follow_events(). `log` outlives it and is told what cannot be heard.
  [[nodiscard]] static Result<std::unique_ptr<AgentEvents>> start(const std::string& socket,
                                                                  const std::string& stream,
                                                                  std::string after, Log& log);
  AgentEvents(const AgentEvents&) = delete;
  AgentEvents& operator=(const AgentEvents&) = delete;
  ~AgentEvents();

  // Use start().
  AgentEvents(const std::string& socket, std::string stream, std::string after, Log& log,
              WakeUp wake)
      : client_(socket),
        stream_(std::move(stream)),
        log_(log),
        wake_(std::move(wake)),
        last_id_(std::move(after)) {}

  // Readable while there is something to take.
  [[nodiscard]] int fd() const { return wake_.fd(); }
  [[nodiscard]] std::optional<AgentEvent> take();

 private:
  // Events that the main loop has not taken; more are dropped, with a warning.
  static constexpr std::size_t kMaxWaiting = 20'000;

  void run();
  void put(std::vector<AgentEvent> events);

  AgentClient client_;
  const std::string stream_;
  Log& log_;
  const WakeUp wake_;

  std::mutex mutex_;  // guards waiting_
  std::deque<AgentEvent> waiting_;

  std::string last_id_;  // the thread's
  std::binary_semaphore ending_{0};
  std::binary_semaphore ended_{0};
  std::thread thread_;
};

}  // namespace mcast::cli
