#include "exporter/families.h"

#include <array>
#include <string>

#include "base/clock.h"

namespace mcast::exporter {
namespace {

using Kind = FamilyBuilder::Kind;

constexpr std::array kStates{ReceiverState::kWaiting, ReceiverState::kReceiving,
                             ReceiverState::kStalled, ReceiverState::kFailed};
}  // namespace

LabelSet receiver_labels(const ReceiverSnapshot& receiver) {
  LabelSet labels;
  labels.add("stream", receiver.spec.name).add("group", receiver.spec.group.to_string());
  if (receiver.spec.source) labels.add("source", receiver.spec.source->to_string());
  labels.add("interface", receiver.interface);
  return labels;
}

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
    for (const ReceiverState each : kStates) {
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
void add_finding_families(const std::vector<findings::StreamFindings>& streams,
                          Families& families) {
  FamilyBuilder finding(families, Kind::kGauge, "mcast_finding",
                        "1 if this is why a silent receiver gets nothing, 0 if it is not; absent "
                        "where it cannot be known.");
  for (const findings::StreamFindings& stream : streams) {
    for (const findings::Finding& each : stream.findings) {
      if (each.verdict == findings::Verdict::kUnknown) continue;
      LabelSet labels;
      labels.add("stream", stream.subject.stream).add("check", to_string(each.check));
      finding.add(labels, each.verdict == findings::Verdict::kFound ? 1.0 : 0.0);
    }
  }
}

}  // namespace mcast::exporter
