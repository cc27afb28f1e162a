// Everything that one receiver stream knows about its senders: a sequence
// tracker a sender (source address and sender ID), the counters a source, the
// stream's state, its restarts and rejected packets. A pure function of packets
// and times; one thread; no allocation for a packet of a known sender without
// loss.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
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

inline constexpr std::size_t kCacheLine = 64;

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
  StreamTracker(StreamId id, Timeouts timeouts, StreamEventSink& events);

  // The join call was made at `now`; the join delay counts from the newest one
  // before the first packet.
  void joined(Nanoseconds now) {
    joined_at_ = now;
    if (state_ == ReceiverState::kWaiting) state_since_ = now;
  }

  // From now on; what was decided by the old ones stays decided. The caller sees to it
  // that advance() is called soon.
  void set_timeouts(Timeouts timeouts);
  // Where packets come in from now on: the zone of link-local senders in events.
  void set_interface(const std::string& interface) { interface_ = interface; }

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

  // Fetches what the next packet of the sender heard last will need, so that a
  // batch's packets wait for memory together and not one after the other.
  void prefetch() const {
    prefetch_lines(last_sender_, kHotLines);
    prefetch_lines(last_source_, kHotLines);
  }

 private:
  static constexpr std::size_t kHotLines = 3;  // of a Sender or Source, in front
  static void prefetch_lines(const void* object, std::size_t lines) {
    if (object == nullptr) return;
    const auto* const bytes = static_cast<const std::uint8_t*>(object);
    for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(bytes + i * kCacheLine, 1);
  }

  // In both, what every packet touches comes first.
  // All sender IDs of one source address write to the same record.
  struct alignas(kCacheLine) Source {
    IpAddress address;
    std::uint32_t sender_ids = 0;  // how many Senders refer to this
    // The packet that came last, from any of its IDs:
    std::uint32_t last_sender_id = 0;
    std::uint8_t ttl = 0;
    std::uint8_t sent_ttl = 0;
    std::uint8_t dscp = 0;
    std::uint8_t sent_dscp = 0;
    Nanoseconds jitter = 0;
    Nanoseconds last_arrival = 0;
    LossRecord record;
    std::uint64_t restarts = 0;
    // The sender ID that began last, and when.
    std::uint32_t newest_id = 0;
    Nanoseconds newest_began = 0;
  };

  struct alignas(kCacheLine) Sender {
    std::uint32_t id = 0;
    std::uint8_t ttl = 0;
    bool remarked = false;
    bool succeeded = false;             // a later sender ID took its place
    bool may_have_predecessor = false;  // not yet decided whether it is a restart
    Source* source = nullptr;
    Nanoseconds last_arrival = 0;
    // Jitter (RFC 3550 section 6.4.1), in sixteenths of a nanosecond as the
    // RFC's own integer form keeps it.
    Nanoseconds jitter_x16 = 0;
    // The packet before, duplicates left out.
    std::uint64_t previous_send_time = 0;
    Nanoseconds previous_arrival = 0;
    SequenceTracker sequence;
    Nanoseconds first_arrival = 0;
  };

  [[nodiscard]] Sender* find(const IpAddress& source, std::uint32_t id);
  void remember(Sender& sender) {
    last_sender_ = &sender;
    last_source_ = sender.source;
  }
  // Null when the table is full of senders that are still alive.
  [[nodiscard]] Sender* add(const ProbeHeader& header, const Arrival& arrival);
  [[nodiscard]] bool evict_one(Nanoseconds now);
  void update_stream_state(const Arrival& arrival);
  void note_stall(Nanoseconds at);
  static void announce(Sender& sender, const ProbeHeader& header, Nanoseconds arrival);
  // Enters kEnded if whoever was heard last has ended, and nobody else is still heard.
  void note_end();
  // How long this sender has been silent that should not be, one packet interval left out.
  [[nodiscard]] Nanoseconds unexpected_silence(const Sender& sender, Nanoseconds now) const;
  void update_jitter(Sender& sender, const ProbeHeader& header, Nanoseconds arrival);
  void report_bursts(const Source& source, std::uint64_t bursts_before, Nanoseconds now);
  // Returns when this sender has to be looked at again.
  Nanoseconds decide_restart(Sender& sender, Nanoseconds now);
  void emit(StreamEventType type, const IpAddress& source, Nanoseconds time,
            std::uint64_t value = 0, Nanoseconds duration = 0);
  void wake_by(Nanoseconds deadline) {
    if (deadline < next_deadline_) next_deadline_ = deadline;
  }

  // What every packet touches comes first.
  Nanoseconds next_deadline_ = kNever;
  Nanoseconds last_arrival_ = 0;
  // The sender heard last, and its source; null when it was forgotten.
  Sender* last_sender_ = nullptr;
  Source* last_source_ = nullptr;
  ReceiverState state_ = ReceiverState::kWaiting;

  StreamId id_;
  std::string interface_;
  Timeouts timeouts_;
  StreamEventSink& events_;

  Nanoseconds joined_at_ = 0;
  Nanoseconds state_since_ = 0;
  Nanoseconds join_delay_ = -1;
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
};

}  // namespace mcast
