// Streams that run in this process: the engines, the network and the supervisor of
// one command, put together. One thread, the command's main loop.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/session/session.h"
#include "netlink/forcing/forced_versions.h"
#include "netlink/host_reader.h"
#include "netlink/rtnetlink/link_monitor.h"
#include "probe/event_queue.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "probe/snapshot.h"
#include "streams/diagnosis.h"
#include "streams/running_streams.h"
#include "streams/stream_supervisor.h"

namespace mcast::cli {

class LocalSession final : public Session {
 public:
  // What the streams are made of; all outlive the session.
  struct Parts {
    const Clock& clock;
    SendEngine::RandomSenderId random;
    netlink::ForcedVersions& forced_versions;
    Log& log;
    // As the person typed it: remedies are it with one thing changed.
    std::vector<std::string> command_line = {};
    bool wants_newest_version = false;  // as StreamSupervisor::Parts has it
    bool quiet = false;                 // nobody wants to know that packets are fragmented
  };
  [[nodiscard]] static Result<std::unique_ptr<LocalSession>> open(const Parts& parts);

  // Starts the streams, at least one, all of one interface ("" where the routing
  // table chooses). The error is for the person: what does not work and what to do
  // about it; its code is ENODEV where there is no such interface.
  template <typename Spec>
  [[nodiscard]] Result<void> start(const std::vector<Spec>& streams);

  // Follows the network.
  void look_after() override;
  // Readable when the network has changed; -1 where nobody says so.
  [[nodiscard]] int fd() const override { return link_monitor_ ? link_monitor_->fd() : -1; }
  [[nodiscard]] std::optional<StreamEvent> take_event() override { return engines_.events->take(); }
  [[nodiscard]] std::string name_of(StreamId id) const override;

  // A stream that is silent for a second is examined for two, and again every ten while that
  // lasts. Reading the host takes about 1 ms of the main loop, twice an examination.
  [[nodiscard]] std::vector<findings::Schedule::New> new_findings() override;
  [[nodiscard]] std::array<int, 2> findings_fds() const override { return diagnosis_.fds(); }
  [[nodiscard]] const findings::Schedule& findings() const override {
    return sends_ ? sender_diagnosis_.found() : diagnosis_.found();
  }
  [[nodiscard]] bool is_looking() const override { return diagnosis_.is_examining(); }

  [[nodiscard]] ProbeSnapshot snapshot() override;
  void settle() override {
    engines_.receive->settle();
    engines_.send->finish();
  }
  [[nodiscard]] std::string address_of(const std::string& interface, Family family) override;
  [[nodiscard]] std::optional<int> version_on(const std::string& interface, Family family) override;
  // What fails here is tried again.
  [[nodiscard]] std::string lost() const override { return {}; }

  // The threads, and what they write to.
  struct Engines {
    std::unique_ptr<EventQueue> events;
    std::unique_ptr<ReceiveEngine> receive;
    std::unique_ptr<SendEngine> send;
  };
  // Use open().
  LocalSession(const Parts& parts, Engines engines, netlink::HostReader reader,
               std::optional<netlink::LinkMonitor> link_monitor);
  // Leaves all groups, then puts forced IGMP versions back.
  ~LocalSession() override;

 private:
  // What would keep a stream from working, said before it is tried; else where it is to run. Code
  // ENODEV: there is no such interface.
  [[nodiscard]] Result<netlink::Link> check_egress(const std::string& interface,
                                                   const IpAddress& group,
                                                   const std::optional<IpAddress>& source);
  // Where streams go that name no interface: its index.
  [[nodiscard]] Result<int> default_egress(const std::vector<netlink::Link>& links,
                                           const std::vector<netlink::InterfaceAddress>& addresses,
                                           const IpAddress& group,
                                           const std::optional<IpAddress>& source);
  // Only the receivers that wait or are stalled, or are on these interfaces, and all sockets: cheap
  // while there are few of them.
  [[nodiscard]] ProbeSnapshot snapshot_of_silent(const std::set<std::string>& interfaces);
  [[nodiscard]] OriginOf origin() const;

  const Parts parts_;
  netlink::HostReader reader_;
  netlink::Host& host_ = reader_.host();
  std::optional<netlink::LinkMonitor> link_monitor_;  // empty without netlink
  Engines engines_;
  StreamRegister stream_register_;
  StreamSupervisor supervisor_;
  Diagnosis diagnosis_;
  SenderDiagnosis sender_diagnosis_;
  bool sends_ = false;
  Nanoseconds next_look_ = 0;
};

}  // namespace mcast::cli
