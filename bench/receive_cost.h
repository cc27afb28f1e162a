// What one receiver pays for a packet.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include "bench/receivers.h"
#include "bench/task_time.h"
#include "bench/traffic.h"

namespace mcast::bench {

struct ReceiveCost {
  double microseconds = 0;   // CPU time of the receive thread, a packet
  double missing = 0;        // sent and not received
  double drops = 0;          // of these at the receiver's sockets
  double sent_a_second = 0;  // that the traffic kept its rate
};

// `receiver` is new, and has joined the groups of `traffic`.
inline ReceiveCost receive_cost(Receiver& receiver, Traffic& traffic, Nanoseconds duration) {
  const SystemClock clock;
  const Nanoseconds cpu_before = thread_time(receiver.thread());
  const Nanoseconds started = clock.monotonic();
  const std::uint64_t sent = traffic.run(duration);
  const Nanoseconds took = clock.monotonic() - started;
  // Longer than any receiver here lets packets wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const Nanoseconds cpu = thread_time(receiver.thread()) - cpu_before;
  const Receiver::Count count = receiver.count();
  return {.microseconds = static_cast<double>(cpu) / 1000 / static_cast<double>(count.packets),
          .missing = static_cast<double>(sent) - static_cast<double>(count.packets),
          .drops = static_cast<double>(count.drops),
          .sent_a_second = static_cast<double>(sent) / to_seconds(took)};
}

}  // namespace mcast::bench
