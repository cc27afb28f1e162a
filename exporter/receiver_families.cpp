#include "exporter/families.h"

#include <array>
#include <string>

#include "base/clock.h"

namespace mcast::exporter {
namespace {

// What tells one receiver from another.
LabelSet receiver_labels(const ReceiverSnapshot& receiver) {
  LabelSet labels;
  labels.add("stream", receiver.spec.name).add("group", receiver.spec.group.to_string());
  if (receiver.spec.source) labels.add("source", receiver.spec.source->to_string());
  labels.add("interface", receiver.interface);
  return labels;
}

// One metric of each sender, with a plain value, or (`absent_at_zero`) with none while it is 0.
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

constexpr std::array kColumns{
    Column{Kind::kCounter, "mcast_receiver_packets_total",
           "Probe packets received, duplicates included.",
           [](const SourceSnapshot& s) { return count(s.counters.packets); }},
    Column{Kind::kCounter, "mcast_receiver_bytes_total",
           "UDP payload of the probe packets received.",
           [](const SourceSnapshot& s) { return count(s.counters.bytes); }},
    Column{Kind::kCounter, "mcast_receiver_lost_packets_total",
           "Sequence numbers that did not arrive in time.",
           [](const SourceSnapshot& s) { return count(s.counters.lost); }},
    Column{Kind::kCounter, "mcast_receiver_outage_lost_packets_total",
           "Lost packets of bursts that were longer than the stall timeout.",
           [](const SourceSnapshot& s) { return count(s.counters.outage_lost); }},
    Column{Kind::kGauge, "mcast_receiver_overdue_packets",
           "Packets that were due by the sender's pace while nothing comes, an estimate; else 0.",
           [](const SourceSnapshot& s) { return count(s.overdue); }},
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
           [](const SourceSnapshot& s) { return count(s.counters.remarked); }},
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
    Column{Kind::kGauge, "mcast_receiver_last_interruption_seconds",
           "Time covered by the newest run of consecutive lost packets, on the sender's clock.",
           [](const SourceSnapshot& s) {
             return s.gaps.empty() ? 0 : to_seconds(s.gaps.back().length);
           }},
    Column{Kind::kGauge, "mcast_receiver_last_interruption_timestamp_seconds",
           "When the newest run of consecutive lost packets was over, since 1970.",
           [](const SourceSnapshot& s) {
             return s.gaps.empty() ? 0 : to_seconds(s.gaps.back().realtime);
           },
           true},
    Column{Kind::kGauge, "mcast_receiver_sender_last_packet_timestamp_seconds",
           "When the last probe packet of this sender arrived, since 1970.",
           [](const SourceSnapshot& s) { return to_seconds(s.last_packet_realtime); }, true}};

// A receiver's sender with its labels, made once for all metrics.
struct Row {
  const SourceSnapshot& source;
  LabelSet labels;
};

}  // namespace

