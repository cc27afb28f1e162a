#include "probe/snapshot.h"

namespace mcast {

std::string_view to_string(ReceiverState state) {
  switch (state) {
    case ReceiverState::kWaiting:
      return "waiting";
    case ReceiverState::kReceiving:
      return "receiving";
    case ReceiverState::kStalled:
      return "stalled";
    case ReceiverState::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string_view to_string(SenderState state) {
  switch (state) {
    case SenderState::kSending:
      return "sending";
    case SenderState::kFinished:
      return "finished";
    case SenderState::kFailed:
      return "failed";
  }
  return "unknown";
}

void ReceptionCounters::add(const ReceptionCounters& other) {
  packets += other.packets;
  bytes += other.bytes;
  lost += other.lost;
  late += other.late;
  duplicates += other.duplicates;
  reordered += other.reordered;
  errored_seconds += other.errored_seconds;
  ttl_changes += other.ttl_changes;
  remarked += other.remarked;
  loss_bursts.add(other.loss_bursts);
  interruptions.add(other.interruptions);
}

std::optional<double> loss_ratio(const ReceptionCounters& counters) {
  const std::uint64_t expected =
      counters.packets - counters.duplicates + counters.lost - counters.late;
  if (expected == 0) return std::nullopt;
  return static_cast<double>(counters.lost) / static_cast<double>(expected);
}

}  // namespace mcast
