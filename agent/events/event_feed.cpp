#include "agent/events/event_feed.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "api/agent_json.h"
#include "api/json.h"
#include "base/dscp.h"
#include "probe/snapshot.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMaxStreamLimits = 10'000;
// The hub remembers 4,096 events, so that one must not be long.
constexpr std::size_t kReloadErrors = 10;
constexpr std::string_view kReloadsHeldBack = "reloads were not logged";

std::string seconds_text(Nanoseconds duration) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3f", to_seconds(duration));
  return text.data();
}

}  // namespace

void EventFeed::publish(std::string_view name, const std::string& stream, const auto& fields) {
  const Nanoseconds now = clock_.realtime();
  hub_.publish(std::string(name), stream, api::text_of([&](auto& io) {
                 io("event", name);
                 io("time", now, api::kTime);
                 fields(io);
               }));
}

bool EventFeed::may_log(LineLimit& limit, Nanoseconds now, std::string_view others,
                        const std::string& stream) {
  const auto held_back = limit.allow(now);
  if (!held_back) return false;
  const std::string events = std::to_string(*held_back);
  if (*held_back > 0 && stream.empty()) log_.info(others, {{"events", events}});
  if (*held_back > 0 && !stream.empty())
    log_.info(others, {{"stream", stream}, {"events", events}});
  return true;
}

void EventFeed::on_stream_event(const StreamEvent& event, const ReceiverSpec& spec) {
  // Streams come and go for months.
  if (stream_lines_.size() >= kMaxStreamLimits) {
    std::erase_if(stream_lines_,
                  [&](const auto& entry) { return entry.second.is_over(event.time); });
  }
  auto& limit = stream_lines_.try_emplace({event.stream, event.type}, kLines).first->second;
  if (may_log(limit, event.time, "similar events were not logged", spec.name))
    log(event, spec.name);
  hub_.publish(std::string(api::event_name(event.type)), spec.name,
               api::event_json(event, spec.name, spec.group.to_string(),
                               clock_.realtime() - clock_.monotonic()));
}

void EventFeed::log(const StreamEvent& event, const std::string& stream) {
  const std::string source = event.source.to_string();
  const auto high = static_cast<std::uint8_t>(event.value >> 8U);
  const auto low = static_cast<std::uint8_t>(event.value);
  switch (event.type) {
    case StreamEventType::kFirstPacket:
      log_.info("first packet", {{"stream", stream}, {"sender", source}});
      break;
    case StreamEventType::kStall:
      log_.warning("stalled", {{"stream", stream}, {"reason", "no packet for stall_timeout"}});
      break;
    case StreamEventType::kRecovery:
      log_.info("receiving again", {{"stream", stream},
                                    {"sender", source},
                                    {"stalled_seconds", seconds_text(event.duration)}});
      break;
    case StreamEventType::kRestart:
      log_.info("sender restarted",
                {{"stream", stream},
                 {"sender", source},
                 {"sender_id", sender_id_text(static_cast<std::uint32_t>(event.value))}});
      break;
    case StreamEventType::kRemark:
      log_.warning("DSCP remarked on the way", {{"stream", stream},
                                                {"sender", source},
                                                {"sent", describe_dscp(low)},
                                                {"arrived", describe_dscp(high)}});
      break;
    case StreamEventType::kTtlChange:
      log_.info("TTL changed", {{"stream", stream},
                                {"sender", source},
                                {"from", std::to_string(low)},
                                {"to", std::to_string(high)}});
      break;
    case StreamEventType::kBurst:
      log_.info("packets lost", {{"stream", stream},
                                 {"sender", source},
                                 {"packets", std::to_string(event.value)},
                                 {"interruption_seconds", seconds_text(event.duration)}});
      break;
    case StreamEventType::kEnded:
      log_.info("stream ended", {{"stream", stream}, {"sender", source}});
      break;
    case StreamEventType::kComplete:
      log_.info("packet limit reached", {{"stream", stream}});
      break;
  }
}

void EventFeed::on_stream_change(const StreamChange& change) {
  publish(change.added ? "stream-added" : "stream-removed", change.name, [&](auto& io) {
    io("stream", change.name);
    io("group", change.group);
    io("kind", change.kind);
    io("origin", to_string(change.origin));
  });
  // Whoever applies a configuration logs its streams in one line.
  if (change.origin == StreamOrigin::kConfigured) return;
  log_.info(change.added ? "stream added" : "stream removed",
            {{"stream", change.name},
             {"kind", std::string(change.kind)},
             {"group", change.group.to_string()},
             {"origin", std::string(to_string(change.origin))}});
}

void EventFeed::publish_reload(const std::vector<std::string>& errors) {
  std::vector<std::string> first = errors;
  first.resize(std::min(errors.size(), kReloadErrors));
  if (first.size() < errors.size()) {
    first.push_back("and " + std::to_string(errors.size() - first.size()) + " more");
  }
  publish("reload", "", [&](auto& io) {
    io("successful", errors.empty());
    io("errors", first);
  });
}

void EventFeed::on_reload(const StreamSet::Difference& difference,
                          const std::vector<std::string>& warnings, bool news) {
  const auto& [added, removed, replaced, updated, unchanged] = difference;
  news = news || added + removed + replaced + updated > 0;
  if (!news && !may_log(reload_lines_, clock_.monotonic(), kReloadsHeldBack)) return;
  for (const std::string& warning : warnings) {
    log_.warning("configuration", {{"reason", warning}});
  }
  log_.info("reloaded", {{"added", std::to_string(added)},
                         {"removed", std::to_string(removed)},
                         {"replaced", std::to_string(replaced)},
                         {"updated", std::to_string(updated)},
                         {"unchanged", std::to_string(unchanged)}});
  publish_reload({});
}

void EventFeed::on_failed_reload(const std::vector<std::string>& errors) {
  if (!may_log(reload_lines_, clock_.monotonic(), kReloadsHeldBack)) return;
  for (const std::string& error : errors) {
    log_.error("the configuration is not reloaded", {{"reason", error}});
  }
  publish_reload(errors);
}

void EventFeed::on_dropped(std::uint64_t events) {
  publish("dropped", "", [&](auto& io) { io("events", events); });
}

void EventFeed::on_membership(const netlink::MembershipEvent& event, const std::string& interface) {
  publish(event.joined ? "join" : "leave", "", [&](auto& io) {
    io("interface", interface);
    io("ifindex", event.ifindex);
    io("group", event.group);
    io("family", to_string(event.group.family()));
  });
  if (!may_log(membership_lines_, clock_.monotonic(), "joins and leaves were not logged")) return;
  log_.info(event.joined ? "host joined" : "host left",
            {{"interface", interface}, {"group", event.group.to_string()}});
}

}  // namespace mcast::agent
