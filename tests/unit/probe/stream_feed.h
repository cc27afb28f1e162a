// A receiver stream under test, fed with packets of made-up senders; no clock, no
// socket. Times are what the test says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"
#include "probe/stream_tracker.h"
#include "probe/wire.h"

namespace mcast::test {

class RecordedEvents final : public StreamEventSink {
 public:
  void on_event(const StreamEvent& event) override { all.push_back(event); }

  [[nodiscard]] std::vector<StreamEvent> of(StreamEventType type) const {
    std::vector<StreamEvent> result;
    for (const StreamEvent& event : all) {
      if (event.type == type) result.push_back(event);
    }
    return result;
  }
  [[nodiscard]] std::size_t count(StreamEventType type) const { return of(type).size(); }

  std::vector<StreamEvent> all;
};

inline constexpr IpAddress kHost = IpAddress::v4(0x0A000001);
inline constexpr IpAddress kOtherHost = IpAddress::v4(0x0A000002);

// A sender at 25 pps: number n leaves at `started` + n * 40 ms of our clock.
struct TestSender {
  IpAddress source = kHost;
  std::uint32_t id = 1;
  Nanoseconds started = 0;
  Nanoseconds interval = 40 * kMillisecond;
  std::uint8_t ttl = 100;
  std::uint8_t dscp = 0;
  std::uint64_t next = 0;  // number of the next packet
  // Of the last packet, where the sender knows it from the beginning.
  std::optional<std::uint64_t> last = std::nullopt;

  [[nodiscard]] Nanoseconds due(std::uint64_t sequence) const {
    return started + static_cast<Nanoseconds>(sequence) * interval;
  }
  [[nodiscard]] Nanoseconds due() const { return due(next); }
  [[nodiscard]] ProbeHeader header(std::uint64_t sequence) const {
    // Each sender's clock has its own zero.
    const std::uint64_t zero = std::uint64_t{id} * 1'000'000'000'000;
    return ProbeHeader{.sequence = sequence,
                       .send_time = zero + static_cast<std::uint64_t>(due(sequence)),
                       .sender_id = id,
                       .payload_length = 168,
                       .ttl = ttl,
                       .dscp = dscp,
                       .left_plus_one = left_plus_one(sequence)};
  }
  [[nodiscard]] std::uint32_t left_plus_one(std::uint64_t sequence) const {
    if (!last || *last < sequence || *last - sequence > kMaxAnnounced) return 0;
    return static_cast<std::uint32_t>(*last - sequence + 1);
  }
};

class StreamFeed {
 public:
  static constexpr Nanoseconds kStallTimeout = 3 * kSecond;
  static constexpr Nanoseconds kLossTimeout = kSecond;
  static constexpr StreamId kId = 42;

  // Packet `sequence` of a sender comes at `arrival`.
  void arrives(const TestSender& sender, std::uint64_t sequence, Nanoseconds arrival,
               std::uint8_t ttl = 97) {
    tracker.on_probe(sender.header(sequence), StreamTracker::Arrival{.source = sender.source,
                                                                     .time = arrival,
                                                                     .size = 200,
                                                                     .ttl = ttl,
                                                                     .dscp = sender.dscp});
  }
  // Its next packet comes the moment it is due.
  void next(TestSender& sender) {
    arrives(sender, sender.next, sender.due());
    ++sender.next;
  }
  // Senders send on, each on its schedule, until `end` (exclusive).
  void run_until(Nanoseconds end, const std::vector<TestSender*>& senders) {
    while (true) {
      TestSender* soonest = senders.front();
      for (TestSender* sender : senders) {
        if (sender->due() < soonest->due()) soonest = sender;
      }
      if (soonest->due() >= end) return;
      next(*soonest);
    }
  }

  [[nodiscard]] ReceiverSnapshot at(Nanoseconds now, Nanoseconds realtime_offset = 0) const {
    ReceiverSnapshot snapshot;
    tracker.snapshot(now, realtime_offset, snapshot);
    return snapshot;
  }
  // The only source seen so far.
  [[nodiscard]] SourceSnapshot source() const { return at(0).sources.at(0); }

  RecordedEvents events;
  StreamTracker tracker{kId, {.stall = kStallTimeout, .loss = kLossTimeout}, events};
};

}  // namespace mcast::test
