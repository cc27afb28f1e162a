// Sends probe packets for any number of streams on one thread, each on its own
// absolute schedule. Streams are added once and keep their sequence and sender
// ID while they are attached to an interface, detached and attached again.
// Public functions: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/command_queue.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "probe/send_batch.h"
#include "probe/send_stream.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"
#include "probe/stream_spec.h"

namespace mcast {

class SendEngine {
 public:
  // Draws a sender ID; called under the engine's lock.
  using RandomSenderId = std::function<std::uint32_t()>;

  // Starts the send thread. `clock` outlives the engine.
  [[nodiscard]] static Result<std::unique_ptr<SendEngine>> start(const Clock& clock,
                                                                 RandomSenderId random);
  // Use start().
  SendEngine(const Clock& clock, RandomSenderId random, std::unique_ptr<CommandQueue> commands,
             FileDescriptor timer);
  SendEngine(const SendEngine&) = delete;
  SendEngine& operator=(const SendEngine&) = delete;
  ~SendEngine();

  // A new stream, not attached; its schedule begins with the first attach().
  [[nodiscard]] StreamId add(const SenderSpec& spec);
  void remove(StreamId id);
  // Labels and origin of a stream that goes on sending; of `spec` nothing else differs
  // from the stream's own.
  void update(StreamId id, const SenderSpec& spec);

  // Sends out of this interface from now on. Returns the local address that
  // packets carry. On error the stream is detached, with the error as reason.
  [[nodiscard]] Result<IpAddress> attach(StreamId id, int ifindex, const std::string& interface);
  void detach(StreamId id, const std::string& reason);
  // Ends all streams, each with a packet that says so, as remove() and the destructor do.
  void finish();

  [[nodiscard]] std::size_t size();
  // Streams in the order in which they were added; `wanted` leaves others out.
  [[nodiscard]] std::vector<SenderSnapshot> snapshot();
  [[nodiscard]] std::vector<SenderSnapshot> snapshot(
      const std::function<bool(const SenderSpec&)>& wanted);

 private:
  struct Registration {
    SenderSpec spec;
    std::unique_ptr<SendStream> stream;
    std::optional<std::string> interface;  // attached to
    std::optional<IpAddress> local_address;
    std::string error = "not started yet";
  };
  // Ordered by due time, soonest at the front (a heap).
  using Due = std::pair<Nanoseconds, SendStream*>;

  void run();
  // Send thread or commands only:
  void wait_until(Nanoseconds due);
  void schedule(SendStream& stream);
  void unschedule(const SendStream& stream);
  void finish(SendStream& stream);
  [[nodiscard]] SendStream::Realtime realtime() const;

  const Clock& clock_;
  RandomSenderId random_;
  std::unique_ptr<CommandQueue> commands_;

  // Touched by the send thread alone.
  FileDescriptor timer_;  // timerfd
  SendBatch batch_;
  std::vector<Due> due_;
  bool running_ = true;
  RealtimeOffset realtime_offset_;
  std::uint32_t realtime_error_ = kClockUnsynchronised;
  Nanoseconds realtime_error_until_ = 0;  // then it is asked for again

  std::mutex mutex_;  // guards all below; never taken by the send thread
  StreamId next_id_ = 1;
  std::map<StreamId, Registration> streams_;

  std::thread thread_;
};

}  // namespace mcast
