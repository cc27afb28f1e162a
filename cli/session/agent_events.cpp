#include "cli/session/agent_events.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <utility>
#include <vector>

#include "api/path.h"
#include "base/signals.h"

namespace mcast::cli {
namespace {

constexpr const char* kPath = "/api/v1/events";
// From one connection to the next.
constexpr std::chrono::milliseconds kPause{500};
constexpr std::chrono::milliseconds kAskAgain{10};
constexpr int kFailuresToTell = 12;

std::string path_of(const std::string& stream) {
  return stream.empty() ? kPath : kPath + ("?stream=" + api::percent_encoded(stream));
}

}  // namespace

Result<std::string> AgentEvents::newest_id(AgentClient& client) {
  EventStreamParser parser;
  std::vector<EventStreamParser::Message> messages;
  // The agent begins with the id, whether there are events or not.
  const auto followed = client.follow(kPath, "", [&](std::string_view bytes) {
    return parser.feed(bytes, messages) && parser.last_id().empty();
  });
  if (!followed) return std::unexpected(followed.error());
  if (parser.last_id().empty()) return fail("the agent's events do not begin with an id");
  return parser.last_id();
}

AgentEvents::AgentEvents(const std::string& socket, const std::string& stream, std::string after,
                         Log& log)
    : client_(socket),
      path_(path_of(stream)),
      log_(log),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      last_id_(std::move(after)) {
  // Ctrl-Z is for the main thread: ncurses puts the terminal back in its handler.
  const ScopedSignalBlock block(SIGTSTP);
  thread_ = std::jthread([this] { run(); });
}

AgentEvents::~AgentEvents() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  changed_.notify_all();
  while (!changed_.wait_for(lock, kAskAgain, [this] { return ended_; })) {
    lock.unlock();
    client_.stop();
    lock.lock();
  }
}

void AgentEvents::run() {
  int failures = 0;  // in a row
  do {
    EventStreamParser parser;
    const auto followed = client_.follow(path_, last_id_, [&](std::string_view bytes) {
      std::vector<EventStreamParser::Message> messages;
      const bool is_fine = parser.feed(bytes, messages);
      if (!parser.last_id().empty()) last_id_ = parser.last_id();
      put(std::move(messages));
      return is_fine;
    });
    // An agent that is gone is the main loop's to tell, and it knows before that.
    failures = followed ? 0 : failures + 1;
    if (failures == kFailuresToTell) {
      log_.warning("events cannot be heard", {{"reason", followed.error().message}});
    }
  } while (pause());
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool AgentEvents::pause() {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, kPause, [this] { return ending_; });
}

void AgentEvents::put(std::vector<EventStreamParser::Message> messages) {
  if (messages.empty()) return;
  bool is_full = false;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& message : messages) {
      is_full = waiting_.size() >= kMostWaiting;
      if (is_full) break;
      waiting_.push_back(std::move(message));
    }
  }
  if (is_full) log_.warning("events come faster than they are printed: some are left out");
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

std::optional<EventStreamParser::Message> AgentEvents::take() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) {
    std::uint64_t times = 0;
    (void)!::read(wake_.get(), &times, sizeof times);
    return std::nullopt;
  }
  auto message = std::move(waiting_.front());
  waiting_.pop_front();
  return message;
}

}  // namespace mcast::cli
