#include "agent/events/event_hub.h"

#include <algorithm>
#include <utility>

namespace mcast::agent {

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

EventHub::Batch EventHub::take(std::uint64_t after, std::size_t most) const {
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
  for (; next <= newest_ && batch.events.size() < most; ++next) {
    batch.events.push_back(ring_[place_of(next)]);
  }
  return batch;
}

}  // namespace mcast::agent
