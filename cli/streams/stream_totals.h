// What several streams, or the senders of one, have counted together, as far as mcast-send
// and mcast-receive show it. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
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
  // The counters of senders: packets, bytes, and as lost what could not be sent.
  ReceptionCounters counters;
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
  Nanoseconds longest_interruption = 0;
  Nanoseconds jitter = 0;       // the highest of senders
  Nanoseconds join_delay = -1;  // the longest of streams
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
  // 0 where nothing was expected.
  [[nodiscard]] double loss_percent() const { return 100 * loss_ratio(counters).value_or(0); }
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

// "239.1.1.1", or of several streams "239.1.1.1 to 239.1.1.9".
template <typename Stream>
[[nodiscard]] std::string groups_of(const std::vector<Stream>& streams) {
  const std::string first = streams.front().spec.group.to_string();
  return streams.size() == 1 ? first : first + " to " + streams.back().spec.group.to_string();
}

}  // namespace mcast::cli
