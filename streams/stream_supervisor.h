// Keeps streams attached to their interfaces: starts them, tries again those that
// could not start, and follows interfaces that go away and come back. The same
// for the agent's configured streams and for the one of a command. One thread,
// the program's main loop.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "netlink/forcing/forced_igmp_version.h"
#include "netlink/host.h"
#include "netlink/types.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"
#include "streams/running_streams.h"

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

  // `Spec` is ReceiverSpec or SenderSpec.

  // Nothing of a new stream starts before the next reconcile().
  template <typename Spec>
  StreamId add(const Spec& spec);
  // Leaves the group, or stops to send, at once; unknown streams are left as they are.
  template <typename Spec>
  void remove(StreamId id);
  // A running stream becomes another without measuring anew; they differ_in_live_keys_only().
  // Another IGMP version comes with the next reconcile().
  template <typename Spec>
  void update(StreamId id, const Spec& spec);

  // Compares what should be with what is, and does the difference: at start, when
  // the network changed, and every second while wants_retry().
  void reconcile();

  // Some stream is not attached, or its IGMP version not forced.
  [[nodiscard]] bool wants_retry() const;

  // What a receiver was asked to do; nullptr: there is no such receiver. Until it is removed or
  // updated.
  [[nodiscard]] const ReceiverSpec* receiver_spec(StreamId id) const;

 private:
  // Where a stream is now, and what the log was last told of it.
  struct Attachment {
    int ifindex = 0;  // 0: not attached
    std::string interface;
    std::string reported;
    std::optional<IpAddress> local_address;  // that a sender's packets carry
    std::optional<netlink::ForcedIgmpVersions::Lease> igmp_lease;
    std::string igmp_reported;
  };
  template <typename Spec>
  struct Stream {
    Spec spec;
    Attachment at;
    // It should have an IGMP version forced and has not.
    [[nodiscard]] bool wants_igmp_version() const;
  };
  // In the order in which they were added.
  template <typename Spec>
  using Streams = std::map<StreamId, Stream<Spec>>;
  struct View {
    const std::vector<netlink::Link>& links;
    const std::vector<netlink::InterfaceAddress>& addresses;
  };

  template <typename Spec>
  [[nodiscard]] auto& engine();
  template <typename Spec>
  void look_after(StreamId id, Stream<Spec>& stream, const View& view);
  template <typename Spec>
  void start(StreamId id, Stream<Spec>& stream, const View& view);
  // It is on no interface any more, or not yet.
  template <typename Spec>
  void give_up(Stream<Spec>& stream, const std::string& reason);
  template <typename Spec>
  void force_igmp_version(Stream<Spec>& stream);
  template <typename Spec>
  [[nodiscard]] Result<const netlink::Link*> choose(const Spec& spec, const View& view) const;
  // Why an attached stream cannot stay where it is; empty: it can.
  [[nodiscard]] static std::string reason_to_leave(const Attachment& at, const View& view);
  void publish_joins();

  Network network_;
  Parts parts_;
  std::tuple<Streams<ReceiverSpec>, Streams<SenderSpec>> streams_;
  std::string register_reported_;
};

}  // namespace mcast
