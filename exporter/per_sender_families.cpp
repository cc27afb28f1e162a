#include "exporter/families.h"

#include <array>
#include <cstddef>

#include "base/clock.h"

namespace mcast::exporter {
namespace {

using Kind = FamilyBuilder::Kind;

// One metric with a plain value, or (`absent_at_zero`) with none while it is 0.
struct Column {
  Kind kind{};
  const char* name = nullptr;
  const char* help = nullptr;
  double (*value)(const SourceSnapshot&) = nullptr;
  bool absent_at_zero = false;
};

double count(std::uint64_t value) {
  return static_cast<double>(value);
}

constexpr std::array kCounts{
    Column{Kind::kCounter, "mcast_receiver_packets_total",
           "Probe packets received, duplicates included.",
           [](const SourceSnapshot& s) { return count(s.counters.packets); }},
    Column{Kind::kCounter, "mcast_receiver_bytes_total",
           "UDP payload of the probe packets received.",
           [](const SourceSnapshot& s) { return count(s.counters.bytes); }},
    Column{Kind::kCounter, "mcast_receiver_lost_packets_total",
           "Sequence numbers that did not arrive in time.",
           [](const SourceSnapshot& s) { return count(s.counters.lost); }},
    Column{Kind::kCounter, "mcast_receiver_late_packets_total",
           "Probe packets that arrived after they had been counted as lost.",
           [](const SourceSnapshot& s) { return count(s.counters.late); }},
    Column{Kind::kCounter, "mcast_receiver_duplicate_packets_total",
           "Probe packets whose sequence number had been seen already.",
           [](const SourceSnapshot& s) { return count(s.counters.duplicates); }},
    Column{Kind::kCounter, "mcast_receiver_reordered_packets_total",
           "Probe packets that arrived behind a higher sequence number.",
           [](const SourceSnapshot& s) { return count(s.counters.reordered); }},
    Column{Kind::kCounter, "mcast_receiver_errored_seconds_total",
           "Seconds of receiving in which at least one packet was lost.",
           [](const SourceSnapshot& s) { return count(s.counters.errored_seconds); }},
    Column{Kind::kCounter, "mcast_receiver_sender_restarts_total",
           "Times that a new sender ID took over from one that fell silent.",
           [](const SourceSnapshot& s) { return count(s.restarts); }},
    Column{Kind::kCounter, "mcast_receiver_ttl_changes_total",
           "Times that the TTL on arrival changed.",
           [](const SourceSnapshot& s) { return count(s.counters.ttl_changes); }},
    Column{Kind::kCounter, "mcast_receiver_remarked_packets_total",
           "Probe packets that arrived with another DSCP than they were sent with.",
           [](const SourceSnapshot& s) { return count(s.counters.remarked); }}};

constexpr std::array kGauges{
    Column{Kind::kGauge, "mcast_receiver_ttl", "TTL of the last probe packet on arrival.",
           [](const SourceSnapshot& s) { return static_cast<double>(s.ttl); }},
    Column{Kind::kGauge, "mcast_receiver_sent_ttl",
           "TTL that the sender gave its last probe packet.",
           [](const SourceSnapshot& s) { return static_cast<double>(s.sent_ttl); }},
    Column{Kind::kGauge, "mcast_receiver_hops",
           "Sent TTL minus arrived TTL of the last probe packet; may be negative.",
           [](const SourceSnapshot& s) { return static_cast<double>(s.hops()); }},
    Column{Kind::kGauge, "mcast_receiver_dscp", "DSCP of the last probe packet on arrival.",
           [](const SourceSnapshot& s) { return static_cast<double>(s.dscp); }},
    Column{Kind::kGauge, "mcast_receiver_sent_dscp",
           "DSCP that the sender gave its last probe packet.",
           [](const SourceSnapshot& s) { return static_cast<double>(s.sent_dscp); }},
    Column{Kind::kGauge, "mcast_receiver_jitter_seconds",
           "Interarrival jitter (RFC 3550) from kernel timestamps.",
           [](const SourceSnapshot& s) { return to_seconds(s.jitter); }},
    Column{Kind::kGauge, "mcast_receiver_longest_interruption_seconds",
           "Longest time covered by consecutive lost packets, on the sender's clock.",
           [](const SourceSnapshot& s) { return to_seconds(s.longest_interruption); }},
    Column{Kind::kGauge, "mcast_receiver_sender_last_packet_timestamp_seconds",
           "When the last probe packet of this sender arrived, since 1970.",
           [](const SourceSnapshot& s) { return to_seconds(s.last_packet_realtime); }, true}};

// A receiver's sender with its labels, made once for all metrics.
struct Row {
  const SourceSnapshot& source;
  LabelSet labels;
};

template <std::size_t N>
void add_columns(const std::array<Column, N>& columns, const std::vector<Row>& rows,
                 Families& families) {
  for (const Column& column : columns) {
    FamilyBuilder family(families, column.kind, column.name, column.help);
    for (const Row& row : rows) {
      const double value = column.value(row.source);
      if (column.absent_at_zero && value <= 0) continue;
      family.add(row.labels, value);
    }
  }
}
}  // namespace

void add_per_sender_families(const std::vector<ReceiverSnapshot>& receivers, Families& families) {
  std::vector<Row> rows;
  for (const ReceiverSnapshot& receiver : receivers) {
    const LabelSet labels = receiver_labels(receiver);
    for (const SourceSnapshot& source : receiver.sources) {
      rows.push_back({source, labels.with("sender", source.source.to_string())});
    }
  }

  add_columns(kCounts, rows, families);
  add_columns(kGauges, rows, families);

  FamilyBuilder bursts(families, Kind::kHistogram, "mcast_receiver_loss_burst_packets",
                       "Lengths of runs of consecutive lost packets (RFC 3357).");
  FamilyBuilder interruptions(families, Kind::kHistogram, "mcast_receiver_interruption_seconds",
                              "Time covered by consecutive lost packets, on the sender's clock.");
  for (const Row& row : rows) {
    bursts.add(row.labels, row.source.counters.loss_bursts);
    interruptions.add(row.labels, row.source.counters.interruptions);
  }
}

}  // namespace mcast::exporter
