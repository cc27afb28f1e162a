// One sender stream as the send thread holds it: its schedule, its socket and
// what it has sent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "probe/send_schedule.h"
#include "probe/snapshot.h"
#include "probe/stream_spec.h"
#include "probe/wire.h"

namespace mcast {

// The send thread's scratch memory, shared by its streams.
class SendBatch;

class SendStream {
 public:
  SendStream(const SenderSpec& spec, std::uint32_t sender_id);

  // Begins or goes on with sending through `socket`; more than `max_payload` bytes would be
  // fragmented. The first call sets the schedule off at `now`.
  void attach(FileDescriptor socket, std::size_t max_payload, Nanoseconds now);
  // Without a socket the schedule runs on: what is due then counts as an error
  // ("ENODEV") and uses up its sequence number, as a packet that the system
  // refused does. So a receiver sees the whole interruption.
  void detach(Nanoseconds now) {
    socket_.reset();
    note_state(now);
  }

  // What the stamps of packets need beside their moment.
  struct Realtime {
    Nanoseconds offset = 0;  // realtime - monotonic
    std::uint32_t error = kClockUnsynchronised;
  };
  // Sends what is due at `now`, at most one batch.
  void send_due(Nanoseconds now, Realtime realtime, SendBatch& batch);
  // Ends before its time: one more packet tells receivers so, if it can carry the word.
  void finish(Nanoseconds now, Realtime realtime, SendBatch& batch);
  // When send_due() is wanted next, or kNever.
  [[nodiscard]] Nanoseconds next_due() const;

  // Fills the measured fields (not spec, interface). realtime = monotonic +
  // `realtime_offset`.
  void snapshot(Nanoseconds realtime_offset, SenderSnapshot& out) const;

 private:
  void begin(Nanoseconds now);
  // `left`: packets still to come, these included.
  void transmit(std::uint64_t count, std::uint64_t left, Nanoseconds now, Realtime realtime,
                SendBatch& batch);
  void note_finished(Nanoseconds now);
  [[nodiscard]] std::uint64_t left() const;
  void count_error(int code, std::uint64_t packets);
  [[nodiscard]] SenderState state() const;
  // After whatever may have changed it.
  void note_state(Nanoseconds now);

  struct ErrorCount {
    int code = 0;
    std::uint64_t count = 0;
  };
  static constexpr std::size_t kErrorKinds = 16;  // the last one collects the rest

  SenderSpec spec_;
  std::uint32_t sender_id_;
  std::array<std::uint8_t, kMaxHeaderSize> header_{};
  FileDescriptor socket_;
  bool segmentation_ = false;  // UDP_SEGMENT fits this way and pays at this rate
  std::optional<SendSchedule> schedule_;
  Nanoseconds end_ = 0;
  Nanoseconds not_before_ = 0;
  bool finished_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t skipped_ = 0;
  SenderState last_state_ = SenderState::kFailed;  // of note_state()
  Nanoseconds state_since_ = 0;
  int failing_with_ = 0;  // errno of the newest send, 0 when it went well
  std::array<ErrorCount, kErrorKinds> errors_{};
  ScheduleLagHistogram lag_;
};

}  // namespace mcast
