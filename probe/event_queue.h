// Carries stream events from the receive thread to one reader, without a lock:
// a ring of fixed size. A full ring drops the newest event and counts it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "probe/stream_event.h"

namespace mcast {

class EventQueue final : public StreamEventSink {
 public:
  // The one writing thread.
  void on_event(const StreamEvent& event) override {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kCapacity) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    ring_[tail % kCapacity] = event;
    tail_.store(tail + 1, std::memory_order_release);
  }

  // The one reading thread.
  [[nodiscard]] std::optional<StreamEvent> take() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    const StreamEvent event = ring_[head % kCapacity];
    head_.store(head + 1, std::memory_order_release);
    return event;
  }

  // Any thread: events lost to a full ring, ever.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kCapacity = 4096;
  std::array<StreamEvent, kCapacity> ring_{};
  std::atomic<std::size_t> head_{0};
  std::atomic<std::size_t> tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace mcast
