#include "cli/streams/stream_totals.h"

#include <algorithm>

namespace mcast::cli {

StreamTotals totals_of(std::span<const ReceiverSnapshot> receivers,
                       std::span<const SocketSnapshot> sockets) {
  StreamTotals sum;
  for (const ReceiverSnapshot& receiver : receivers) {
    ++sum.states[static_cast<std::size_t>(receiver.state)];
    for (const auto& [name, count] : kRejections) {
      sum.rejected.*count += receiver.rejected.*count;
      sum.rejected_packets += receiver.rejected.*count;
    }
    sum.stalls += receiver.stalls;
    sum.stalled_time += receiver.stalled_time;
    sum.senders_seen += receiver.senders_seen;
    sum.active_senders += receiver.active_senders;
    sum.untracked += receiver.untracked_packets;
    sum.join_delay = std::max(sum.join_delay, receiver.join_delay);
    for (const SourceSnapshot& source : receiver.sources) {
      sum.counters.add(source.counters);
      sum.restarts += source.restarts;
      sum.longest_interruption = std::max(sum.longest_interruption, source.longest_interruption);
      sum.jitter = std::max(sum.jitter, source.jitter);
      if (sum.latest == nullptr || source.last_packet_realtime > sum.latest->last_packet_realtime) {
        sum.latest = &source;
      }
    }
  }
  for (const SocketSnapshot& socket : sockets) sum.socket_drops += socket.drops;
  return sum;
}

StreamTotals totals_of(std::span<const SenderSnapshot> senders) {
  StreamTotals sum;
  for (const SenderSnapshot& sender : senders) {
    ++sum.states[static_cast<std::size_t>(sender.state)];
    sum.counters.packets += sender.packets;
    sum.counters.bytes += sender.bytes;
    for (const auto& [name, count] : sender.errors) {
      sum.errors[name] += count;
      sum.counters.lost += count;
    }
    sum.skipped += sender.skipped;
    const std::uint64_t limit = sender.spec.left_of_limit();
    sum.limit = std::max(sum.limit, limit) == kNoLimit ? kNoLimit : sum.limit + limit;
    sum.target += sender.spec.packets_per_second;
    sum.target_bits += sender.spec.packets_per_second * 8.0 * static_cast<double>(sender.spec.size);
    sum.lag.add(sender.schedule_lag);
  }
  return sum;
}

StreamTotals totals_of(const ProbeSnapshot& streams) {
  return streams.receivers.empty() ? totals_of(streams.senders)
                                   : totals_of(streams.receivers, streams.sockets);
}

}  // namespace mcast::cli
