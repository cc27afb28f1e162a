#include "cli/session/agent_session.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "api/agent_json.h"
#include "api/host_json.h"
#include "api/stream_json.h"
#include "base/number.h"
#include "base/text.h"
#include "base/version.h"
#include "probe/stream_settings.h"
#include "streams/diagnosis.h"

namespace mcast::cli {
namespace {

// Less than a picture's time: one picture, one question.
constexpr Nanoseconds kFresh = 100 * kMillisecond;
// Ad hoc streams end 10 s after the last renewal.
constexpr Nanoseconds kLookInterval = 3 * kSecond;
constexpr Nanoseconds kVersionsInterval = 5 * kSecond;
// With more streams histograms and gap logs are asked for only at the end: they are most of
// an answer, and no picture of so many shows them.
constexpr std::size_t kMaxWithDetail = 20;

const char* path_of(AgentStreams kind) {
  return kind == AgentStreams::kReceivers ? "/api/v1/receivers" : "/api/v1/senders";
}

std::string path_of(AgentStreams kind, const std::string& name) {
  return path_of(kind) + ("/" + api::percent_encoded(name));
}

// Those that `name` means, in their order: it, or the "video-12" that a `count` has made of
// "video", or the "239.1.1.3#2" of "239.1.1.1-239.1.1.9#2".
std::vector<std::string> streams_named(const std::string& name,
                                       const std::vector<ReceiverSnapshot>& receivers) {
  std::map<std::uint64_t, std::string> range;
  const std::size_t mark = std::min(name.find('#'), name.size());
  const auto groups = parse_group_range(std::string_view(name).substr(0, mark));
  for (const ReceiverSnapshot& receiver : receivers) {
    std::string_view rest = receiver.spec.name;
    if (rest == name) return {name};
    const IpAddress& group = receiver.spec.group;
    if (groups && group.with_low_bits(0) == groups->first.with_low_bits(0)) {
      const std::uint64_t number = std::uint64_t{group.low_bits()} - groups->first.low_bits();
      if (number < groups->count && rest == group.to_string() + name.substr(mark)) {
        range.emplace(number, receiver.spec.name);
      }
    }
    if (!rest.starts_with(name + "-")) continue;
    rest.remove_prefix(name.size() + 1);
    const auto number = parse_number<std::uint64_t>(rest);
    if (number && !rest.starts_with('0')) range.emplace(*number, receiver.spec.name);
  }
  std::vector<std::string> streams;
  streams.reserve(range.size());
  for (auto& [number, stream] : range) streams.push_back(std::move(stream));
  return streams;
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
  if (!owned_ || !lost_.empty()) return;
  for (const std::string& name : names_) (void)remove_from_agent(client_, kind_, name);
}

Result<api::StartedStreams> start_in_agent(AgentClient& client, AgentStreams kind,
                                           const std::string& request) {
  const auto answer = client.post(path_of(kind), request);
  if (!answer) return std::unexpected(answer.error());
  auto started = api::parse_started_streams(*answer);
  if (!started || started->state != "failed") return started;
  (void)remove_from_agent(client, kind, started->name);
  return fail("the agent says: " + printable(started->error.value_or("the stream failed"), 300));
}

Result<void> remove_from_agent(AgentClient& client, AgentStreams kind, const std::string& name) {
  const auto answer = client.remove(path_of(kind, name));
  if (!answer) return std::unexpected(answer.error());
  return {};
}

AgentSession::Opened AgentSession::start(const Parts& parts, const std::string& socket,
                                         AgentStreams kind,
                                         const std::vector<std::string>& requests) {
  const auto post = [&](AgentSession& it) -> Result<void> {
    for (const std::string& request : requests) {
      auto started = start_in_agent(it.client_, kind, request);
      if (!started) return std::unexpected(started.error());
      it.names_.push_back(std::move(started->name));
      std::ranges::move(started->streams, std::back_inserter(it.streams_));
    }
    return {};
  };
  return open(std::make_unique<AgentSession>(parts, socket, kind), true, post);
}

AgentSession::Opened AgentSession::watch(const Parts& parts, const std::string& socket,
                                         const std::string& name) {
  constexpr AgentStreams kKind = AgentStreams::kReceivers;
  const auto look = [&](AgentSession& it) -> Result<void> {
    const auto all = it.client_.get(path_of(kKind), api::parse_receivers);
    if (!all) return std::unexpected(all.error());
    it.names_ = {name};
    it.streams_ = streams_named(name, all->receivers);
    if (!it.streams_.empty()) return {};
    const auto name_of = [](const auto& each) { return printable(each.spec.name); };
    return fail("the agent receives no stream '" + printable(name) + "'; it has " +
                (all->receivers.empty() ? "none" : listed(all->receivers, name_of, 10)));
  };
  return open(std::make_unique<AgentSession>(parts, socket, kKind), false, look);
}

AgentSession::Opened AgentSession::open(std::unique_ptr<AgentSession> session, bool owned,
                                        const Find& find) {
  AgentSession& it = *session;
  const auto warning = check_agent_version(it.client_);
  if (!warning) return std::unexpected(warning.error());
  if (!warning->empty()) it.parts_.log.warning(*warning);
  // Before the streams: none of their events is missed.
  std::string newest_event;
  if (it.kind_ == AgentStreams::kReceivers) {
    const auto newest = newest_event_id(it.client_);
    newest_event = newest.value_or("");
    if (!newest) {
      it.parts_.log.warning("events cannot be heard", {{"reason", newest.error().message}});
    }
  }
  it.owned_ = owned;
  if (const auto found = find(it); !found) return std::unexpected(found.error());
  it.pattern_ = api::pattern_of(it.streams_);
  for (const std::string& stream : it.streams_) it.ids_.emplace(stream, it.ids_.size());
  if (!newest_event.empty()) {
    auto events = AgentEvents::start(it.client_.socket(), it.pattern_, newest_event, it.parts_.log);
    if (!events) return std::unexpected(events.error());
    it.events_ = std::move(*events);
  }
  it.next_look_ = it.parts_.clock.monotonic() + kLookInterval;
  // What was there before is taken off histograms, too.
  it.fetch(!owned);
  if (!it.lost_.empty()) return fail(it.lost_);
  return session;
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
  lost_ = error.code != ESRCH
              ? "the agent has gone away: " + error.message
              : "the stream '" + printable(names_.front()) + "' is gone: " +
                    (owned_ ? "somebody has deleted it"
                            : "it has been deleted, or is no longer in the agent's configuration");
}

void AgentSession::look_after() {
  const Nanoseconds now = parts_.clock.monotonic();
  if (now < next_look_ || !lost_.empty()) return;
  next_look_ = now + kLookInterval;
  if (!owned_) {
    if (now - fetched_ >= kLookInterval) fetch(false);
    return;
  }
  for (const std::string& name : names_) {
    const auto renewed = client_.post(path_of(kind_, name) + "/renew", "");
    if (!renewed) return lose(renewed.error());
  }
}

std::vector<findings::Schedule::New> AgentSession::new_findings() {
  const Nanoseconds now = parts_.clock.monotonic();
  if (now < next_findings_ || !lost_.empty()) return {};
  next_findings_ = now + kSecond;
  std::vector<findings::Subject> silent;
  const ProbeSnapshot streams = snapshot();
  for (const ReceiverSnapshot& receiver : streams.receivers) {
    if (mcast::is_silent(receiver)) silent.push_back(subject_of(receiver));
  }
  is_silent_ = !silent.empty();
  for (const SenderSnapshot& sender : streams.senders) {
    if (sender.state != SenderState::kFinished) silent.push_back(subject_of(sender));
  }
  found_.set_silent(silent, now);
  if (silent.empty()) return {};

  const auto answer = client_.get("/api/v1/findings?name=" + api::percent_encoded(pattern_));
  // An agent that is gone is told of by what looks after the streams.
  if (!answer) return {};
  auto examined = api::parse_findings(*answer);
  if (!examined) {
    parts_.log.warning("why nothing arrives is not understood",
                       {{"reason", printable(examined.error().message)}});
    return {};
  }
  // What the schedule knows a stream by is the subject of this side.
  const bool sends = kind_ == AgentStreams::kSenders;
  std::erase_if(*examined,
                [&](const auto& each) { return each.subject.sending.has_value() != sends; });
  // A sender that has nothing to be said of is not in the answer: what was said is over.
  if (sends) {
    std::erase_if(silent, [&](const findings::Subject& subject) {
      return std::ranges::none_of(
          *examined, [&](const auto& each) { return each.subject.stream == subject.stream; });
    });
    found_.set_silent(silent, now);
  }
  for (findings::StreamFindings& each : *examined) {
    const auto ours = std::ranges::find(silent, each.subject.stream, &findings::Subject::stream);
    if (ours != silent.end()) each.subject = *ours;
  }
  return found_.take(std::move(*examined), now);
}

void AgentSession::fetch(bool detail) {
  const bool in_full = detail || streams_.size() <= kMaxWithDetail;
  const std::string path = path_of(kind_) + ("?name=" + api::percent_encoded(pattern_)) +
                           (in_full ? "&detail=true" : "");
  ProbeSnapshot snapshot;
  if (kind_ == AgentStreams::kReceivers) {
    auto parsed = client_.get(path, api::parse_receivers);
    if (!parsed) return lose(parsed.error());
    snapshot.receivers = std::move(parsed->receivers);
    snapshot.sockets = std::move(parsed->sockets);
  } else {
    auto parsed = client_.get(path, api::parse_senders);
    if (!parsed) return lose(parsed.error());
    snapshot.senders = std::move(*parsed);
  }
  fetched_ = parts_.clock.monotonic();
  // Only those of the session, in its order.
  const auto keep = [&](auto& streams) {
    std::erase_if(streams, [&](const auto& each) { return !ids_.contains(each.spec.name); });
    std::ranges::sort(streams, {}, [&](const auto& each) { return ids_.at(each.spec.name); });
  };
  keep(snapshot.receivers);
  keep(snapshot.senders);
  if (snapshot.receivers.empty() && snapshot.senders.empty()) {
    return lose({.message = {}, .code = ESRCH});
  }
  snapshot_ = std::move(snapshot);
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

std::optional<int> AgentSession::version_on(const std::string& interface, Family family) {
  const Nanoseconds now = parts_.clock.monotonic();
  if (lost_.empty() && now >= next_versions_) {
    next_versions_ = now + kVersionsInterval;
    // The view does without it where it cannot be had.
    const auto report = client_.get("/api/v1/memberships", api::parse_memberships);
    versions_.clear();
    if (report) {
      for (const auto& on : report->interfaces) {
        versions_[{on.name, Family::kIpv4}] = on.igmp_version;
        versions_[{on.name, Family::kIpv6}] = on.mld_version;
      }
    }
  }
  const int version = versions_[{interface, family}];
  return version == 0 ? std::nullopt : std::optional(version);
}

}  // namespace mcast::cli
