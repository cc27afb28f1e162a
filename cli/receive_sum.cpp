#include "cli/receive_sum.h"

#include <algorithm>

namespace mcast::cli {

ReceiveSum sum_of(const std::vector<ReceiverSnapshot>& receivers,
                  const std::vector<SocketSnapshot>& sockets) {
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
      // Not ReceptionCounters::add(): its histograms are not shown, and there may be
      // thousands of groups.
      sum.counters.packets += source.counters.packets;
      sum.counters.bytes += source.counters.bytes;
      sum.counters.lost += source.counters.lost;
      sum.counters.late += source.counters.late;
      sum.counters.duplicates += source.counters.duplicates;
      sum.counters.reordered += source.counters.reordered;
      sum.counters.remarked += source.counters.remarked;
      sum.restarts += source.restarts;
      sum.longest_interruption = std::max(sum.longest_interruption, source.longest_interruption);
      sum.jitter = std::max(sum.jitter, source.jitter);
    }
  }
  for (const SocketSnapshot& socket : sockets) sum.socket_drops += socket.drops;
  sum.rejected_packets = sum.rejected.foreign + sum.rejected.version + sum.rejected.truncated +
                         sum.rejected.stale + sum.rejected.implausible;
  return sum;
}

}  // namespace mcast::cli
