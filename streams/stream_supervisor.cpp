#include "streams/stream_supervisor.h"

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <map>
#include <set>
#include <type_traits>
#include <utility>

#include "base/text.h"

namespace mcast {
namespace {

// The network at one moment.
struct View {
  const std::vector<netlink::Link>& links;
  const std::vector<netlink::InterfaceAddress>& addresses;

  // nullptr: there is none.
  [[nodiscard]] const netlink::Link* link(auto key, const auto& wanted) const {
    const auto found = std::ranges::find(links, wanted, key);
    return found == links.end() ? nullptr : &*found;
  }
  // MLD reports leave from :: until it is over, and routers do not take those.
  [[nodiscard]] bool is_testing_addresses(int ifindex) const {
    return std::ranges::any_of(addresses, [&](const netlink::InterfaceAddress& address) {
      return address.ifindex == ifindex && address.tentative && !address.duplicate;
    });
  }
  [[nodiscard]] bool has(const IpAddress& address) const {
    return std::ranges::find(addresses, address, &netlink::InterfaceAddress::address) !=
           addresses.end();
  }
};

std::optional<int> wanted_version_of(const ReceiverSpec& spec) {
  return spec.wanted_version();
}
std::optional<int> wanted_version_of(const SenderSpec& /*spec*/) {
  return std::nullopt;
}

}  // namespace

Result<const netlink::Link*> only_ipv6_interface(
    const std::vector<netlink::Link>& links,
    const std::vector<netlink::InterfaceAddress>& addresses, const IpAddress& group) {
  std::vector<const netlink::Link*> candidates;
  for (const netlink::Link& link : links) {
    const auto is_its_own = [&](const netlink::InterfaceAddress& address) {
      return address.ifindex == link.index && !address.address.is_v4();
    };
    if (link.up && link.multicast && !link.loopback && std::ranges::any_of(addresses, is_its_own)) {
      candidates.push_back(&link);
    }
  }
  if (candidates.size() == 1) return candidates.front();
  const auto refuse = [](const std::string& message) {
    return std::unexpected(Error{.message = message, .code = ENODEV});
  };
  if (candidates.empty()) {
    return refuse("no interface for " + group.to_string() +
                  ": none that is up has an IPv6 address");
  }
  return refuse("several interfaces could have " + group.to_string() +
                ", and the kernel would take any of them: name one of " +
                listed(candidates, &netlink::Link::name, 20));
}

const netlink::InterfaceAddress* tentative_address(
    const std::vector<netlink::InterfaceAddress>& addresses, int ifindex,
    const std::optional<IpAddress>& source) {
  const auto is_wider = [&](const netlink::InterfaceAddress& address) {
    return address.ifindex == ifindex && !address.address.is_v4() &&
           !address.address.is_link_local_unicast();
  };
  const bool has_wider = std::ranges::any_of(addresses, is_wider);
  const auto found = std::ranges::find_if(addresses, [&](const auto& address) {
    if (address.ifindex != ifindex || !address.tentative || address.duplicate) return false;
    return source ? address.address == *source : is_wider(address) || !has_wider;
  });
  return found == addresses.end() ? nullptr : &*found;
}

// Receivers and senders go through the same states; what they do in different ways asks
// kReceives.
template <typename Spec>
class StreamSupervisor::Kind {
 public:
  static constexpr bool kReceives = std::same_as<Spec, ReceiverSpec>;
  using Engine = std::conditional_t<kReceives, ReceiveEngine, SendEngine>;
  struct Stream {
    Spec spec = {};
    int ifindex = 0;  // where it is now; 0: not attached
    std::string interface = {};
    std::string reported = {};                    // that the log was last told of
    std::optional<IpAddress> local_address = {};  // that a sender's packets carry
    std::optional<netlink::ForcedVersions::Lease> version_lease = {};
    std::string version_reported = {};
    bool finished = false;  // a sender with an end, when publish_streams() looked last

    // It should have an IGMP version forced and has not.
    [[nodiscard]] bool wants_igmp_version() const {
      return ifindex != 0 && wanted_version_of(spec) && !version_lease;
    }
  };
  // In the order in which they were added.
  std::map<StreamId, Stream> streams = {};

  Kind(const StreamSupervisor& owner, Engine& engine) : owner_(owner), engine_(engine) {}

  StreamId add(const Spec& spec) {
    const StreamId id = engine_.add(spec);
    streams[id].spec = spec;
    return id;
  }

  void remove(StreamId id) {
    // The group is left in the IGMP version that was forced for it.
    engine_.remove(id);
    streams.erase(id);
  }

  void update(StreamId id, const Spec& spec) {
    const auto found = streams.find(id);
    if (found == streams.end()) return;
    Stream& stream = found->second;
    const bool other_version = wanted_version_of(stream.spec) != wanted_version_of(spec);
    stream.spec = spec;
    engine_.update(id, spec);
    if (!other_version) return;
    // An interface has one version: all receivers on it let go of the old one before
    // reconcile() takes the new one.
    stream.version_lease.reset();
    stream.version_reported.clear();
  }

