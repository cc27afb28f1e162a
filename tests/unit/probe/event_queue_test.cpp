#include "probe/event_queue.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/file_descriptor.h"

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

// Never more than one wake-up a sleep, never none.
TEST(EventQueue, WakesASleepingReaderAndNoOther) {
  const FileDescriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  const auto times = [&] {
    std::uint64_t count = 0;
    return ::read(wake.get(), &count, sizeof count) < 0 ? 0 : count;
  };
  const auto queue = std::make_unique<EventQueue>(wake.get());
  queue->on_event(event(1));
  EXPECT_EQ(times(), 0U);
  EXPECT_FALSE(queue->may_sleep());  // there is something to take
  (void)queue->take();
  EXPECT_TRUE(queue->may_sleep());
  for (std::uint64_t i = 2; i < 10; ++i) queue->on_event(event(i));
  EXPECT_EQ(times(), 1U);
}

TEST(EventQueue, NeverLetsAReaderSleepThroughAnEvent) {
  const FileDescriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  const auto queue = std::make_unique<EventQueue>(wake.get());
  constexpr std::uint64_t kEvents = 50'000;
  std::atomic<std::uint64_t> taken{0};
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < kEvents; ++i) {
      queue->on_event(event(i));
      // Only now and then, so that the reader falls asleep in between.
      while (i % 7 == 0 && taken.load() + queue->dropped() <= i) std::this_thread::yield();
    }
  });
  bool slept_through = false;
  while (taken.load() + queue->dropped() < kEvents && !slept_through) {
    if (queue->may_sleep()) {
      pollfd polled{.fd = wake.get(), .events = POLLIN, .revents = 0};
      slept_through = ::poll(&polled, 1, 20'000) == 0;
    }
    std::uint64_t count = 0;
    (void)!::read(wake.get(), &count, sizeof count);
    while (queue->take()) taken.fetch_add(1);
  }
  EXPECT_FALSE(slept_through);
  if (slept_through) taken = kEvents;  // lets the writer go
  writer.join();
}

}  // namespace
}  // namespace mcast::test
