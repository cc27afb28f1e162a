// What several streams, or the senders of one, have counted together, as far as mcast-send
// and mcast-receive show it. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// Why packets were not counted, in the order in which that is listed.
inline constexpr std::array<std::pair<std::string_view, std::uint64_t RejectedPackets::*>, 5>
    kRejections{{{"foreign", &RejectedPackets::foreign},
                 {"version", &RejectedPackets::version},
                 {"truncated", &RejectedPackets::truncated},
                 {"stale", &RejectedPackets::stale},
                 {"implausible", &RejectedPackets::implausible}}};

struct StreamTotals {
  // Overdue packets count as lost ones. The counters of senders: packets, bytes, and as lost what
  // could not be sent.
  ReceptionCounters counters;
  std::uint64_t overdue = 0;  // of counters.lost: an estimate, while nothing comes
  std::array<std::size_t, kReceiverStates.size()> states{};

  // Receivers:
  RejectedPackets rejected;
  std::uint64_t rejected_packets = 0;
  std::uint64_t stalls = 0;
  Nanoseconds stalled_time = 0;
  std::uint64_t restarts = 0;
  std::uint64_t senders_seen = 0;
  std::uint64_t active_senders = 0;
  std::uint64_t untracked = 0;
  std::uint64_t socket_drops = 0;
  // The worst of several, and whose it is: a group's, or a sender's where there is one group.
  // Whose is told where it could be another's.
  struct Worst {
    Nanoseconds value = -1;
    std::optional<IpAddress> of = {};
    // Of an interruption: when it ended, or how long it goes on so far.
    Nanoseconds realtime = 0;
    bool is_running = false;
  };
  Worst longest_gap;  // the longest interruption, or silence so far; -1: there was none
  Worst jitter;
  Worst join_delay;
  // The source heard last in all these streams; nullptr where nothing came. Lives
  // as long as the snapshots.
  const SourceSnapshot* latest = nullptr;

  // Senders:
  std::map<std::string, std::uint64_t> errors;  // errno's name -> failed sends
  std::uint64_t skipped = 0;
  std::uint64_t limit = 0;  // of packets; kNoLimit: at least one has none
  double target = 0;        // packets a second
  double target_bits = 0;
  ScheduleLagHistogram lag;

  template <typename State>
  [[nodiscard]] std::size_t in(State state) const {
    return states[static_cast<std::size_t>(state)];
  }
  // Nothing where nothing was expected.
  [[nodiscard]] std::optional<double> loss_percent() const {
    const auto ratio = loss_ratio(counters);
    return ratio ? std::optional(100 * *ratio) : std::nullopt;
  }
};

[[nodiscard]] StreamTotals totals_of(std::span<const ReceiverSnapshot> receivers,
                                     std::span<const SocketSnapshot> sockets = {});
[[nodiscard]] StreamTotals totals_of(std::span<const SenderSnapshot> senders);
// The totals of its receivers or, where it has none, of its senders.
[[nodiscard]] StreamTotals totals_of(const ProbeSnapshot& streams);
template <typename Stream>
  requires requires(const Stream& stream) { stream.spec; }
[[nodiscard]] StreamTotals totals_of(const Stream& stream) {
  return totals_of(std::span(&stream, 1));
}

// What was counted between two snapshots of the same streams, of which `before` is from `moment`
// (realtime); of interruptions, those that ended after it. Never below 0.
[[nodiscard]] ProbeSnapshot counted_since(ProbeSnapshot now, const ProbeSnapshot& before,
                                          Nanoseconds moment);

// The states of receivers, the worst first.
inline constexpr std::array kWorstFirst{ReceiverState::kFailed, ReceiverState::kStalled,
                                        ReceiverState::kWaiting, ReceiverState::kEnded,
                                        ReceiverState::kReceiving};
static_assert(kWorstFirst.size() == kReceiverStates.size());
[[nodiscard]] ReceiverState worst_state(const StreamTotals& totals);

// Packets a second over a whole run.
[[nodiscard]] double mean_rate(const StreamTotals& totals, Nanoseconds elapsed);

// A sender's counters with its overdue packets as lost ones.
[[nodiscard]] ReceptionCounters with_overdue(const SourceSnapshot& source);
// Its longest interruption, or its silence so far.
[[nodiscard]] StreamTotals::Worst longest_gap_of(const SourceSnapshot& source);

}  // namespace mcast::cli
