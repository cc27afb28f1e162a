// One receiver stream as the receive thread holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "probe/stream_spec.h"
#include "probe/stream_tracker.h"

namespace mcast {

// What every packet touches lies together in front.
struct alignas(kCacheLine) ReceiveStream {
  ReceiveStream(StreamId stream_id, const ReceiverSpec& spec, StreamEventSink& events)
      : id(stream_id),
        source(spec.source),
        packets_left(spec.left_of_limit()),
        tracker(stream_id, spec.timeouts(), events) {}

  // Fetches what a packet touches of the stream itself; the rest is the tracker's
  // own prefetch().
  void prefetch() const {
    __builtin_prefetch(this, 1);
    __builtin_prefetch(reinterpret_cast<const std::uint8_t*>(this) + kCacheLine, 1);
  }

  StreamId id;
  std::optional<IpAddress> source;  // SSM: nobody else's packets count
  std::uint64_t packets_left;       // at 0 the stream counts nothing any more
  std::size_t watch_index = 0;      // kept by ReceiveLoop
  ReceiveStream* next = nullptr;    // kept by StreamTable: same group, interface and port
  StreamTracker tracker;
};

}  // namespace mcast
