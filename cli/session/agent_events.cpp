#include "cli/session/agent_events.h"

#include <chrono>
#include <csignal>
#include <utility>

#include "api/stream_json.h"
#include "base/signals.h"
#include "base/thread.h"

namespace mcast::cli {
namespace {

// From one connection to the next.
constexpr std::chrono::milliseconds kPause{500};
constexpr std::chrono::milliseconds kAskAgain{10};
constexpr int kFailuresToTell = 12;

}  // namespace

bool EventStreamParser::feed(std::string_view bytes, std::vector<AgentEvent>& events) {
  for (const char c : bytes) {
    const bool ends_crlf = std::exchange(after_cr_, c == '\r') && c == '\n';
    if (ends_crlf) continue;
    if (c == '\n' || c == '\r') {
      if (!take_line(events)) return false;
      line_.clear();
      continue;
    }
    if (line_.size() == kMaxBytes) return false;
    line_ += c;
  }
  return true;
}

bool EventStreamParser::take_line(std::vector<AgentEvent>& events) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view line = line_;
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    last_id_ = id_;
    if (data_) events.push_back({event_.empty() ? "message" : event_, std::move(*data_)});
    event_.clear();
    data_.reset();
    return true;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (data_ && data_->size() + value.size() >= kMaxBytes) return false;
    (data_ ? * data_ += '\n' : data_.emplace()) += value;
  } else if (field == "event") {
    event_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  }
  // A comment, "retry", or what a later version has.
  return true;
}

Result<void> follow_events(AgentClient& client, const std::string& stream, std::string& last_id,
                           const TakeEvents& take) {
  const std::string path =
      "/api/v1/events" + (stream.empty() ? "" : "?stream=" + api::percent_encoded(stream));
  EventStreamParser parser;
  return client.follow(path, last_id, [&](std::string_view bytes) {
    std::vector<AgentEvent> events;
    const bool is_fine = parser.feed(bytes, events);
    if (!parser.last_id().empty()) last_id = parser.last_id();
    return take(std::move(events)) && is_fine;
  });
}

Result<std::string> newest_event_id(AgentClient& client) {
  std::string id;
  // The agent begins with the id, whether there are events or not.
  const auto followed = follow_events(client, "", id, [&](const auto&) { return id.empty(); });
  if (!followed) return std::unexpected(followed.error());
  if (id.empty()) return fail("the agent's events do not begin with an id");
  return id;
}

Result<std::unique_ptr<AgentEvents>> AgentEvents::start(const std::string& socket,
                                                        const std::string& stream,
                                                        std::string after, Log& log) {
  auto wake = WakeUp::create();
  if (!wake) return std::unexpected(wake.error());
  auto events =
      std::make_unique<AgentEvents>(socket, stream, std::move(after), log, std::move(*wake));
  // Ctrl-Z is for the main thread: ncurses puts the terminal back in its handler.
  const ScopedSignalBlock block(SIGTSTP);
  auto thread = start_thread("agent-events", [&events = *events] { events.run(); });
  if (!thread) return std::unexpected(thread.error());
  events->thread_ = std::move(*thread);
  return events;
}

AgentEvents::~AgentEvents() {
  if (!thread_.joinable()) return;
  ending_.release();
  while (!ended_.try_acquire_for(kAskAgain)) client_.stop();
  thread_.join();
}

void AgentEvents::run() {
  int failures = 0;  // in a row
  do {
    const auto followed = follow_events(client_, stream_, last_id_, [this](auto events) {
      put(std::move(events));
      return true;
    });
    // An agent that is gone is the main loop's to tell, and it knows before that.
    failures = followed ? 0 : failures + 1;
    if (failures == kFailuresToTell) {
      log_.warning("events cannot be heard", {{"reason", followed.error().message}});
    }
  } while (!ending_.try_acquire_for(kPause));
  ended_.release();
}

void AgentEvents::put(std::vector<AgentEvent> events) {
  if (events.empty()) return;
  const std::scoped_lock lock(mutex_);
  for (AgentEvent& event : events) {
    if (waiting_.size() >= kMaxWaiting) {
      log_.warning("events come faster than they are printed: some are left out");
      break;
    }
    waiting_.push_back(std::move(event));
  }
  wake_.wake();
}

std::optional<AgentEvent> AgentEvents::take() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) {
    wake_.clear();
    return std::nullopt;
  }
  auto event = std::move(waiting_.front());
  waiting_.pop_front();
  return event;
}

}  // namespace mcast::cli
