#include "cli/session/agent_session.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "api/agent_json.h"
#include "api/host_json.h"
#include "api/stream_json.h"
#include "base/number.h"
#include "base/text.h"
#include "base/version.h"

namespace mcast::cli {
namespace {

// Less than a picture's time: one picture, one question.
constexpr Nanoseconds kFresh = 100 * kMillisecond;
// Ad hoc streams end 10 s after the last renewal.
constexpr Nanoseconds kLookInterval = 3 * kSecond;
constexpr Nanoseconds kIgmpInterval = 5 * kSecond;
// With more streams histograms and gap logs are asked for only at the end: they are most of
// an answer, and no picture of so many shows them.
constexpr std::size_t kMaxWithDetail = 20;

const char* path_of(AgentStreams kind) {
  return kind == AgentStreams::kReceivers ? "/api/v1/receivers" : "/api/v1/senders";
}

std::string path_of(AgentStreams kind, const std::string& name) {
  return path_of(kind) + ("/" + api::percent_encoded(name));
}

std::string query(const std::string& pattern, bool detail) {
  return "?name=" + api::percent_encoded(pattern) + (detail ? "&detail=true" : "");
}

// 12 of the "video-12" that `name` "video" has made; 0 for another name.
std::uint64_t number_in_range(std::string_view stream, std::string_view name) {
  if (!stream.starts_with(name)) return 0;
  stream.remove_prefix(name.size());
  if (!stream.starts_with('-') || stream.starts_with("-0")) return 0;
  return parse_number<std::uint64_t>(stream.substr(1)).value_or(0);
}

// Those that `name` means, in their order: it, or what a `count` has made of it.
std::vector<std::string> streams_named(const std::string& name,
                                       const std::vector<ReceiverSnapshot>& receivers) {
  std::map<std::uint64_t, std::string> range;
  for (const ReceiverSnapshot& receiver : receivers) {
    if (receiver.spec.name == name) return {name};
    if (const auto number = number_in_range(receiver.spec.name, name)) {
      range.emplace(number, receiver.spec.name);
    }
  }
  std::vector<std::string> streams;
  streams.reserve(range.size());
  for (auto& [number, stream] : range) streams.push_back(std::move(stream));
  return streams;
}

Error no_such_stream(const std::string& name, const std::vector<ReceiverSnapshot>& all) {
  constexpr std::size_t kMaxNamed = 10;
  std::string names;
  for (std::size_t i = 0; i < std::min(all.size(), kMaxNamed); ++i) {
    names += (i == 0 ? "" : ", ") + printable(all[i].spec.name);
  }
  if (all.size() > kMaxNamed) names += ", " + std::to_string(all.size() - kMaxNamed) + " more";
  return {.message = "the agent receives no stream '" + printable(name) + "'; it has " +
                     (names.empty() ? "none" : names),
          .code = 0};
}

}  // namespace

Result<std::string> check_agent_version(AgentClient& client) {
  const auto answer = client.get("/api/v1/status");
  if (!answer) return std::unexpected(answer.error());
  const auto status = api::parse_agent_status(*answer);
  if (!status) return fail("what answers there is no mcast-agent: " + status.error().message);
  if (status->version == version()) return "";
  return "the agent is version " + printable(status->version) + ", this is " +
         std::string(version());
}

AgentSession::AgentSession(const Parts& parts, const std::string& socket, AgentStreams kind)
    : parts_(parts), client_(socket), kind_(kind) {}

AgentSession::~AgentSession() {
  events_.reset();
  // If it fails, the agent ends them by itself in a few seconds.
  if (owned_ && lost_.empty()) (void)client_.remove(path_of(kind_, name_));
}

Result<std::unique_ptr<AgentSession>> AgentSession::start(const Parts& parts,
                                                          const std::string& socket,
                                                          AgentStreams kind,
                                                          const std::string& request) {
  auto session = std::make_unique<AgentSession>(parts, socket, kind);
  if (const auto begun = session->begin(); !begun) return std::unexpected(begun.error());
  const auto answer = session->client_.post(path_of(kind), request);
  if (!answer) return std::unexpected(answer.error());
  auto started = api::parse_started_streams(*answer);
  if (!started) return std::unexpected(started.error());
  session->owned_ = true;
  const auto followed = session->follow(started->name, std::move(started->streams));
  if (!followed) return std::unexpected(followed.error());
  return session;
}

Result<std::unique_ptr<AgentSession>> AgentSession::watch(const Parts& parts,
                                                          const std::string& socket,
                                                          const std::string& name) {
  auto session = std::make_unique<AgentSession>(parts, socket, AgentStreams::kReceivers);
  if (const auto begun = session->begin(); !begun) return std::unexpected(begun.error());
  const auto answer = session->client_.get(path_of(AgentStreams::kReceivers));
  if (!answer) return std::unexpected(answer.error());
  const auto all = api::parse_receivers(*answer);
  if (!all) return std::unexpected(all.error());
  auto streams = streams_named(name, all->receivers);
  if (streams.empty()) return std::unexpected(no_such_stream(name, all->receivers));
  const auto followed = session->follow(name, std::move(streams));
  if (!followed) return std::unexpected(followed.error());
  return session;
}

Result<void> AgentSession::begin() {
  const auto warning = check_agent_version(client_);
  if (!warning) return std::unexpected(warning.error());
  if (!warning->empty()) parts_.log.warning(*warning);
  if (kind_ == AgentStreams::kSenders) return {};
  if (auto newest = newest_event_id(client_)) {
    newest_event_ = std::move(*newest);
  } else {
    parts_.log.warning("events cannot be heard", {{"reason", newest.error().message}});
  }
  return {};
}

Result<void> AgentSession::follow(const std::string& name, std::vector<std::string> streams) {
  name_ = name;
  streams_ = std::move(streams);
  pattern_ = streams_.size() == 1 ? streams_.front() : name + "-*";
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    ids_.emplace(streams_[i], static_cast<StreamId>(i));
  }
  if (newest_event_) {
    auto events = AgentEvents::start(client_.socket(), pattern_, *newest_event_, parts_.log);
    if (!events) return std::unexpected(events.error());
    events_ = std::move(*events);
  }
  next_look_ = parts_.clock.monotonic() + kLookInterval;
  fetch(false);
  return lost_.empty() ? Result<void>() : fail(lost_);
}

