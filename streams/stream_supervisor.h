// Keeps streams attached to their interfaces: starts them, tries again those that
// could not start, and follows interfaces that go away and come back. The same
// for the agent's configured streams and for the one of a command. One thread,
// the program's main loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "netlink/forcing/forced_versions.h"
#include "netlink/host.h"
#include "netlink/types.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "streams/running_streams.h"

namespace mcast {

// Where a group of IPv6 goes out that names no interface: the only one that is up and has an
// IPv6 address. ff00::/8 is in the kernel's table `local`, one route an interface, and of several
// it would take the one that came up last; so several are an error, which lists them (ENODEV).
[[nodiscard]] Result<const netlink::Link*> only_ipv6_interface(
    const std::vector<netlink::Link>& links,
    const std::vector<netlink::InterfaceAddress>& addresses, const IpAddress& group);

// The address that a sender of IPv6 has to wait for: `source`, or any of the interface (a
// link-local one where it has no other), as long as duplicate address detection is not over. Before
// that the kernel sends from none, or from a link-local one, which routers do not forward. nullptr:
// none.
[[nodiscard]] const netlink::InterfaceAddress* tentative_address(
    const std::vector<netlink::InterfaceAddress>& addresses, int ifindex,
    const std::optional<IpAddress>& source);

class StreamSupervisor {
 public:
  // What the supervisor must know of the network, read when it asks.
  struct Network {
    std::function<Result<std::vector<netlink::Link>>()> links;
    std::function<Result<std::vector<netlink::InterfaceAddress>>()> addresses;
    // The route to a group, for streams that name no interface; for senders with
    // their own source address if they have one.
    std::function<Result<netlink::Route>(const IpAddress&, const std::optional<IpAddress>&)> route;
  };

  // The kernel's own answers; `host` outlives them.
  [[nodiscard]] static Network network_of(netlink::Host& host);

  // What the supervisor works with; all outlive it.
  struct Parts {
    ReceiveEngine& receive_engine;
    SendEngine& send_engine;
    netlink::ForcedVersions& forced_versions;
    Log& log;
    // Where to say which streams hold joins and send; nullptr: nowhere.
    StreamRegister* stream_register = nullptr;
    // Receivers that ask for no version get the newest one, IGMPv3 or MLDv2: forced where the
    // interface forces another one, and this program may.
    bool wants_newest_version = false;
  };

  StreamSupervisor(Network network, const Parts& parts);
  StreamSupervisor(const StreamSupervisor&) = delete;
  StreamSupervisor& operator=(const StreamSupervisor&) = delete;
  ~StreamSupervisor();

  // Nothing of a new stream starts before the next reconcile().
  StreamId add(const ReceiverSpec& spec);
  StreamId add(const SenderSpec& spec);

  // Leaves the group, or stops to send, at once; unknown streams are left as they are.
  void remove_receiver(StreamId id);
  void remove_sender(StreamId id);

  // A running stream becomes another without measuring anew; they differ_in_live_keys_only().
  // Another IGMP version comes with the next reconcile().
  void update(StreamId id, const ReceiverSpec& spec);
  void update(StreamId id, const SenderSpec& spec);

  // Compares what should be with what is, and does the difference: at start, when
  // the network changed, and every second while wants_retry().
  void reconcile();

  // Some stream is not attached, its IGMP version is not forced, or a sender may have ended.
  [[nodiscard]] bool wants_retry() const;

  // What a receiver was asked to do; nullptr: there is no such receiver. Until it is removed or
  // updated.
  [[nodiscard]] const ReceiverSpec* receiver_spec(StreamId id) const;

 private:
  // The receivers, or the senders.
  template <typename Spec>
  class Kind;
  void find_finished();
  void publish_streams();

  Network network_;
  Parts parts_;
  std::unique_ptr<Kind<ReceiverSpec>> receivers_;
  std::unique_ptr<Kind<SenderSpec>> senders_;
  std::string register_reported_;
};

}  // namespace mcast
