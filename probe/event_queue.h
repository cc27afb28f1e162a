// Carries stream events from the receive thread to one reader, without a lock:
// a ring of fixed size. A full ring drops the newest event and counts it.
#pragma once

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "probe/stream_event.h"

namespace mcast {

class EventQueue final : public StreamEventSink {
 public:
  // `wake_fd`: an eventfd, of the caller, that becomes readable when an event comes
  // after may_sleep(); -1: the reader looks by itself.
  explicit EventQueue(int wake_fd = -1) : wake_fd_(wake_fd) {}

  // The one writing thread.
  void on_event(const StreamEvent& event) override {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kCapacity) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    ring_[tail % kCapacity] = event;
    // Either this sees that the reader sleeps, or the reader sees this event: both need
    // the one order of all such accesses.
    tail_.store(tail + 1, std::memory_order_seq_cst);
    if (wake_fd_ >= 0 && asleep_.load(std::memory_order_seq_cst)) wake();
  }

  // The one reading thread.
  [[nodiscard]] std::optional<StreamEvent> take() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    StreamEvent event = ring_[head % kCapacity];
    head_.store(head + 1, std::memory_order_release);
    return event;
  }

  // The reading thread, with `wake_fd` read empty, before it waits for that: false, there
  // are events to take first.
  [[nodiscard]] bool may_sleep() {
    asleep_.store(true, std::memory_order_seq_cst);
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_seq_cst);
  }

  // Any thread: events lost to a full ring, ever.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kCapacity = 4096;

  // One system call for each time that the reader falls asleep, not one an event.
  void wake() {
    asleep_.store(false, std::memory_order_relaxed);
    const std::uint64_t one = 1;
    (void)!::write(wake_fd_, &one, sizeof one);
  }

  std::array<StreamEvent, kCapacity> ring_{};
  std::atomic<std::size_t> head_{0};
  std::atomic<std::size_t> tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> asleep_{false};
  int wake_fd_;
};

}  // namespace mcast
