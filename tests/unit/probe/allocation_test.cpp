// The hot paths take no memory from the heap. A test binary of its own, because it
// replaces operator new; no network: socket pairs stand for it.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/command_queue.h"
#include "base/file_descriptor.h"
#include "probe/event_queue.h"
#include "probe/receive_loop.h"
#include "probe/receive_stream.h"
#include "probe/send_batch.h"
#include "probe/send_stream.h"
#include "probe/wire.h"
#include "tests/unit/probe/stream_feed.h"

namespace {

// Each thread counts its own.
thread_local std::uint64_t allocations = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The other forms of the standard library end in these. Not inlined: GCC, which then
// sees free() of what came from a new that it does not look into, takes it for a
// mistake (-Wmismatched-new-delete, in sanitizer builds).
[[gnu::noinline]] void* operator new(std::size_t size) {
  return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
// NOLINTBEGIN(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): what
// stands behind new and delete.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)

namespace mcast::test {
namespace {

template <typename Function>
std::uint64_t allocations_of(Function&& function) {
  const std::uint64_t before = allocations;
  function();
  return allocations - before;
}

// What counts has to count: else the tests below say nothing.
TEST(Allocations, AreCounted) {
  EXPECT_EQ(allocations_of([] { std::vector<int> memory(1000); }), 1U);
}

class TrackerAllocations : public ::testing::Test {
 protected:
  void warm_up(std::uint64_t packets) {
    for (std::uint64_t i = 0; i < packets; ++i) next();
  }
  void next() {
    tracker_.on_probe(sender_.header(sender_.next), arrival(sender_.due()));
    ++sender_.next;
  }
  void again(std::uint64_t sequence) {
    tracker_.on_probe(sender_.header(sequence), arrival(sender_.due()));
  }
  [[nodiscard]] StreamTracker::Arrival arrival(Nanoseconds time) const {
    return {.source = sender_.source, .time = time, .size = 200, .ttl = 97, .dscp = 0};
  }
  [[nodiscard]] ReceptionCounters counters() const {
    ReceiverSnapshot snapshot;
    tracker_.snapshot(0, 0, snapshot);
    return snapshot.sources.at(0).counters;
  }

  EventQueue events_;
  StreamTracker tracker_{1, {.stall = 3 * kSecond, .loss = kSecond}, events_};
  TestSender sender_;
};

TEST_F(TrackerAllocations, APacketInOrderTakesNoMemory) {
  warm_up(1);
  EXPECT_EQ(allocations_of([&] { warm_up(10'000); }), 0U);
  EXPECT_EQ(counters().packets, 10'001U);
}

TEST_F(TrackerAllocations, ADuplicateTakesNoMemory) {
  warm_up(10);
  EXPECT_EQ(allocations_of([&] {
              for (std::uint64_t i = 0; i < 1'000; ++i) again(i % 10);
            }),
            0U);
  EXPECT_EQ(counters().duplicates, 1'000U);
}

TEST_F(TrackerAllocations, LossAndReorderingTakeMemoryOnlyOnce) {
  const auto lose_some = [&] {
    for (int i = 0; i < 1'000; ++i) {
      next();
      sender_.next += 2;
      next();
      again(sender_.next - 3);
    }
  };
  lose_some();
  EXPECT_EQ(allocations_of(lose_some), 0U);
  EXPECT_GT(counters().lost, 0U);
  EXPECT_GT(counters().reordered, 0U);
}

TEST_F(TrackerAllocations, APacketThatIsRefusedTakesNoMemory) {
  warm_up(10);
  EXPECT_EQ(allocations_of([&] {
              for (int i = 0; i < 1'000; ++i) {
                again(std::numeric_limits<std::uint64_t>::max());
                tracker_.on_rejected(NotAProbe::kForeign);
              }
            }),
            0U);
}

struct Pair {
  Pair() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    near = FileDescriptor(ends[0]);
    far = FileDescriptor(ends[1]);
  }
  FileDescriptor near;
  FileDescriptor far;
};

// A datagram that comes through a pair has no destination and no interface: the
// stream listens to just that.
TEST(ReceiveLoopAllocations, ABatchOfDatagramsTakesNoMemory) {
  constexpr StreamTable::Key kKey{.group = IpAddress(), .ifindex = 0, .port = 1};
  constexpr std::uint64_t kPackets = 500;  // in rounds that fit the socket's queue
  constexpr std::uint64_t kRound = 5;
  const SystemClock clock;
  EventQueue events;
  ReceiveStream stream(1, ReceiverSpec{}, events);
  auto commands = CommandQueue::create();
  ASSERT_TRUE(commands);
  ReceiveLoop loop(clock, **commands);
  Pair pair;
  loop.watch(stream);
  loop.listen(kKey, stream);
  loop.add_socket(Family::kIpv4, 1, std::move(pair.near));
  std::thread thread([&] { loop.run(); });
  // Until it runs, commands run here.
  auto runs_in = std::this_thread::get_id();
  while (runs_in == std::this_thread::get_id()) {
    (*commands)->execute([&] { runs_in = std::this_thread::get_id(); });
  }

  std::array<std::uint8_t, 200> datagram{};
  std::uint64_t sequence = 0;
  const auto send_round = [&] {
    for (std::uint64_t i = 0; i < kRound; ++i) {
      encode_probe(ProbeHeader{.sequence = sequence++,
                               .send_time = static_cast<std::uint64_t>(clock.monotonic()),
                               .sender_id = 7,
                               .payload_length = 0,
                               .ttl = 0,
                               .dscp = 0},
                   datagram);
      EXPECT_EQ(::send(pair.far.get(), datagram.data(), datagram.size(), 0),
                static_cast<ssize_t>(datagram.size()));
    }
    // The loop runs commands, then reads: the second one comes after the reading.
    (*commands)->execute([] {});
    (*commands)->execute([] {});
  };
  send_round();
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  (*commands)->execute([&] { before = allocations; });
  while (sequence < kPackets) send_round();
  ReceiverSnapshot snapshot;
  (*commands)->execute([&] {
    after = allocations;
    stream.tracker.snapshot(clock.monotonic(), 0, snapshot);
    loop.stop();
  });
  thread.join();
  EXPECT_EQ(after - before, 0U);
  ASSERT_EQ(snapshot.sources.size(), 1U);
  EXPECT_EQ(snapshot.sources[0].counters.packets, kPackets);
}

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now; }
  [[nodiscard]] Nanoseconds realtime() const override { return now; }
  Nanoseconds now = kSecond;
};

TEST(SendStreamAllocations, APacketThatIsSentTakesNoMemory) {
  Pair pair;
  SenderSpec spec;
  spec.packets_per_second = 1000;
  SendStream stream(spec, 1);
  SendBatch batch;
  StoppedClock clock;
  stream.attach(std::move(pair.near), 1472, clock.now);
  std::array<std::uint8_t, 2048> received{};
  EXPECT_EQ(allocations_of([&] {
              for (int i = 0; i < 1'000; ++i) {
                stream.send_due(clock.now, {}, batch);
                clock.now = stream.next_due();
                while (::recv(pair.far.get(), received.data(), received.size(), 0) > 0) {
                }
              }
            }),
            0U);
  SenderSnapshot snapshot;
  stream.snapshot(0, snapshot);
  EXPECT_EQ(snapshot.packets, 1'000U);
}

}  // namespace
}  // namespace mcast::test