  void look_after(const View& view) {
    for (auto& [id, stream] : streams) {
      if (stream.ifindex != 0) {
        if (const std::string reason = reason_to_leave(stream, view); !reason.empty()) {
          engine_.detach(id, reason);
          give_up(stream, reason);
        }
      }
      if (stream.ifindex == 0) {
        start(id, stream, view);
      } else if (stream.wants_igmp_version()) {
        force_version(stream);
      }
    }
  }

  [[nodiscard]] bool wants_retry() const {
    // Whoever held another version may have gone by now.
    return std::ranges::any_of(streams, [](const auto& entry) {
      return entry.second.ifindex == 0 || entry.second.wants_igmp_version();
    });
  }

  // Senders that end by themselves and have not done so.
  [[nodiscard]] bool has_unfinished() const
    requires(!kReceives)
  {
    return std::ranges::any_of(streams, [](const auto& entry) {
      const Stream& stream = entry.second;
      return !stream.finished && (stream.spec.duration > 0 || stream.spec.packet_limit > 0);
    });
  }

 private:
  // Why an attached stream cannot stay where it is; empty: it can.
  static std::string reason_to_leave(const Stream& stream, const View& view) {
    const netlink::Link* const link = view.link(&netlink::Link::index, stream.ifindex);
    if (link == nullptr) return "interface '" + stream.interface + "' is gone";
    if (link->name != stream.interface) {
      return "interface '" + stream.interface + "' is now called '" + link->name + "'";
    }
    if (!stream.local_address || view.has(*stream.local_address)) return "";
    return "address " + stream.local_address->to_string() + " is gone from this host";
  }

  Result<const netlink::Link*> choose(const Spec& spec, const View& view) const {
    if (!spec.interface.empty()) {
      const netlink::Link* const link = view.link(&netlink::Link::name, spec.interface);
      if (link == nullptr) return fail("interface '" + spec.interface + "' does not exist");
      return link;
    }
    if (!spec.group.is_v4()) {
      return only_ipv6_interface(view.links, view.addresses, spec.group);
    }
    const auto route = owner_.network_.route(spec.group, kReceives ? std::nullopt : spec.source);
    if (!route) return std::unexpected(route.error());
    const netlink::Link* const link = view.link(&netlink::Link::index, route->ifindex);
    if (link == nullptr) {
      return fail("the route to " + spec.group.to_string() + " leads to interface index " +
                  std::to_string(route->ifindex) + ", which does not exist");
    }
    return link;
  }

  void start(StreamId id, Stream& stream, const View& view) {
    const Spec& spec = stream.spec;
    const auto link = choose(spec, view);
    if (!link) {
      engine_.detach(id, link.error().message);
      return give_up(stream, link.error().message);
    }
    stream.interface = (*link)->name;
    if (!kReceives && !spec.group.is_v4()) {
      if (const auto* wait_for = tentative_address(view.addresses, (*link)->index, spec.source)) {
        const std::string reason = "waits until " + wait_for->address.to_string() + " on " +
                                   stream.interface +
                                   " can be used: duplicate address detection is not over";
        engine_.detach(id, reason);
        return give_up(stream, reason);
      }
    }
    force_version(stream);
    const auto attached = engine_.attach(id, (*link)->index, stream.interface);
    if (!attached) return give_up(stream, attached.error().message);
    stream.ifindex = (*link)->index;
    stream.reported.clear();
    if constexpr (!kReceives) stream.local_address = *attached;
    if (kReceives && !spec.group.is_v4() && view.is_testing_addresses(stream.ifindex)) {
      owner_.parts_.log.warning("the join delay contains duplicate address detection, which " +
                                    stream.interface + " is at",
                                {{"stream", spec.name}, {"interface", stream.interface}});
    }
    const auto& source = kReceives ? spec.source : stream.local_address;
    owner_.parts_.log.info(kReceives ? "joined" : "sending",
                           {{"stream", spec.name},
                            {"group", spec.group.to_string()},
                            {"source", source ? source->to_string() : "*"},
                            {"interface", stream.interface},
                            {"port", std::to_string(spec.port)}});
  }

  // It is on no interface any more, or not yet.
  void give_up(Stream& stream, const std::string& reason) {
    stream.ifindex = 0;
    stream.version_lease.reset();
    // Once, not with every try.
    if (std::exchange(stream.reported, reason) == reason) return;
    owner_.parts_.log.warning("stream failed, will be tried again",
                              {{"stream", stream.spec.name},
                               {"kind", kReceives ? "receiver" : "sender"},
                               {"reason", reason}});
  }

