#include "exporter/families.h"

#include <optional>

#include "base/clock.h"

namespace mcast::exporter {
namespace {

using Value = std::optional<double>;
using Sender = SourceSnapshot;

double number(auto value) {
  return static_cast<double>(value);
}

constexpr Column<Sender> kColumns[] = {
    {Kind::kCounter, "mcast_receiver_packets_total", "Probe packets received, duplicates included.",
     [](const Sender& s) -> Value { return number(s.counters.packets); }},
    {Kind::kCounter, "mcast_receiver_bytes_total", "UDP payload of the probe packets received.",
     [](const Sender& s) -> Value { return number(s.counters.bytes); }},
    {Kind::kCounter, "mcast_receiver_lost_packets_total",
     "Sequence numbers that did not arrive in time.",
     [](const Sender& s) -> Value { return number(s.counters.lost); }},
    {Kind::kCounter, "mcast_receiver_late_packets_total",
     "Probe packets that arrived after they had been counted as lost.",
     [](const Sender& s) -> Value { return number(s.counters.late); }},
    {Kind::kCounter, "mcast_receiver_duplicate_packets_total",
     "Probe packets whose sequence number had been seen already.",
     [](const Sender& s) -> Value { return number(s.counters.duplicates); }},
    {Kind::kCounter, "mcast_receiver_reordered_packets_total",
     "Probe packets that arrived behind a higher sequence number.",
     [](const Sender& s) -> Value { return number(s.counters.reordered); }},
    {Kind::kCounter, "mcast_receiver_errored_seconds_total",
     "Seconds of receiving in which at least one packet was lost.",
     [](const Sender& s) -> Value { return number(s.counters.errored_seconds); }},
    {Kind::kCounter, "mcast_receiver_sender_restarts_total",
     "Times that a new sender ID took over from one that fell silent.",
     [](const Sender& s) -> Value { return number(s.restarts); }},
    {Kind::kCounter, "mcast_receiver_ttl_changes_total", "Times that the TTL on arrival changed.",
     [](const Sender& s) -> Value { return number(s.counters.ttl_changes); }},
    {Kind::kCounter, "mcast_receiver_remarked_packets_total",
     "Probe packets that arrived with another DSCP than they were sent with.",
     [](const Sender& s) -> Value { return number(s.counters.remarked); }},
    {Kind::kGauge, "mcast_receiver_ttl", "TTL of the last probe packet on arrival.",
     [](const Sender& s) -> Value { return number(s.ttl); }},
    {Kind::kGauge, "mcast_receiver_sent_ttl", "TTL that the sender gave its last probe packet.",
     [](const Sender& s) -> Value { return number(s.sent_ttl); }},
    {Kind::kGauge, "mcast_receiver_hops",
     "Sent TTL minus arrived TTL of the last probe packet; may be negative.",
     [](const Sender& s) -> Value { return number(s.hops()); }},
    {Kind::kGauge, "mcast_receiver_dscp", "DSCP of the last probe packet on arrival.",
     [](const Sender& s) -> Value { return number(s.dscp); }},
    {Kind::kGauge, "mcast_receiver_sent_dscp", "DSCP that the sender gave its last probe packet.",
     [](const Sender& s) -> Value { return number(s.sent_dscp); }},
    {Kind::kGauge, "mcast_receiver_jitter_seconds",
     "Interarrival jitter (RFC 3550) from kernel timestamps.",
     [](const Sender& s) -> Value { return to_seconds(s.jitter); }},
    {Kind::kGauge, "mcast_receiver_longest_interruption_seconds",
     "Longest time covered by consecutive lost packets, on the sender's clock.",
     [](const Sender& s) -> Value { return to_seconds(s.longest_interruption); }},
    {Kind::kGauge, "mcast_receiver_sender_last_packet_timestamp_seconds",
     "When the last probe packet of this sender arrived, since 1970.",
     [](const Sender& s) -> Value {
       return s.last_packet_realtime > 0 ? Value(to_seconds(s.last_packet_realtime)) : std::nullopt;
     }}};

}  // namespace

void add_per_sender_families(const std::vector<ReceiverSnapshot>& receivers, Families& families) {
  std::vector<Labelled<Sender>> rows;
  for (const ReceiverSnapshot& receiver : receivers) {
    const LabelSet labels = receiver_labels(receiver);
    for (const SourceSnapshot& source : receiver.sources) {
      rows.push_back({source, labels.with("sender", source.source.to_string())});
    }
  }

  add_columns<Sender>(kColumns, rows, families);

  FamilyBuilder bursts(families, Kind::kHistogram, "mcast_receiver_loss_burst_packets",
                       "Lengths of runs of consecutive lost packets (RFC 3357).");
  FamilyBuilder interruptions(families, Kind::kHistogram, "mcast_receiver_interruption_seconds",
                              "Time covered by consecutive lost packets, on the sender's clock.");
  for (const auto& [source, labels] : rows) {
    bursts.add(labels, source.counters.loss_bursts);
    interruptions.add(labels, source.counters.interruptions);
  }
}

}  // namespace mcast::exporter
