// One receiver stream as the receive thread holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "probe/stream_tracker.h"

namespace mcast {

struct ReceiveStream {
  ReceiveStream(StreamId stream_id, const std::optional<IpAddress>& only_source,
                Nanoseconds stall_timeout, Nanoseconds loss_timeout, StreamEventSink& events)
      : id(stream_id),
        source(only_source),
        tracker(stream_id, stall_timeout, loss_timeout, events) {}

  StreamId id;
  std::optional<IpAddress> source;  // SSM: nobody else's packets count
  StreamTracker tracker;
  std::size_t watch_index = 0;    // kept by ReceiveLoop
  ReceiveStream* next = nullptr;  // kept by StreamTable: same group, interface and port
};

}  // namespace mcast
