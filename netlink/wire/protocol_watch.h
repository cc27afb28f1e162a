// Hears the queries of IGMP and MLD on interfaces, and the reports that this host sends there.
// Needs CAP_NET_RAW. Changes nothing on the host: no membership, no promiscuous mode (queries
// go to 224.0.0.1 and ff02::1, which every interface hears). One thread.
//
// One packet socket an interface, so that no other interface pays. What this host
// sends is only seen by a socket for which the kernel clones every packet that the
// interface sends: about 10 % of a fast sender's time, so it can be left out. What comes
// in costs about 0.2 us a packet. docs/decisions/igmp-watch.md
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "netlink/wire/packet_socket.h"
#include "netlink/wire/protocol_activity.h"

namespace mcast::netlink {

struct WatchedInterface {
  int ifindex = 0;
  // Also what goes out: this host's reports, leaves and queries. On a port of a bridge
  // that is what the bridge forwards, too: watch the bridge in its place.
  bool outgoing = true;

  friend bool operator==(const WatchedInterface&, const WatchedInterface&) = default;
};

class ProtocolWatch {
 public:
  // Watches nothing yet. EPERM: CAP_NET_RAW is missing.
  [[nodiscard]] static Result<ProtocolWatch> open();

  // One that could not be watched, and why (ENODEV: it is gone). It is tried again by
  // the next watch() that names it.
  struct Failure {
    int ifindex = 0;
    Error error;
  };
  // The set from now on: ProtocolActivity::kMaxInterfaces at most. Interfaces that are no
  // longer in it are forgotten; those that stay keep their socket and what was heard. An
  // index that is named twice counts once, with what its first entry says.
  [[nodiscard]] std::vector<Failure> watch(const std::vector<WatchedInterface>& interfaces);

  // Readable when there is something to drain: an epoll descriptor, fit to be polled.
  [[nodiscard]] int fd() const { return epoll_.get(); }

  // Takes what waits, without waiting, and counts it at the clock's now. Reads a bounded
  // number of packets a call; fd() stays readable while there are more.
  [[nodiscard]] Result<void> drain(const Clock& clock);

  [[nodiscard]] const ProtocolActivity& activity() const { return activity_; }

  // Messages that the kernel had no room for, so far.
  [[nodiscard]] Result<std::uint64_t> dropped();

 private:
  struct Watched {
    PacketSocket socket;
    bool outgoing = false;
  };
  explicit ProtocolWatch(FileDescriptor epoll) : epoll_(std::move(epoll)) {}

  [[nodiscard]] Result<void> add(const WatchedInterface& interface);

  FileDescriptor epoll_;
  std::map<int, Watched> watched_;  // by ifindex
  ProtocolActivity activity_;
  std::uint64_t dropped_before_ = 0;  // by sockets that are closed
};

}  // namespace mcast::netlink
