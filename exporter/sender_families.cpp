#include "exporter/families.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace mcast::exporter {
namespace {

constexpr std::array kStates{SenderState::kSending, SenderState::kFinished, SenderState::kFailed};

// Shown with 0 before they happen, so that a rate over the first one is right: no
// route, transmit queue full, forbidden by a firewall.
constexpr std::array kUsualErrors{"ENETUNREACH", "ENOBUFS", "EPERM"};
}  // namespace

void add_sender_families(const std::vector<SenderSnapshot>& senders, Families& families) {
  FamilyBuilder info(families, Kind::kGauge, "mcast_sender_info",
                     "A configured sender; its labels say what it is. Always 1.");
  FamilyBuilder state(families, Kind::kGauge, "mcast_sender_state",
                      "1 for the state that the sender is in, 0 for the others.");
  FamilyBuilder packets(families, Kind::kCounter, "mcast_sender_packets_total",
                        "Probe packets sent.");
  FamilyBuilder bytes(families, Kind::kCounter, "mcast_sender_bytes_total",
                      "UDP payload of the probe packets sent.");
  FamilyBuilder errors(families, Kind::kCounter, "mcast_sender_errors_total",
                       "Probe packets that the kernel refused to send, by errno.");
  FamilyBuilder skipped(families, Kind::kCounter, "mcast_sender_skipped_packets_total",
                        "Probe packets that were due but given up after a pause.");
  FamilyBuilder target(families, Kind::kGauge, "mcast_sender_target_packets_per_second",
                       "The configured rate.");
  FamilyBuilder lag(families, Kind::kHistogram, "mcast_sender_schedule_lag_seconds",
                    "How long after its scheduled time a probe packet was sent.");

  for (const SenderSnapshot& sender : senders) {
    LabelSet labels;
    labels.add("stream", sender.spec.name)
        .add("group", sender.spec.group.to_string())
        .add("interface", sender.interface);
    LabelSet info_labels = labels.with("port", std::to_string(sender.spec.port));
    info.add(info_labels.add(sender.spec.labels), 1.0);
    for (const SenderState each : kStates) {
      state.add(labels.with("state", to_string(each)), sender.state == each ? 1.0 : 0.0);
    }
    packets.add(labels, sender.packets);
    bytes.add(labels, sender.bytes);
    std::map<std::string, std::uint64_t> counts = sender.errors;
    for (const char* name : kUsualErrors) counts.try_emplace(name, 0);
    for (const auto& [name, value] : counts) errors.add(labels.with("error", name), value);
    skipped.add(labels, sender.skipped);
    target.add(labels, sender.spec.packets_per_second);
    lag.add(labels, sender.schedule_lag);
  }
}

}  // namespace mcast::exporter