  void force_version(Stream& stream) {
    const Family family = stream.spec.group.family();
    const std::optional<int> asked = wanted_version_of(stream.spec);
    const bool newest = kReceives && owner_.parts_.wants_newest_version;
    if (!asked && !newest) return;
    const int version = asked.value_or(netlink::newest_version(family));
    if (!asked) {
      const int now = owner_.parts_.forced_versions.forced_on(stream.interface, family);
      if (now == 0 || now == version) return;
    }
    const std::string protocol(membership_protocol(family));
    const auto warn = [&](std::string_view message, const std::string& reason) {
      owner_.parts_.log.warning(
          message,
          {{"stream", stream.spec.name}, {"interface", stream.interface}, {"reason", reason}});
    };
    auto lease = owner_.parts_.forced_versions.force(stream.interface, family, version);
    // The stream can do without: it joins in whatever version is in operation.
    const std::string reason = lease ? "" : lease.error().message;
    // An ordinary user did not ask for it.
    if (!asked && !lease && lease.error().code != 0) return;
    if (std::exchange(stream.version_reported, reason) != reason && !lease) {
      warn("cannot force " + protocol + "v" + std::to_string(version) + " on " + stream.interface,
           reason);
    }
    if (!lease) return;
    for (const std::string& warning : lease->warnings())
      warn("forced " + protocol + " version", warning);
    stream.version_lease = std::move(*lease);
  }

  const StreamSupervisor& owner_;
  Engine& engine_;
};

StreamSupervisor::Network StreamSupervisor::network_of(netlink::Host& host) {
  return {.links = [&host] { return host.links(); },
          .addresses = [&host] { return host.addresses(); },
          .route =
              [&host](const IpAddress& group, const std::optional<IpAddress>& source) {
                return host.route_to(group, source);
              }};
}

StreamSupervisor::StreamSupervisor(Network network, const Parts& parts)
    : network_(std::move(network)),
      parts_(parts),
      receivers_(std::make_unique<Kind<ReceiverSpec>>(*this, parts.receive_engine)),
      senders_(std::make_unique<Kind<SenderSpec>>(*this, parts.send_engine)) {}

StreamSupervisor::~StreamSupervisor() = default;

StreamId StreamSupervisor::add(const ReceiverSpec& spec) {
  return receivers_->add(spec);
}
StreamId StreamSupervisor::add(const SenderSpec& spec) {
  return senders_->add(spec);
}
void StreamSupervisor::remove_receiver(StreamId id) {
  receivers_->remove(id);
}
void StreamSupervisor::remove_sender(StreamId id) {
  senders_->remove(id);
}
void StreamSupervisor::update(StreamId id, const ReceiverSpec& spec) {
  receivers_->update(id, spec);
}
void StreamSupervisor::update(StreamId id, const SenderSpec& spec) {
  senders_->update(id, spec);
}

void StreamSupervisor::reconcile() {
  const auto links = network_.links();
  if (!links) {
    return parts_.log.error("cannot read the interfaces", {{"reason", links.error().message}});
  }
  const auto addresses = network_.addresses();
  if (!addresses) {
    return parts_.log.error("cannot read the addresses", {{"reason", addresses.error().message}});
  }
  const View view{.links = *links, .addresses = *addresses};
  // Receivers first: at start, those on this host then miss nothing.
  receivers_->look_after(view);
  senders_->look_after(view);
  publish_streams();
}

// An engine does not tell of a sender's end; nobody else has to know of it at once.
void StreamSupervisor::find_finished() {
  if (!senders_->has_unfinished()) return;
  std::set<std::string> finished;
  for (const SenderSnapshot& sender : parts_.send_engine.snapshot()) {
    if (sender.state == SenderState::kFinished) finished.insert(sender.spec.name);
  }
  for (auto& [id, sender] : senders_->streams) {
    sender.finished = finished.contains(sender.spec.name);
  }
}

void StreamSupervisor::publish_streams() {
  if (parts_.stream_register == nullptr) return;
  HeldStreams held;
  for (const auto& [id, receiver] : receivers_->streams) {
    if (receiver.ifindex == 0) continue;
    held.joins.push_back({.stream = receiver.spec.name,
                          .group = receiver.spec.group,
                          .source = receiver.spec.source,
                          .ifindex = receiver.ifindex,
                          .port = receiver.spec.port,
                          .origin = receiver.spec.origin});
  }
  find_finished();
  for (const auto& [id, sender] : senders_->streams) {
    if (sender.ifindex == 0 || sender.finished) continue;
    held.senders.push_back({.stream = sender.spec.name,
                            .group = sender.spec.group,
                            .source = sender.local_address,
                            .ifindex = sender.ifindex,
                            .port = sender.spec.port,
                            .origin = sender.spec.origin,
                            .ttl = sender.spec.ttl,
                            .size = sender.spec.size,
                            .packets_per_second = sender.spec.packets_per_second});
  }
  const auto published = parts_.stream_register->publish(std::move(held));
  const std::string reason = published ? "" : published.error().message;
  if (std::exchange(register_reported_, reason) != reason && !reason.empty()) {
    parts_.log.warning("mcast-status will not see these streams", {{"reason", reason}});
  }
}

bool StreamSupervisor::wants_retry() const {
  return receivers_->wants_retry() || senders_->wants_retry() ||
         (parts_.stream_register != nullptr && senders_->has_unfinished());
}

const ReceiverSpec* StreamSupervisor::receiver_spec(StreamId id) const {
  const auto found = receivers_->streams.find(id);
  return found == receivers_->streams.end() ? nullptr : &found->second.spec;
}

}  // namespace mcast
