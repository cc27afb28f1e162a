// The agent's netlink thread: hears of joins and leaves as they happen, listens to
// IGMP and MLD, and finds out why silent receivers get nothing and senders do not send. Others get
// copies of what it knows.
//
// What is missing is done without, and said once in the log: no notifications of
// memberships (before Linux 6.14, or without netlink): they are read every second; no
// CAP_NET_RAW: neither IGMP nor MLD, and findings that need the wire are unknown.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/run/decode_errors.h"
#include "base/clock.h"
#include "base/command_queue.h"
#include "base/log.h"
#include "base/result.h"
#include "findings/evidence.h"
#include "netlink/host.h"
#include "netlink/host_reader.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "netlink/wire/protocol_activity.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "streams/diagnosis.h"

namespace mcast::agent {

class NetworkWatch {
 public:
  // All outlive it.
  struct Parts {
    ReceiveEngine& receivers;
    SendEngine& senders;
    DecodeErrors& decode_errors;
    const Clock& clock;
    Log& log;
    OriginOf origin;
    // Called on the thread, for each join and leave of this host; may be empty.
    std::function<void(const netlink::MembershipEvent&, const std::string& interface)>
        on_membership;
  };
  // `igmp_interfaces` as for watch_igmp_on().
  [[nodiscard]] static Result<std::unique_ptr<NetworkWatch>> start(
      const Parts& parts, std::vector<std::string> igmp_interfaces);
  // Use start().
  NetworkWatch(const Parts& parts, netlink::HostReader reader,
               std::unique_ptr<CommandQueue> orders);
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;
  // Ends the thread.
  ~NetworkWatch();

  // Any thread: listens to IGMP and MLD on these from now on; empty: on every multicast interface.
  void watch_igmp_on(const std::vector<std::string>& interfaces);

  // Any thread. Memberships, links, IGMP versions and multicast routes as the kernel has
  // them now; joins and leaves are counted however short they were.
  [[nodiscard]] Result<netlink::HostSnapshot> read_host();
  [[nodiscard]] netlink::MembershipSource membership_source() const;

  struct Known {
    std::vector<netlink::InterfaceActivity> igmp;    // empty where nobody may listen
    std::uint64_t igmp_socket_drops = 0;             // messages that the kernel had no room for
    bool hears_igmp = false;                         // false where that is not allowed
    std::vector<findings::StreamFindings> findings;  // of silent receivers and of senders
  };
  // Any thread: what the thread knows by now.
  [[nodiscard]] Known known() const;

 private:
  class Loop;

  const Parts parts_;
  const std::unique_ptr<CommandQueue> orders_;
  mutable std::mutex reader_mutex_;
  netlink::HostReader reader_;  // guarded by reader_mutex_
  mutable std::mutex mutex_;
  Known known_;  // guarded by mutex_, written by the thread
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace mcast::agent
