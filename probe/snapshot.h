// What a stream has measured, at one moment: plain values that belong to whoever
// asked. The exporter, the API and the terminal view all draw from these.
// Meanings of the numbers: docs/semantics.md.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "probe/histogram.h"
#include "probe/stream_spec.h"

namespace mcast {

enum class ReceiverState : std::uint8_t { kWaiting, kReceiving, kStalled, kEnded, kFailed };
inline constexpr std::array kReceiverStates{ReceiverState::kWaiting, ReceiverState::kReceiving,
                                            ReceiverState::kStalled, ReceiverState::kEnded,
                                            ReceiverState::kFailed};
enum class SenderState : std::uint8_t { kSending, kFinished, kFailed };

// "waiting", "receiving", "stalled", "ended", "failed"; "sending", "finished", "failed".
[[nodiscard]] std::string_view to_string(ReceiverState state);
[[nodiscard]] std::string_view to_string(SenderState state);

// "0x0d783390", as the original writes it.
[[nodiscard]] std::string sender_id_text(std::uint32_t id);

// One interruption for the gap log.
struct Gap {
  Nanoseconds realtime = 0;  // when the packet after it arrived, or its end was counted lost
  Nanoseconds length = 0;    // on the sender's clock
  std::uint64_t lost_packets = 0;
};

// Everything that only grows, for one sender or the sum over several.
struct ReceptionCounters {
  std::uint64_t packets = 0;  // accepted probe packets, duplicates included
  std::uint64_t bytes = 0;    // UDP payload of these
  std::uint64_t lost = 0;
  std::uint64_t outage_lost = 0;  // of `lost`, those in bursts longer than the stall timeout
  std::uint64_t late = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  std::uint64_t errored_seconds = 0;
  std::uint64_t ttl_changes = 0;
  std::uint64_t remarked = 0;
  LossBurstHistogram loss_bursts = {};
  InterruptionHistogram interruptions = {};

  void add(const ReceptionCounters& other);
};

// Lost / expected, 0 to 1, where expected is the distinct packets received plus those that
// never arrived (RFC 7680: what comes after the loss timeout is lost). Empty where nothing was
// expected: a group that received nothing has no loss ratio. `overdue` packets count as lost
// ones: given for what is so now, and for a verdict at the end. The one definition of it: views,
// lines, JSON, conditions, the page and the recording rules agree.
[[nodiscard]] std::optional<double> loss_ratio(const ReceptionCounters& counters,
                                               std::uint64_t overdue = 0);

// What one source address sent, added up over its sender IDs.
struct SourceSnapshot {
  ZonedAddress source;  // with the stream's interface as zone where it is link-local
  ReceptionCounters counters;
  std::uint64_t restarts = 0;
  Nanoseconds longest_interruption = 0;
  Nanoseconds longest_interruption_realtime = 0;  // when it was over; 0: there was none
  std::vector<Gap> gaps;                          // the newest, oldest first
  std::vector<Gap> longest_gaps;                  // longest first
  // While nothing comes of a sender that did not say that it ends, else 0:
  std::uint64_t overdue = 0;  // packets that were due by its pace, an estimate
  Nanoseconds silence = 0;    // the interruption so far, on our clock
  // What the sender ID heard last did:
  std::uint32_t sender_id = 0;
  int ttl = 0;
  int sent_ttl = 0;
  int dscp = 0;
  int sent_dscp = 0;
  Nanoseconds jitter = 0;
  Nanoseconds last_packet_realtime = 0;

  // Negative where the sender lied or somebody raised the TTL.
  [[nodiscard]] int hops() const { return sent_ttl - ttl; }
};

struct RejectedPackets {
  std::uint64_t foreign = 0;      // no MCAS magic
  std::uint64_t version = 0;      // MCAS, but not version 1
  std::uint64_t truncated = 0;    // shorter than its header, or than the header says
  std::uint64_t stale = 0;        // older than the duplicate window
  std::uint64_t implausible = 0;  // a jump that no sender can have made
};

struct ReceiverSnapshot {
  ReceiverSpec spec;
  std::string interface;  // in use, or as configured while there is none
  ReceiverState state = ReceiverState::kWaiting;
  std::string error;  // why the state is kFailed, else empty
  Nanoseconds state_since_realtime = 0;
  std::uint64_t stalls = 0;
  Nanoseconds stalled_time = 0;
  Nanoseconds join_delay = -1;           // -1: no packet yet
  Nanoseconds last_packet_realtime = 0;  // since 1970; 0: no packet yet
  RejectedPackets rejected;
  std::uint64_t untracked_packets = 0;  // of senders beyond the table's 256
  std::uint64_t active_senders = 0;     // sender IDs heard within the stall timeout
  std::uint64_t senders_seen = 0;       // distinct sender IDs, ever
  std::vector<SourceSnapshot> sources;
};

struct SenderSnapshot {
  SenderSpec spec;
  std::string interface;  // in use, or as configured while there is none
  SenderState state = SenderState::kSending;
  std::string error;                       // why the state is kFailed, else empty
  Nanoseconds state_since_realtime = 0;    // 0: never attached
  std::optional<IpAddress> local_address;  // that packets carry, while attached
  std::uint32_t sender_id = 0;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;                      // UDP payload
  std::map<std::string, std::uint64_t> errors;  // errno's name -> failed sends
  std::uint64_t skipped = 0;                    // scheduled, but given up after a pause
  ScheduleLagHistogram schedule_lag;
};

// One shared receive socket.
struct SocketSnapshot {
  std::uint16_t port = 0;
  Family family = Family::kIpv4;
  std::uint64_t drops = 0;       // SO_RXQ_OVFL: lost on this host
  std::uint64_t datagrams = 0;   // read from the socket
  std::uint64_t not_joined = 0;  // for no stream of ours: other group, source, unicast
};

struct ProbeSnapshot {
  std::vector<ReceiverSnapshot> receivers;
  std::vector<SenderSnapshot> senders;
  std::vector<SocketSnapshot> sockets;
};

}  // namespace mcast
