#include "probe/receive_loop.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "probe/arrival_time.h"
#include "probe/socket_options.h"
#include "probe/wire.h"

namespace mcast {
namespace {

// Stalls show within 100 ms of their moment; losses a tick after theirs.
constexpr Nanoseconds kTick = 25 * kMillisecond;
// Above this rate a thread that first lets datagrams gather spends half as long on
// each (docs/decisions/speed.md): until so many should be there, within limits.
constexpr std::uint64_t kCollectAbove = 4'000;  // packets a second
constexpr std::uint64_t kCollectPackets = 100;
constexpr Nanoseconds kCollectAtLeast = kMillisecond;
constexpr Nanoseconds kCollectAtMost = 4 * kMillisecond;
// What one queued datagram may take of the socket's buffer, generously.
constexpr std::uint64_t kTruesize = 4'096;
// Batches of one socket in a row, so that commands are never far away.
constexpr int kBatchesATurn = 8;

}  // namespace

ReceiveLoop::ReceiveLoop(const Clock& clock, CommandQueue& commands)
    : clock_(clock), commands_(commands), realtime_offset_(clock), horizon_(clock.monotonic()) {
  rebuild_polled();
}

void ReceiveLoop::run() {
  commands_.open();
  last_tick_ = clock_.monotonic();
  next_tick_ = last_tick_ + kTick;
  while (running_) {
    if (wait()) commands_.run_pending();
    realtime_offset_.sample(clock_);
    // Read before the sockets are: what is not in them by then arrived later.
    const Nanoseconds now = clock_.monotonic();
    horizon_ = read_sockets(now);
    if (now >= next_tick_) tick(now, horizon_);
  }
  commands_.close();
}

bool ReceiveLoop::wait() {
  const Nanoseconds left = std::max<Nanoseconds>(0, next_tick_ - clock_.monotonic());
  // While collecting only a command ends the wait early.
  const bool collecting = collect_for_ > 0;
  const Nanoseconds timeout = collecting ? std::min(left, collect_for_) : left;
  const timespec duration{.tv_sec = timeout / kSecond, .tv_nsec = timeout % kSecond};
  const int ready = ::ppoll(polled_.data(), collecting ? 1 : polled_.size(), &duration, nullptr);
  return ready > 0 && polled_.front().revents != 0;
}

Nanoseconds ReceiveLoop::read_sockets(Nanoseconds now) {
  Nanoseconds horizon = now;
  for (const auto& socket : sockets_) {
    for (int turn = 0; turn < kBatchesATurn; ++turn) {
      const std::size_t count = batch_.read(socket->fd.get());
      Nanoseconds last_arrival = now;
      look_up(*socket, count);
      for (std::size_t i = 0; i < count; ++i) {
        last_arrival = take(*socket, datagrams_[i], chains_[i], now);
      }
      if (count < ReceiveBatch::kSize) break;
      if (turn == kBatchesATurn - 1) horizon = std::min(horizon, last_arrival);
    }
  }
  return horizon;
}

// Between two batches other programs have the caches, and each packet is for other
// streams than the one before: nearly everything that it needs is in main memory.
// So every step fetches for the whole batch what the next step will read.
void ReceiveLoop::look_up(const Socket& socket, std::size_t count) {
  const auto key = [&](const ReceivedDatagram& datagram) {
    return StreamTable::Key{
        .group = datagram.destination, .ifindex = datagram.ifindex, .port = socket.port};
  };
  for (std::size_t i = 0; i < count; ++i) {
    datagrams_[i] = batch_.datagram(i);
    table_.prefetch(key(datagrams_[i]));
  }
  for (std::size_t i = 0; i < count; ++i) {
    chains_[i] = table_.find(key(datagrams_[i]));
    if (chains_[i] != nullptr) chains_[i]->prefetch();
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (chains_[i] != nullptr) chains_[i]->tracker.prefetch();
  }
}

Nanoseconds ReceiveLoop::take(Socket& socket, const ReceivedDatagram& datagram,
                              ReceiveStream* chain, Nanoseconds now) {
  const Nanoseconds arrival =
      arrival_time(datagram.realtime, realtime_offset_.value(), now, clock_);
  StreamTracker::Arrival packet{.source = datagram.source,
                                .time = arrival,
                                .size = 0,
                                .ttl = datagram.ttl,
                                .dscp = static_cast<std::uint8_t>(datagram.tos >> 2U)};
  std::span<const std::uint8_t> rest = datagram.data;
  do {
    const auto payload = rest.first(std::min(rest.size(), datagram.segment_size));
    rest = rest.subspan(payload.size());
    ++socket.datagrams;
    ++packets_since_tick_;
    bool wanted = false;
    const auto header = decode_probe(payload);
    packet.size = static_cast<std::uint32_t>(payload.size());
    for (ReceiveStream* stream = chain; stream != nullptr; stream = stream->next) {
      if (stream->source && *stream->source != datagram.source) continue;
      wanted = true;
      if (!header) {
        stream->tracker.on_rejected(header.error());
        continue;
      }
      if (stream->packets_left == 0) continue;
      if (stream->tracker.on_probe(*header, packet) && --stream->packets_left == 0) {
        stream->tracker.report_complete(arrival);
      }
      Nanoseconds& deadline = deadlines_[stream->watch_index];
      deadline = std::min(deadline, stream->tracker.next_deadline());
    }
    if (!wanted) ++socket.not_joined;
  } while (!rest.empty());
  return arrival;
}

void ReceiveLoop::tick(Nanoseconds now, Nanoseconds horizon) {
  for (std::size_t i = 0; i < deadlines_.size(); ++i) {
    if (deadlines_[i] > horizon) continue;
    watched_[i]->tracker.advance(horizon);
    deadlines_[i] = watched_[i]->tracker.next_deadline();
  }
  const auto elapsed = static_cast<std::uint64_t>(std::max<Nanoseconds>(1, now - last_tick_));
  const std::uint64_t rate = packets_since_tick_ * std::uint64_t{kSecond} / elapsed;
  for (const auto& socket : sockets_) update_drops(*socket);
  collect_for_ = collecting_time(rate);
  packets_since_tick_ = 0;
  last_tick_ = now;
  next_tick_ = now + kTick;
}

void ReceiveLoop::settle() {
  const Nanoseconds now = clock_.monotonic();
  // A turn of read_sockets() is bounded; what arrived before `now` may take a few.
  do {
    horizon_ = read_sockets(now);
  } while (horizon_ < now);
  for (ReceiveStream* stream : watched_) stream->tracker.settle(now);
}

Nanoseconds ReceiveLoop::collecting_time(std::uint64_t packets_per_second) const {
  if (packets_per_second <= kCollectAbove) return 0;
  constexpr auto kNanosecondsASecond = std::uint64_t{kSecond};
  const auto wanted =
      static_cast<Nanoseconds>(kCollectPackets * kNanosecondsASecond / packets_per_second);
  Nanoseconds result = std::clamp(wanted, kCollectAtLeast, kCollectAtMost);
  for (const auto& socket : sockets_) {
    // All of it may come to one socket.
    const std::uint64_t fit = socket->buffer_size / 2 / kTruesize;
    result =
        std::min(result, static_cast<Nanoseconds>(fit * kNanosecondsASecond / packets_per_second));
  }
  return result < kCollectAtLeast ? 0 : result;
}

void ReceiveLoop::update_drops(Socket& socket) {
  const auto drops = socket_drops(socket.fd);
  if (!drops) return;
  socket.drops += *drops - socket.drops_seen;  // modulo 2^32, as the kernel counts
  socket.drops_seen = *drops;
}

void ReceiveLoop::rebuild_polled() {
  polled_.assign(1, pollfd{.fd = commands_.fd(), .events = POLLIN, .revents = 0});
  for (const auto& socket : sockets_) {
    polled_.push_back(pollfd{.fd = socket->fd.get(), .events = POLLIN, .revents = 0});
  }
}

void ReceiveLoop::add_socket(Family family, std::uint16_t port, FileDescriptor socket) {
  auto added = std::make_unique<Socket>();
  added->family = family;
  added->port = port;
  added->buffer_size = receive_buffer_size(socket).value_or(0);
  added->fd = std::move(socket);
  sockets_.push_back(std::move(added));
  rebuild_polled();
}

void ReceiveLoop::remove_socket(Family family, std::uint16_t port) {
  std::erase_if(sockets_, [&](const auto& socket) {
    return socket->family == family && socket->port == port;
  });
  rebuild_polled();
}

std::vector<SocketSnapshot> ReceiveLoop::sockets() {
  std::vector<SocketSnapshot> result;
  result.reserve(sockets_.size());
  for (const auto& socket : sockets_) {
    update_drops(*socket);
    result.push_back(SocketSnapshot{.port = socket->port,
                                    .family = socket->family,
                                    .drops = socket->drops,
                                    .datagrams = socket->datagrams,
                                    .not_joined = socket->not_joined});
  }
  return result;
}

void ReceiveLoop::watch(ReceiveStream& stream) {
  stream.watch_index = watched_.size();
  watched_.push_back(&stream);
  deadlines_.push_back(stream.tracker.next_deadline());
}

void ReceiveLoop::unwatch(ReceiveStream& stream) {
  const std::size_t i = stream.watch_index;
  watched_[i] = watched_.back();
  deadlines_[i] = deadlines_.back();
  watched_[i]->watch_index = i;
  watched_.pop_back();
  deadlines_.pop_back();
}

void ReceiveLoop::look_at(ReceiveStream& stream) {
  deadlines_[stream.watch_index] = stream.tracker.next_deadline();
}

void ReceiveLoop::listen(const StreamTable::Key& key, ReceiveStream& stream) {
  stream.tracker.joined(clock_.monotonic());
  table_.insert(key, stream);
}

void ReceiveLoop::unlisten(const StreamTable::Key& key, ReceiveStream& stream) {
  table_.remove(key, stream);
}

}  // namespace mcast
