// What all streams have counted together, as far as mcast-receive shows it. A pure
// function.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::cli {

struct ReceiveSum {
  ReceptionCounters counters;
  RejectedPackets rejected;
  std::uint64_t rejected_packets = 0;
  std::uint64_t stalls = 0;
  Nanoseconds stalled_time = 0;
  std::uint64_t restarts = 0;
  std::uint64_t senders_seen = 0;
  std::uint64_t active_senders = 0;
  std::uint64_t untracked = 0;
  std::uint64_t socket_drops = 0;
  Nanoseconds longest_interruption = 0;
  Nanoseconds jitter = 0;       // the highest of senders
  Nanoseconds join_delay = -1;  // the longest of streams
  std::array<std::size_t, 4> states{};

  [[nodiscard]] std::size_t in(ReceiverState state) const {
    return states[static_cast<std::size_t>(state)];
  }
};

[[nodiscard]] ReceiveSum sum_of(const std::vector<ReceiverSnapshot>& receivers,
                                const std::vector<SocketSnapshot>& sockets);

}  // namespace mcast::cli
