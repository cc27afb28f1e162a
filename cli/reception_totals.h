// What several streams, or the senders of one, received in all. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "probe/snapshot.h"

namespace mcast::cli {

struct ReceptionTotals {
  ReceptionCounters counters;
  RejectedPackets rejected;
  std::uint64_t restarts = 0;
  std::uint64_t stalls = 0;
  std::uint64_t senders_seen = 0;
  Nanoseconds stalled_time = 0;
  Nanoseconds longest_interruption = 0;
  // The source heard last in all these streams; nullptr where nothing came. Lives
  // as long as the snapshots.
  const SourceSnapshot* latest = nullptr;

  // Lost in percent of all numbers from each sender's first to its highest; 0 when
  // there were none.
  [[nodiscard]] double loss_percent() const;
};

[[nodiscard]] ReceptionTotals reception_totals(std::span<const ReceiverSnapshot> streams);

}  // namespace mcast::cli