void add_receiver_families(const std::vector<ReceiverSnapshot>& receivers, Families& families) {
  FamilyBuilder info(families, Kind::kGauge, "mcast_receiver_info",
                     "A configured receiver; its labels say how it joins. Always 1.");
  FamilyBuilder state(families, Kind::kGauge, "mcast_receiver_state",
                      "1 for the state that the receiver is in, 0 for the others.");
  FamilyBuilder stalls(families, Kind::kCounter, "mcast_receiver_stalls_total",
                       "Times that no probe packet came for the stall timeout.");
  FamilyBuilder stalled(families, Kind::kCounter, "mcast_receiver_stalled_seconds_total",
                        "Time spent in the state stalled.");
  FamilyBuilder join_delay(families, Kind::kGauge, "mcast_receiver_join_delay_seconds",
                           "Time from the join to the first probe packet.");
  FamilyBuilder last_packet(families, Kind::kGauge, "mcast_receiver_last_packet_timestamp_seconds",
                            "When the last probe packet arrived, since 1970.");
  FamilyBuilder rejected(families, Kind::kCounter, "mcast_receiver_rejected_packets_total",
                         "Datagrams to the joined group that were not counted as probe packets.");
  FamilyBuilder untracked(families, Kind::kCounter, "mcast_receiver_untracked_packets_total",
                          "Probe packets of senders beyond those that are tracked.");
  FamilyBuilder senders(families, Kind::kGauge, "mcast_receiver_senders",
                        "Sender IDs heard within the stall timeout.");

  for (const ReceiverSnapshot& receiver : receivers) {
    const LabelSet labels = receiver_labels(receiver);
    LabelSet info_labels = labels.with("port", std::to_string(receiver.spec.port));
    info_labels.add("join", receiver.spec.source ? "ssm" : "asm").add(receiver.spec.labels);
    info.add(info_labels, 1.0);
    for (const ReceiverState each : kReceiverStates) {
      state.add(labels.with("state", to_string(each)), receiver.state == each ? 1.0 : 0.0);
    }
    stalls.add(labels, receiver.stalls);
    stalled.add(labels, to_seconds(receiver.stalled_time));
    if (receiver.join_delay >= 0) join_delay.add(labels, to_seconds(receiver.join_delay));
    if (receiver.last_packet_realtime > 0) {
      last_packet.add(labels, to_seconds(receiver.last_packet_realtime));
    }
    const RejectedPackets& packets = receiver.rejected;
    rejected.add(labels.with("reason", "foreign"), packets.foreign);
    rejected.add(labels.with("reason", "version"), packets.version);
    rejected.add(labels.with("reason", "truncated"), packets.truncated);
    rejected.add(labels.with("reason", "stale"), packets.stale);
    rejected.add(labels.with("reason", "implausible"), packets.implausible);
    untracked.add(labels, receiver.untracked_packets);
    senders.add(labels, receiver.active_senders);
  }
}

void add_per_sender_families(const std::vector<ReceiverSnapshot>& receivers, Families& families) {
  std::vector<Row> rows;
  for (const ReceiverSnapshot& receiver : receivers) {
    const LabelSet labels = receiver_labels(receiver);
    for (const SourceSnapshot& source : receiver.sources) {
      rows.push_back({source, labels.with("sender", source.source.to_string())});
    }
  }

  for (const Column& column : kColumns) {
    FamilyBuilder family(families, column.kind, column.name, column.help);
    for (const Row& row : rows) {
      const double value = column.value(row.source);
      if (!column.absent_at_zero || value > 0) family.add(row.labels, value);
    }
  }
  FamilyBuilder bursts(families, Kind::kHistogram, "mcast_receiver_loss_burst_packets",
                       "Lengths of runs of consecutive lost packets (RFC 3357).");
  FamilyBuilder interruptions(families, Kind::kHistogram, "mcast_receiver_interruption_seconds",
                              "Time covered by consecutive lost packets, on the sender's clock.");
  for (const Row& row : rows) {
    bursts.add(row.labels, row.source.counters.loss_bursts);
    interruptions.add(row.labels, row.source.counters.interruptions);
  }
}

void add_finding_families(const std::vector<findings::StreamFindings>& streams,
                          Families& families) {
  FamilyBuilder of_receivers(families, Kind::kGauge, "mcast_finding",
                             "1 if this is why a silent receiver gets nothing, 0 if it is not; "
                             "absent where it cannot be known.");
  FamilyBuilder of_senders(families, Kind::kGauge, "mcast_sender_finding",
                           "1 if this is what is wrong with a sender, 0 if it is not; absent of "
                           "senders with which nothing is wrong, and where it cannot be known.");
  for (const findings::StreamFindings& stream : streams) {
    for (const findings::Finding& each : stream.findings) {
      if (each.verdict == findings::Verdict::kUnknown) continue;
      LabelSet labels;
      labels.add("stream", stream.subject.stream).add("check", to_string(each.check));
      FamilyBuilder& finding = stream.subject.sending ? of_senders : of_receivers;
      finding.add(labels, each.verdict == findings::Verdict::kFound ? 1.0 : 0.0);
    }
  }
}

}  // namespace mcast::exporter
