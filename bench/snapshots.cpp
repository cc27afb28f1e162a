// How long a snapshot of 1,000 streams keeps the receive thread from its packets,
// and that none is lost meanwhile.
//
// The engine reads the clock that it was given: once in a turn for the wait, once
// when a visit begins, after each stream that it copied, and once before it reads
// the sockets. So a clock that listens knows how long visits last, without a line
// in the engine for it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/receivers.h"
#include "bench/task_time.h"
#include "bench/traffic.h"

namespace mcast::bench {
namespace {

constexpr std::size_t kStreams = 1'000;
constexpr Nanoseconds kDuration = 4 * kSecond;
constexpr std::chrono::milliseconds kEvery{100};

class ListeningClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override {
    const Nanoseconds now = system_.monotonic();
    if (this_thread_is_listened_to()) {
      ++readings_;
      // After the one that follows the wall clock's, the turn's own and the wait's.
      if (readings_ == 4) first_ = now;
      last_ = now;
    }
    return now;
  }
  // Once a turn, after the commands and before the sockets.
  [[nodiscard]] Nanoseconds realtime() const override {
    if (this_thread_is_listened_to()) {
      if (readings_ > 4) {
        held_.push_back(last_ - first_);
        copies_ += readings_ - 5;
      }
      readings_ = 0;
    }
    return system_.realtime();
  }

  // One thread, until nullopt.
  void listen_to(pid_t thread) { thread_ = thread; }
  // After that thread has ended.
  [[nodiscard]] const std::vector<Nanoseconds>& held() const { return held_; }
  [[nodiscard]] std::size_t copies() const { return copies_; }

 private:
  [[nodiscard]] bool this_thread_is_listened_to() const {
    return thread_.load(std::memory_order_relaxed) == this_thread();
  }

  SystemClock system_;
  std::atomic<pid_t> thread_{0};
  // A clock is const to who reads it.
  mutable std::size_t readings_ = 0;
  mutable Nanoseconds first_ = 0;
  mutable Nanoseconds last_ = 0;
  mutable std::vector<Nanoseconds> held_;
  mutable std::size_t copies_ = 0;
};

}  // namespace

void measure_snapshots(int runs, Report& report) {
  Figure longest{.what = "snapshot of 1,000 streams, longest visit to the receive thread",
                 .unit = "ms",
                 .values = {},
                 .at_most = 1};
  Figure usual{.what = "  usual visit", .unit = "ms", .values = {}};
  Figure whole{.what = "  the whole snapshot, for who asked", .unit = "ms", .values = {}};
  Figure missing{.what = "  packets lost at 25 kpps and 10 snapshots a second",
                 .unit = "packets",
                 .values = {},
                 .at_most = 0};
  for (int run = 0; run < runs; ++run) {
    const Cable cable;
    const auto addresses = groups(kStreams);
    ListeningClock clock;
    std::vector<double> took;
    {
      EngineReceiver receiver(cable, addresses, clock);
      Traffic traffic(cable, addresses, 25);
      clock.listen_to(receiver.thread());
      std::atomic<bool> over{false};
      std::thread asking([&] {
        const SystemClock system;
        while (!over) {
          const Nanoseconds before = system.monotonic();
          (void)receiver.engine().snapshot();
          took.push_back(static_cast<double>(system.monotonic() - before) / kMillisecond);
          std::this_thread::sleep_for(kEvery);  // the pace of the visits
        }
      });
      const std::uint64_t sent = traffic.run(kDuration);
      // One more visit, and time for the packets that were sent last: what is not there then is
      // told as lost.
      std::this_thread::sleep_for(kEvery);
      over = true;
      asking.join();
      const Receiver::Count count = receiver.count();
      missing.values.push_back(static_cast<double>(sent) - static_cast<double>(count.packets) +
                               static_cast<double>(count.drops));
    }
    // count() took one more.
    const std::size_t expected = (took.size() + 1) * kStreams;
    if (clock.copies() < expected * 99 / 100 || clock.copies() > expected * 101 / 100) {
      test::fail_with(
          "the receive thread reads its clock in another order than snapshots.cpp says");
    }
    std::vector<double> held;
    for (const Nanoseconds time : clock.held()) {
      held.push_back(static_cast<double>(time) / kMillisecond);
    }
    longest.values.push_back(quantile(held, 1));
    usual.values.push_back(median(held));
    whole.values.push_back(median(took));
  }
  for (Figure* each : {&longest, &usual, &whole, &missing}) report.add(std::move(*each));
}

}  // namespace mcast::bench
