// Everything that one receiver stream knows about its senders: a sequence
// tracker a sender (source address and sender ID), the counters a source, the
// stream's state, its restarts and rejected packets. A pure function of packets
// and times; one thread; no allocation for a packet of a known sender without
// loss.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "probe/loss_record.h"
#include "probe/sequence_tracker.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"
#include "probe/wire.h"

namespace mcast {

// At most so many senders are tracked at a time; of the rest, packets are counted.
inline constexpr std::size_t kMaxSenders = 256;

class StreamTracker {
 public:
  // One probe packet as it arrived.
  struct Arrival {
    IpAddress source;
    Nanoseconds time = 0;    // kernel's receive time, on our monotonic clock
    std::uint32_t size = 0;  // bytes of UDP payload
    std::uint8_t ttl = 0;
    std::uint8_t dscp = 0;
  };

  // `events` outlives the tracker.
  StreamTracker(StreamId id, Nanoseconds stall_timeout, Nanoseconds loss_timeout,
                StreamEventSink& events);

  // The join call was made at `now`; the join delay counts from the newest one
  // before the first packet.
  void joined(Nanoseconds now) { joined_at_ = now; }

  // True if the packet was counted, duplicates included.
  bool on_probe(const ProbeHeader& header, const Arrival& arrival);
  void on_rejected(NotAProbe reason);

  // Does what is overdue at `now`: gives up missing packets, notices stalls,
  // confirms restarts. Calling it often or seldom makes no difference to the
  // counters, only to when they show.
  void advance(Nanoseconds now);
  // The end of measuring: what is still missing is given up now.
  void settle(Nanoseconds now);
  // As many packets as were asked for have been counted.
  void report_complete(Nanoseconds now) { emit(StreamEventType::kComplete, IpAddress(), now); }
  // When advance() next has something to do (never later than that), or kNever.
  [[nodiscard]] Nanoseconds next_deadline() const { return next_deadline_; }

  // Fills all measured fields (not spec, interface, error). `now` is monotonic,
  // realtime = monotonic + `realtime_offset`.
  void snapshot(Nanoseconds now, Nanoseconds realtime_offset, ReceiverSnapshot& out) const;

  [[nodiscard]] ReceiverState state() const { return state_; }

 private:
  // All sender IDs of one source address write to the same record.
  struct Source {
    IpAddress address;
    LossRecord record;
    std::uint64_t restarts = 0;
    std::uint32_t sender_ids = 0;  // how many Senders refer to this
    // Of the packet that came last, from any of its IDs:
    std::uint32_t last_sender_id = 0;
    std::uint8_t ttl = 0;
    std::uint8_t sent_ttl = 0;
    std::uint8_t dscp = 0;
    std::uint8_t sent_dscp = 0;
    Nanoseconds jitter = 0;
    Nanoseconds last_arrival = 0;
  };

  struct Sender {
    std::uint32_t id = 0;
    Source* source = nullptr;
    SequenceTracker sequence;
    Nanoseconds first_arrival = 0;
    Nanoseconds last_arrival = 0;
    // Jitter (RFC 3550 section 6.4.1), in sixteenths of a nanosecond as the
    // RFC's own integer form keeps it.
    Nanoseconds jitter_x16 = 0;
    // Of the packet before, duplicates left out.
    std::uint64_t previous_send_time = 0;
    Nanoseconds previous_arrival = 0;
    std::uint8_t ttl = 0;
    bool remarked = false;
    bool succeeded = false;             // a later sender ID took its place
    bool may_have_predecessor = false;  // not yet decided whether it is a restart
  };

  [[nodiscard]] Sender* find(const IpAddress& source, std::uint32_t id);
  // Null when the table is full of senders that are still alive.
  [[nodiscard]] Sender* add(const ProbeHeader& header, const Arrival& arrival);
  [[nodiscard]] bool evict_one(Nanoseconds now);
  void update_stream_state(const Arrival& arrival);
  void note_stall(Nanoseconds at);
  void update_jitter(Sender& sender, const ProbeHeader& header, Nanoseconds arrival);
  void report_bursts(const Source& source, std::uint64_t bursts_before, Nanoseconds now);
  // Returns when this sender has to be looked at again.
  Nanoseconds decide_restart(Sender& sender, Nanoseconds now);
  void emit(StreamEventType type, const IpAddress& source, Nanoseconds time,
            std::uint64_t value = 0, Nanoseconds duration = 0);
  void wake_by(Nanoseconds deadline) {
    if (deadline < next_deadline_) next_deadline_ = deadline;
  }

  StreamId id_;
  Nanoseconds stall_timeout_;
  Nanoseconds loss_timeout_;
  StreamEventSink& events_;

  ReceiverState state_ = ReceiverState::kWaiting;
  Nanoseconds next_deadline_ = kNever;
  Nanoseconds joined_at_ = 0;
  Nanoseconds join_delay_ = -1;
  Nanoseconds last_arrival_ = 0;
  Nanoseconds stalled_since_ = 0;
  Nanoseconds stalled_time_ = 0;
  std::uint64_t stalls_ = 0;
  std::uint64_t senders_seen_ = 0;
  std::uint64_t untracked_packets_ = 0;
  RejectedPackets rejected_;

  // `ids_` mirrors the senders' IDs so that a search touches little memory.
  std::vector<std::uint32_t> ids_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::size_t last_found_ = 0;
};

}  // namespace mcast
