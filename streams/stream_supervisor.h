// Keeps streams attached to their interfaces: starts them, tries again those that
// could not start, and follows interfaces that go away and come back. The same
// for the agent's configured streams and for the one of a command. One thread,
// the program's main loop.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "netlink/forcing/forced_igmp_version.h"
#include "netlink/host.h"
#include "netlink/types.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "streams/stream_register.h"

namespace mcast {

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
    netlink::ForcedIgmpVersions& igmp_versions;
    Log& log;
    // Where to say which streams hold joins; nullptr: nowhere.
    StreamRegister* stream_register = nullptr;
  };

  StreamSupervisor(Network network, const Parts& parts);

  // Nothing of a new stream starts before the next reconcile().
  StreamId add(const ReceiverSpec& spec);
  StreamId add(const SenderSpec& spec);

  // Leaves the group, or stops to send, at once; unknown streams are left alone.
  void remove_receiver(StreamId id);
  void remove_sender(StreamId id);

  // Whether a running stream can become another without measuring anew: a receiver keeps
  // its counters through a change of timeouts, labels, origin and IGMP version, a sender
  // through one of labels and origin.
  [[nodiscard]] static bool can_update(const ReceiverSpec& from, const ReceiverSpec& to);
  [[nodiscard]] static bool can_update(const SenderSpec& from, const SenderSpec& to);
  // Where can_update() says so. Another IGMP version comes with the next reconcile().
  void update(StreamId id, const ReceiverSpec& spec);
  void update(StreamId id, const SenderSpec& spec);

  // Compares what should be with what is, and does the difference: at start, when
  // the network changed, and every second while wants_retry().
  void reconcile();

  // Some stream is not attached, or its IGMP version not forced.
  [[nodiscard]] bool wants_retry() const;

  // The name of a receiver stream, "" when there is none.
  [[nodiscard]] std::string receiver_name(StreamId id) const;
  // What it was asked to do; nullptr when there is none. Until it is removed or updated.
  [[nodiscard]] const ReceiverSpec* receiver_spec(StreamId id) const;

 private:
  // Where a stream is now, and the reason that the log was last told of.
  struct Attachment {
    int ifindex = 0;  // 0: not attached
    std::string interface;
    std::string reported;
  };
  struct Receiver {
    ReceiverSpec spec;
    Attachment attachment;
    std::optional<netlink::ForcedIgmpVersions::Lease> igmp_lease;
    std::string igmp_reported;
  };
  struct Sender {
    SenderSpec spec;
    Attachment attachment;
    IpAddress local_address;
  };
  struct View {
    std::map<std::string, const netlink::Link*, std::less<>> by_name;
    std::map<int, const netlink::Link*> by_index;
    std::vector<netlink::InterfaceAddress> addresses;
  };

  void start(StreamId id, Receiver& receiver, const View& view);
  void start(StreamId id, Sender& sender, const View& view);
  void check(StreamId id, Receiver& receiver, const View& view);
  void check(StreamId id, Sender& sender, const View& view);
  void force_igmp_version(Receiver& receiver, const std::string& interface);
  // It should have an IGMP version forced and has not.
  [[nodiscard]] static bool wants_igmp_version(const Receiver& receiver);
  [[nodiscard]] Result<const netlink::Link*> choose(const std::string& interface,
                                                    const IpAddress& group,
                                                    const std::optional<IpAddress>& source,
                                                    const View& view) const;
  // Why an attached stream cannot stay where it is; empty: it can.
  [[nodiscard]] static std::string reason_to_leave(const Attachment& attachment, const View& view);
  void publish_joins();
  void report_once(const char* kind, const std::string& name, Attachment& attachment,
                   const std::string& reason);

  Network network_;
  Parts parts_;
  // In the order in which they were added.
  std::map<StreamId, Receiver> receivers_;
  std::map<StreamId, Sender> senders_;
  std::string register_reported_;
};

}  // namespace mcast
