#include "probe/snapshot.h"

#include <array>
#include <cstdio>

namespace mcast {

std::string_view to_string(ReceiverState state) {
  switch (state) {
    case ReceiverState::kWaiting:
      return "waiting";
    case ReceiverState::kReceiving:
      return "receiving";
    case ReceiverState::kStalled:
      return "stalled";
    case ReceiverState::kEnded:
      return "ended";
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

std::string sender_id_text(std::uint32_t id) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "0x%08x", id);
  return text.data();
}

void ReceptionCounters::add(const ReceptionCounters& other) {
  packets += other.packets;
  bytes += other.bytes;
  lost += other.lost;
  outage_lost += other.outage_lost;
  late += other.late;
  duplicates += other.duplicates;
  reordered += other.reordered;
  errored_seconds += other.errored_seconds;
  ttl_changes += other.ttl_changes;
  remarked += other.remarked;
  loss_bursts.add(other.loss_bursts);
  interruptions.add(other.interruptions);
}

std::optional<double> loss_ratio(const ReceptionCounters& counters, std::uint64_t overdue) {
  // In floating point: the sum of the largest counters would not fit.
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  const double lost = number(counters.lost) + number(overdue);
  const double expected =
      number(counters.packets) - number(counters.duplicates) + lost - number(counters.late);
  if (expected <= 0) return std::nullopt;
  return lost / expected;
}

}  // namespace mcast
