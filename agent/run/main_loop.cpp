#include "agent/run/main_loop.h"

#include <poll.h>

#include <array>
#include <csignal>

namespace mcast::agent {
namespace {

// How often streams that could not start are tried.
constexpr Nanoseconds kRetryInterval = kSecond;
// A router's routes may change all the time.
constexpr Nanoseconds kMinBetweenReconciles = 100 * kMillisecond;
// How long the loop sleeps at most: then it looks after what is overdue.
constexpr Nanoseconds kLoopInterval = 250 * kMillisecond;

}  // namespace

void MainLoop::run() {
  next_retry_ = parts_.clock.monotonic() + kRetryInterval;
  while (true) {
    wait();
    if (!take_signals()) return;
    parts_.main_loop.run_pending();
    parts_.streams.expire(parts_.clock.monotonic());
    follow_network();
    publish_events();
  }
}

void MainLoop::wait() const {
  const int network = parts_.link_monitor != nullptr ? parts_.link_monitor->fd() : -1;
  std::array polled{pollfd{.fd = parts_.signals.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = network, .events = POLLIN, .revents = 0},
                    pollfd{.fd = parts_.main_loop.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = parts_.events_wake.fd(), .events = POLLIN, .revents = 0}};
  const bool may_sleep = parts_.events.may_sleep();
  (void)::poll(polled.data(), polled.size(),
               may_sleep ? static_cast<int>(kLoopInterval / kMillisecond) : 0);
  parts_.events_wake.clear();
}

bool MainLoop::take_signals() {
  while (const auto signal = parts_.signals.take()) {
    if (*signal == SIGTERM || *signal == SIGINT) return false;
    if (*signal == SIGHUP) (void)parts_.reload.run();
  }
  return true;
}

void MainLoop::follow_network() {
  if (parts_.link_monitor != nullptr) {
    const auto changed = parts_.link_monitor->drain();
    network_changed_ = network_changed_ || !changed || *changed;
  }
  const Nanoseconds now = parts_.clock.monotonic();
  if (now >= next_retry_) {
    next_retry_ = now + kRetryInterval;
    network_changed_ =
        network_changed_ || parts_.link_monitor == nullptr || parts_.supervisor.wants_retry();
  }
  if (!network_changed_ || now - reconciled_ < kMinBetweenReconciles) return;
  parts_.supervisor.reconcile();
  network_changed_ = false;
  reconciled_ = now;
}

void MainLoop::publish_events() {
  while (const auto event = parts_.events.take()) {
    // Nobody wants to hear of a stream that was removed meanwhile.
    const ReceiverSpec* const spec = parts_.supervisor.receiver_spec(event->stream);
    if (spec != nullptr) parts_.feed.on_stream_event(*event, *spec);
  }
  const std::uint64_t dropped = parts_.events.dropped() - events_dropped_;
  if (dropped == 0) return;
  events_dropped_ += dropped;
  parts_.log.warning("stream events were lost before they could be logged",
                     {{"events", std::to_string(dropped)}});
  parts_.feed.on_dropped(dropped);
}

}  // namespace mcast::agent
