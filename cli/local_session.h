// Streams that run in this process: the engines, the network and the supervisor of
// one command, put together. Views and summaries see only its snapshots. One
// thread, the command's main loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "netlink/forced_igmp_version.h"
#include "netlink/host.h"
#include "netlink/link_monitor.h"
#include "probe/event_queue.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "probe/snapshot.h"
#include "streams/stream_supervisor.h"

namespace mcast::cli {

class LocalSession {
 public:
  // What the streams are made of; all outlive the session.
  struct Parts {
    const Clock& clock;
    SendEngine::RandomSenderId random;
    netlink::ForcedIgmpVersions& igmp_versions;
    Log& log;
  };
  [[nodiscard]] static Result<std::unique_ptr<LocalSession>> open(const Parts& parts);

  // Starts the streams, all of one interface ("" where the routing table chooses).
  // The error is for the person: what does not work and what to do about it.
  [[nodiscard]] Result<void> start(const std::vector<SenderSpec>& senders);
  [[nodiscard]] Result<void> start(const std::vector<ReceiverSpec>& receivers);

  // Follows the network; call it when fd() is readable and at least every second.
  void look_after();
  // Readable when the network has changed.
  [[nodiscard]] int fd() const { return link_monitor_.fd(); }

  [[nodiscard]] std::optional<StreamEvent> take_event() { return events_.take(); }
  // Of a receiver; "" for an unknown one.
  [[nodiscard]] std::string name_of(StreamId id) const { return supervisor_.receiver_name(id); }

  [[nodiscard]] ProbeSnapshot snapshot();
  // Ends measuring: what is still missing counts as lost.
  void settle() { receive_engine_->settle(); }

  // The first IPv4 address of an interface, "" where it has none.
  [[nodiscard]] std::string address_of(const std::string& interface);

  LocalSession(const Parts& parts, netlink::Host host, netlink::LinkMonitor link_monitor);

 private:
  [[nodiscard]] Result<void> start_engines(const Parts& parts);
  [[nodiscard]] Result<void> check_interface(const std::string& interface);

  const Clock& clock_;
  netlink::Host host_;
  netlink::LinkMonitor link_monitor_;
  EventQueue events_;
  std::unique_ptr<ReceiveEngine> receive_engine_;
  std::unique_ptr<SendEngine> send_engine_;
  StreamSupervisor supervisor_;
  Nanoseconds next_look_ = 0;
};

}  // namespace mcast::cli
