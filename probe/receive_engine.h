// Receives probe packets for any number of streams: one thread, one socket a UDP
// port and family, memberships on sockets of their own.
//
// A stream is added once and keeps its counters while it is attached to an
// interface, detached and attached again (an interface that went away and came
// back). All public functions may be called from any thread; they wait for the
// receive thread, which owns the statistics, at most for the batch in its hands.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/command_queue.h"
#include "base/result.h"
#include "probe/group_joins.h"
#include "probe/receive_loop.h"
#include "probe/snapshot.h"
#include "probe/stream_event.h"
#include "probe/stream_spec.h"

namespace mcast {

class ReceiveEngine {
 public:
  // Starts the receive thread. `clock` and `events` outlive the engine; events
  // come on the receive thread.
  [[nodiscard]] static Result<std::unique_ptr<ReceiveEngine>> start(const Clock& clock,
                                                                    StreamEventSink& events);
  // Use start().
  ReceiveEngine(const Clock& clock, StreamEventSink& events,
                std::unique_ptr<CommandQueue> commands);
  ReceiveEngine(const ReceiveEngine&) = delete;
  ReceiveEngine& operator=(const ReceiveEngine&) = delete;
  // Leaves every group and ends the thread.
  ~ReceiveEngine();

  // A new stream, not attached: its state is failed until it is.
  [[nodiscard]] StreamId add(const ReceiverSpec& spec);
  // Leaves the group and forgets the counters.
  void remove(StreamId id);
  // Timeouts, labels, origin and IGMP or MLD version of a stream that goes on measuring; of
  // `spec` nothing else differs from the stream's own.
  void update(StreamId id, const ReceiverSpec& spec);

  // Joins the stream's group on an interface and starts to count. An attached
  // stream is detached first. On error it stays detached, with the error as the
  // reason that snapshots show.
  [[nodiscard]] Result<void> attach(StreamId id, int ifindex, const std::string& interface);
  // Leaves the group; the state is failed with this reason until attach().
  void detach(StreamId id, const std::string& reason);

  // The end of measuring: reads what has arrived by now, then gives up all that is
  // still missing.
  void settle();

  [[nodiscard]] std::size_t size();
  // Streams in the order in which they were added; `wanted` leaves others out.
  [[nodiscard]] std::vector<ReceiverSnapshot> snapshot();
  [[nodiscard]] std::vector<ReceiverSnapshot> snapshot(
      const std::function<bool(const ReceiverSpec&)>& wanted);
  // Only of those that wait, are stalled or failed: cheap while there are few.
  // And all on one of these interfaces.
  [[nodiscard]] std::vector<ReceiverSnapshot> snapshot_of_silent(
      const std::set<std::string>& interfaces = {});
  [[nodiscard]] std::vector<SocketSnapshot> sockets();

 private:
  struct Attachment {
    int ifindex = 0;
    std::string interface;
    GroupJoins::Membership membership;
  };
  struct Registration {
    ReceiverSpec spec;
    std::unique_ptr<ReceiveStream> stream;
    std::optional<Attachment> attachment;
    std::string error = "not started yet";
    Nanoseconds failed_since = 0;  // realtime, while there is no attachment
  };

  // With mutex_ held:
  [[nodiscard]] std::vector<ReceiverSnapshot> snapshot_of(
      const std::vector<const Registration*>& registrations);
  [[nodiscard]] Result<void> open_port(const ReceiverSpec& spec);
  void close_port(const ReceiverSpec& spec);
  void leave(Registration& registration);
  [[nodiscard]] static StreamTable::Key key_of(const Registration& registration, int ifindex);

  const Clock& clock_;
  StreamEventSink& events_;
  std::unique_ptr<CommandQueue> commands_;
  ReceiveLoop loop_;  // commands only

  std::mutex mutex_;  // guards all below; never taken by the receive thread
  StreamId next_id_ = 1;
  std::map<StreamId, Registration> streams_;
  // How many attached streams use each.
  std::map<std::pair<Family, std::uint16_t>, std::size_t> ports_;
  GroupJoins joins_;

  std::thread thread_;
};

}  // namespace mcast
