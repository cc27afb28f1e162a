// The receive thread's work: waits for datagrams, hands each to its streams, and
// looks after what is overdue. Everything here is touched by that thread alone;
// others come through the CommandQueue.
#pragma once

#include <poll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/command_queue.h"
#include "base/file_descriptor.h"
#include "probe/receive_batch.h"
#include "probe/receive_stream.h"
#include "probe/snapshot.h"
#include "probe/stream_table.h"

namespace mcast {

class ReceiveLoop {
 public:
  // Both outlive the loop.
  ReceiveLoop(const Clock& clock, CommandQueue& commands);

  // Returns after stop(). The calling thread is the receive thread.
  void run();

  // Through the CommandQueue only:
  void stop() { running_ = false; }
  void add_socket(Family family, std::uint16_t port, FileDescriptor socket);
  void remove_socket(Family family, std::uint16_t port);
  [[nodiscard]] std::vector<SocketSnapshot> sockets();
  void settle();
  // A watched stream is looked after; only a listening one gets packets. The
  // caller owns it, and unwatches it before it goes.
  void watch(ReceiveStream& stream);
  void unwatch(ReceiveStream& stream);
  // A watched stream's deadline may have changed.
  void look_at(ReceiveStream& stream);
  void listen(const StreamTable::Key& key, ReceiveStream& stream);
  void unlisten(const StreamTable::Key& key, ReceiveStream& stream);
  // realtime - monotonic
  [[nodiscard]] Nanoseconds realtime_offset() const { return realtime_offset_.value(); }
  // All that arrived before this moment has been counted.
  [[nodiscard]] Nanoseconds horizon() const { return horizon_; }

 private:
  struct Socket {
    Family family = Family::kIpv4;
    std::uint16_t port = 0;
    FileDescriptor fd;
    std::size_t buffer_size = 0;
    std::uint32_t drops_seen = 0;
    std::uint64_t drops = 0;
    std::uint64_t datagrams = 0;
    std::uint64_t not_joined = 0;
  };

  // True when commands wait.
  bool wait();
  // All that has arrived is read when the result is `now`; when there was more
  // than one turn may take, it is the arrival time of the last one read.
  Nanoseconds read_sockets(Nanoseconds now);
  // Finds the streams of the `count` datagrams that batch_ has read.
  void look_up(const Socket& socket, std::size_t count);
  // One datagram, for the streams of `chain`; returns when it arrived.
  Nanoseconds take(Socket& socket, const ReceivedDatagram& datagram, ReceiveStream* chain,
                   Nanoseconds now);
  void tick(Nanoseconds now, Nanoseconds horizon);
  [[nodiscard]] Nanoseconds collecting_time(std::uint64_t packets_per_second) const;
  static void update_drops(Socket& socket);
  void rebuild_polled();

  const Clock& clock_;
  CommandQueue& commands_;
  ReceiveBatch batch_;
  // The batch in hand:
  std::array<ReceivedDatagram, ReceiveBatch::kSize> datagrams_;
  std::array<ReceiveStream*, ReceiveBatch::kSize> chains_{};
  StreamTable table_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::vector<pollfd> polled_;
  // deadlines_[i] belongs to watched_[i]: a tick over thousands of streams reads
  // this one array.
  std::vector<ReceiveStream*> watched_;
  std::vector<Nanoseconds> deadlines_;
  bool running_ = true;
  Nanoseconds collect_for_ = 0;  // before reading; 0: reads when something is there
  Nanoseconds next_tick_ = 0;
  Nanoseconds last_tick_ = 0;
  std::uint64_t packets_since_tick_ = 0;
  RealtimeOffset realtime_offset_;
  Nanoseconds horizon_ = 0;
};

}  // namespace mcast
