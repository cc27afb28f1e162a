#include "agent/events/event_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/json_values.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMostAtATime = 200;
constexpr Nanoseconds kPatience = 500 * kMillisecond;

// https://html.spec.whatwg.org/multipage/server-sent-events.html: one field per line, an
// empty line after each event. The data are one line of JSON.
void append(std::string& out, std::uint64_t id, const std::string& name, const std::string& data) {
  out += "id: " + std::to_string(id) + "\nevent: " + name + "\ndata: " + data + "\n\n";
}

}  // namespace

EventSource::EventSource(const EventHub& hub, const Clock& clock, NamePatterns names,
                         std::optional<std::uint64_t> after)
    : hub_(&hub),
      clock_(&clock),
      names_(std::move(names)),
      after_(after.value_or(hub.newest())),
      last_sent_(clock.monotonic()) {}

std::string EventSource::greeting() const {
  // The id is what a client that loses its connection at once comes back with.
  return "retry: 1000\nid: " + std::to_string(after_) + "\n: mcast-agent\n\n";
}

std::optional<std::string> EventSource::next() {
  const EventHub::Batch batch = hub_->wait(after_, kMostAtATime, kPatience);
  std::string out;
  if (batch.dropped > 0 || batch.foreign) {
    // The place before the first one that is still there.
    after_ = batch.events.empty() ? hub_->newest() : batch.events.front().id - 1;
    // Across a restart of the agent nobody knows how many there were.
    nlohmann::ordered_json json{
        {"event", "dropped"}, {"time", api::time_text(clock_->realtime())}, {"events", nullptr}};
    if (!batch.foreign) json["events"] = batch.dropped;
    append(out, after_, "dropped", json.dump());
  }
  for (const PublishedEvent& event : batch.events) {
    after_ = event.id;
    if (names_.fit(event.stream)) append(out, event.id, event.name, event.data);
  }
  if (batch.closed && out.empty()) return std::nullopt;
  const Nanoseconds now = clock_->monotonic();
  if (out.empty() && now - last_sent_ >= kHeartbeat) {
    // With the id, so that a client that comes back does not get what it did not ask for.
    out = ": nothing new\nid: " + std::to_string(after_) + "\n\n";
  }
  if (!out.empty()) last_sent_ = now;
  return out;
}

}  // namespace mcast::agent