std::string AgentSession::name_of(StreamId id) const {
  return id < streams_.size() ? streams_[id] : "";
}

std::optional<StreamEvent> AgentSession::take_event() {
  if (!events_) return std::nullopt;
  const Nanoseconds offset = parts_.clock.realtime() - parts_.clock.monotonic();
  while (const auto event = events_->take()) {
    if (event->event == "dropped") {
      parts_.log.warning("events came too fast: some are left out");
      continue;
    }
    auto parsed = api::parse_event(event->data, offset);
    if (!parsed) {
      parts_.log.warning("an event of the agent is not understood",
                         {{"reason", printable(parsed.error().message)}});
      continue;
    }
    if (!*parsed) continue;
    // The pattern fits neighbours, too.
    const auto id = ids_.find((*parsed)->stream);
    if (id == ids_.end()) continue;
    (*parsed)->event.stream = id->second;
    return (*parsed)->event;
  }
  return std::nullopt;
}

void AgentSession::lose(const Error& error) {
  if (!lost_.empty()) return;
  const std::string name = "'" + printable(name_) + "'";
  lost_ = error.code != ESRCH ? "the agent has gone away: " + error.message
          : owned_            ? "the stream " + name + " is gone: somebody has deleted it"
                              : "the stream " + name +
                         " is gone: it has been deleted, or is no longer "
                         "in the agent's configuration";
}

void AgentSession::look_after() {
  const Nanoseconds now = parts_.clock.monotonic();
  if (now < next_look_ || !lost_.empty()) return;
  next_look_ = now + kLookInterval;
  if (!owned_) {
    if (now - fetched_ >= kLookInterval) fetch(false);
    return;
  }
  if (const auto renewed = client_.post(path_of(kind_, name_) + "/renew", ""); !renewed) {
    lose(renewed.error());
  }
}

Result<ProbeSnapshot> AgentSession::ask_for_snapshot(bool detail) {
  const auto answer = client_.get(path_of(kind_) + query(pattern_, detail));
  if (!answer) return std::unexpected(answer.error());
  ProbeSnapshot snapshot;
  if (kind_ == AgentStreams::kReceivers) {
    auto parsed = api::parse_receivers(*answer);
    if (!parsed) return std::unexpected(parsed.error());
    snapshot = {.receivers = std::move(parsed->receivers),
                .senders = {},
                .sockets = std::move(parsed->sockets)};
  } else {
    auto parsed = api::parse_senders(*answer);
    if (!parsed) return std::unexpected(parsed.error());
    snapshot.senders = std::move(*parsed);
  }
  // Only those of the session, in its order.
  const auto keep = [&](auto& streams) {
    std::erase_if(streams, [&](const auto& each) { return !ids_.contains(each.spec.name); });
    std::ranges::sort(streams, {}, [&](const auto& each) { return ids_.at(each.spec.name); });
  };
  keep(snapshot.receivers);
  keep(snapshot.senders);
  if (snapshot.receivers.empty() && snapshot.senders.empty()) {
    return std::unexpected(Error{.message = {}, .code = ESRCH});
  }
  return snapshot;
}

void AgentSession::fetch(bool detail) {
  auto snapshot = ask_for_snapshot(detail || streams_.size() <= kMaxWithDetail);
  fetched_ = parts_.clock.monotonic();
  if (!snapshot) return lose(snapshot.error());
  snapshot_ = std::move(*snapshot);
}

ProbeSnapshot AgentSession::snapshot() {
  const bool is_fresh = parts_.clock.monotonic() - fetched_ < kFresh;
  if (lost_.empty() && !settled_ && !is_fresh) fetch(false);
  return snapshot_;
}

void AgentSession::settle() {
  if (lost_.empty() && !settled_) fetch(true);
  settled_ = true;
}

std::optional<int> AgentSession::igmp_version_on(const std::string& interface) {
  const Nanoseconds now = parts_.clock.monotonic();
  if (lost_.empty() && now >= next_igmp_) {
    next_igmp_ = now + kIgmpInterval;
    // The view does without it where it cannot be had.
    const auto answer = client_.get("/api/v1/memberships");
    const auto report = answer ? api::parse_memberships(*answer) : fail("");
    igmp_versions_.clear();
    if (report) {
      for (const auto& found : report->interfaces) igmp_versions_[found.name] = found.igmp_version;
    }
  }
  const auto found = igmp_versions_.find(interface);
  if (found == igmp_versions_.end() || found->second == 0) return std::nullopt;
  return found->second;
}

}  // namespace mcast::cli
