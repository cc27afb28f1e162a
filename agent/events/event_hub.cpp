#include "agent/events/event_hub.h"

#include <algorithm>
#include <utility>

#include "api/json.h"

namespace mcast::agent {
namespace {

constexpr std::size_t kMaxAtATime = 200;

// https://html.spec.whatwg.org/multipage/server-sent-events.html: one field per line, an
// empty line after each event. The data are one line of JSON.
void append(std::string& out, std::uint64_t id, const std::string& name, const std::string& data) {
  out += "id: " + std::to_string(id) + "\nevent: " + name + "\ndata: " + data + "\n\n";
}

}  // namespace

void EventHub::publish(std::string name, std::string stream, std::string data) {
  {
    const std::scoped_lock lock(mutex_);
    PublishedEvent event{.id = ++newest_,
                         .name = std::move(name),
                         .stream = std::move(stream),
                         .data = std::move(data)};
    if (ring_.size() < kRemembered) {
      ring_.push_back(std::move(event));
    } else {
      ring_[place_of(event.id)] = std::move(event);
    }
  }
  wake_all();
}

void EventHub::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  wake_all();
}

std::uint64_t EventHub::newest() const {
  const std::scoped_lock lock(mutex_);
  return newest_;
}

void EventHub::wake_all() const {
  const std::scoped_lock lock(listeners_mutex_);
  for (const auto& wake : listeners_) wake();
}

std::shared_ptr<void> EventHub::subscribe(std::function<void()> wake) const {
  const std::scoped_lock lock(listeners_mutex_);
  const auto place = listeners_.insert(listeners_.end(), std::move(wake));
  return {nullptr, [this, place](void*) {
            const std::scoped_lock ending(listeners_mutex_);
            listeners_.erase(place);
          }};
}

EventHub::Batch EventHub::take(std::uint64_t after, std::size_t max) const {
  const std::scoped_lock lock(mutex_);
  Batch batch;
  batch.closed = closed_;
  if (after < before_first_ || after > newest_) {
    batch.foreign = true;
    after = before_first_;
  }
  const std::uint64_t oldest = newest_ - ring_.size() + 1;
  std::uint64_t next = after + 1;
  if (next < oldest) {
    batch.dropped = oldest - next;
    next = oldest;
  }
  for (; next <= newest_ && batch.events.size() < max; ++next) {
    batch.events.push_back(ring_[place_of(next)]);
  }
  return batch;
}

EventSource::EventSource(const EventHub& hub, const Clock& clock, Wanted wanted,
                         std::optional<std::uint64_t> after)
    : hub_(&hub),
      clock_(&clock),
      wanted_(std::move(wanted)),
      after_(after.value_or(hub.newest())),
      last_sent_(clock.monotonic()) {}

std::string EventSource::greeting() const {
  // The id is what a client that loses its connection at once comes back with.
  return "retry: 1000\nid: " + std::to_string(after_) + "\n: mcast-agent\n\n";
}

std::optional<std::string> EventSource::next() {
  const EventHub::Batch batch = hub_->take(after_, kMaxAtATime);
  std::string out;
  if (batch.dropped > 0 || batch.foreign) {
    // The place before the first one that is still there.
    after_ = batch.events.empty() ? hub_->newest() : batch.events.front().id - 1;
    // Across a restart of the agent nobody knows how many there were.
    const auto events = batch.foreign ? std::nullopt : std::optional(batch.dropped);
    append(out, after_, "dropped", api::text_of([&](auto& io) {
             io("event", "dropped");
             io("time", clock_->realtime(), api::kTime);
             io("events", events);
           }));
  }
  for (const PublishedEvent& event : batch.events) {
    after_ = event.id;
    if (wanted_(event.stream)) append(out, event.id, event.name, event.data);
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
