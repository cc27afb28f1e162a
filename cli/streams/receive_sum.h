// What several streams, or the senders of one, have counted together, as far as
// mcast-receive shows it. A pure function.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

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
  // The source heard last in all these streams; nullptr where nothing came. Lives
  // as long as the snapshots.
  const SourceSnapshot* latest = nullptr;

  [[nodiscard]] std::size_t in(ReceiverState state) const {
    return states[static_cast<std::size_t>(state)];
  }
  // Lost in percent of all numbers from each sender's first to its highest; 0 when
  // there were none.
  [[nodiscard]] double loss_percent() const;
};

[[nodiscard]] ReceiveSum sum_of(std::span<const ReceiverSnapshot> receivers,
                                std::span<const SocketSnapshot> sockets = {});

}  // namespace mcast::cli
