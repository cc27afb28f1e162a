#include "probe/event_queue.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <thread>

namespace mcast::test {
namespace {

constexpr std::uint64_t kCapacity = 4096;

StreamEvent event(std::uint64_t value) {
  return StreamEvent{.type = StreamEventType::kBurst,
                     .stream = 7,
                     .source = IpAddress::v4(0x0A000001),
                     .time = 5,
                     .value = value,
                     .duration = 6};
}

// The ring is too large for a stack under sanitizers.
std::unique_ptr<EventQueue> make_queue() {
  return std::make_unique<EventQueue>();
}

TEST(EventQueue, IsEmptyAtFirst) {
  const auto queue = make_queue();
  EXPECT_FALSE(queue->take().has_value());
  EXPECT_EQ(queue->dropped(), 0U);
}

TEST(EventQueue, GivesEventsBackWholeAndInOrder) {
  const auto queue = make_queue();
  queue->on_event(event(1));
  queue->on_event(event(2));
  const auto first = queue->take();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->type, StreamEventType::kBurst);
  EXPECT_EQ(first->stream, 7U);
  EXPECT_EQ(first->source, IpAddress::v4(0x0A000001));
  EXPECT_EQ(first->time, 5);
  EXPECT_EQ(first->value, 1U);
  EXPECT_EQ(first->duration, 6);
  EXPECT_EQ(queue->take()->value, 2U);
  EXPECT_FALSE(queue->take().has_value());
}

TEST(EventQueue, HoldsAFullRingWithoutDropping) {
  const auto queue = make_queue();
  for (std::uint64_t i = 0; i < kCapacity; ++i) queue->on_event(event(i));
  EXPECT_EQ(queue->dropped(), 0U);
}

TEST(EventQueue, DropsTheNewestWhenFullAndCountsIt) {
  const auto queue = make_queue();
  for (std::uint64_t i = 0; i < kCapacity + 3; ++i) queue->on_event(event(i));
  EXPECT_EQ(queue->dropped(), 3U);
  for (std::uint64_t i = 0; i < kCapacity; ++i) {
    const auto taken = queue->take();
    ASSERT_TRUE(taken.has_value());
    ASSERT_EQ(taken->value, i);
  }
  EXPECT_FALSE(queue->take().has_value());
  queue->on_event(event(99));
  EXPECT_EQ(queue->take()->value, 99U);
}

TEST(EventQueue, CarriesEventsBetweenTwoThreadsWithoutLosingOrMixingThem) {
  const auto queue = make_queue();
  constexpr std::uint64_t kEvents = 200'000;
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < kEvents; ++i) {
      StreamEvent next = event(i);
      next.duration = static_cast<Nanoseconds>(i * 3);
      queue->on_event(next);
    }
  });
  std::uint64_t received = 0;
  std::uint64_t next_value = 0;
  bool whole_and_in_order = true;
  while (received + queue->dropped() < kEvents) {
    while (const auto taken = queue->take()) {
      whole_and_in_order = whole_and_in_order && taken->value >= next_value &&
                           taken->duration == static_cast<Nanoseconds>(taken->value * 3);
      next_value = taken->value + 1;
      ++received;
    }
  }
  writer.join();
  EXPECT_TRUE(whole_and_in_order);
  EXPECT_EQ(received + queue->dropped(), kEvents);
}

}  // namespace
}  // namespace mcast::test
