#include "cli/streams/receive_sum.h"

#include <algorithm>

namespace mcast::cli {

double ReceiveSum::loss_percent() const {
  const auto lost = static_cast<double>(counters.lost);
  const auto distinct = static_cast<double>(counters.packets - counters.duplicates);
  const double sent = distinct + lost - static_cast<double>(counters.late);
  return sent > 0 ? 100 * lost / sent : 0;
}

ReceiveSum sum_of(std::span<const ReceiverSnapshot> receivers,
                  std::span<const SocketSnapshot> sockets) {
  ReceiveSum sum;
  for (const ReceiverSnapshot& receiver : receivers) {
    ++sum.states[static_cast<std::size_t>(receiver.state)];
    sum.rejected.foreign += receiver.rejected.foreign;
    sum.rejected.version += receiver.rejected.version;
    sum.rejected.truncated += receiver.rejected.truncated;
    sum.rejected.stale += receiver.rejected.stale;
    sum.rejected.implausible += receiver.rejected.implausible;
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
  sum.rejected_packets = sum.rejected.foreign + sum.rejected.version + sum.rejected.truncated +
                         sum.rejected.stale + sum.rejected.implausible;
  return sum;
}

}  // namespace mcast::cli
