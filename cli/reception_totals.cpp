#include "cli/reception_totals.h"

#include <algorithm>

namespace mcast::cli {

double ReceptionTotals::loss_percent() const {
  const auto lost = static_cast<double>(counters.lost);
  const auto distinct = static_cast<double>(counters.packets - counters.duplicates);
  const double sent = distinct + lost - static_cast<double>(counters.late);
  return sent > 0 ? 100 * lost / sent : 0;
}

ReceptionTotals reception_totals(std::span<const ReceiverSnapshot> streams) {
  ReceptionTotals totals;
  for (const ReceiverSnapshot& stream : streams) {
    totals.rejected.foreign += stream.rejected.foreign;
    totals.rejected.version += stream.rejected.version;
    totals.rejected.truncated += stream.rejected.truncated;
    totals.rejected.stale += stream.rejected.stale;
    totals.rejected.implausible += stream.rejected.implausible;
    totals.stalls += stream.stalls;
    totals.senders_seen += stream.senders_seen;
    totals.stalled_time += stream.stalled_time;
    for (const SourceSnapshot& source : stream.sources) {
      totals.counters.add(source.counters);
      totals.restarts += source.restarts;
      totals.longest_interruption =
          std::max(totals.longest_interruption, source.longest_interruption);
      if (totals.latest == nullptr ||
          source.last_packet_realtime > totals.latest->last_packet_realtime) {
        totals.latest = &source;
      }
    }
  }
  return totals;
}

}  // namespace mcast::cli
