// What happened to a stream and when, for logs and live listeners. Produced on
// the thread that owns the stream's statistics.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/clock.h"

namespace mcast {

using StreamId = std::uint32_t;

enum class StreamEventType : std::uint8_t {
  kFirstPacket,  // waiting or ended -> receiving
  kStall,        // receiving -> stalled
  kRecovery,     // stalled -> receiving; duration: how long it was stalled
  kRestart,      // value: the new sender ID
  kRemark,       // DSCP on arrival began to differ; value: arrived << 8 | sent
  kTtlChange,    // value: new << 8 | old
  kBurst,        // a loss burst ended; value: packets, duration: ns
  kEnded,        // the senders said so, and all that they announced has come or is lost
  kComplete,     // as many packets as the stream's limit have come
};

struct StreamEvent {
  StreamEventType type = StreamEventType::kFirstPacket;
  StreamId stream = 0;
  // Of the sender concerned, a link-local one with its zone; unspecified for a stall. The names
  // of interfaces are short enough not to be allocated.
  ZonedAddress source;
  Nanoseconds time = 0;  // monotonic
  std::uint64_t value = 0;
  Nanoseconds duration = 0;
};

// Takes events on the hot thread: must not block, allocate or throw.
class StreamEventSink {
 public:
  StreamEventSink() = default;
  StreamEventSink(const StreamEventSink&) = delete;
  StreamEventSink& operator=(const StreamEventSink&) = delete;
  virtual ~StreamEventSink() = default;
  virtual void on_event(const StreamEvent& event) = 0;
};

}  // namespace mcast
