#include "streams/stream_supervisor.h"

#include <algorithm>
#include <concepts>
#include <utility>

namespace mcast {
namespace {

// What receivers and senders do in different ways.
template <typename Spec>
constexpr bool kReceives = std::same_as<Spec, ReceiverSpec>;

std::optional<int> igmp_version_of(const ReceiverSpec& spec) {
  return spec.igmp_version;
}
std::optional<int> igmp_version_of(const SenderSpec& /*spec*/) {
  return std::nullopt;
}

const netlink::Link* find_link(const std::vector<netlink::Link>& links, auto key,
                               const auto& wanted) {
  const auto found = std::ranges::find(links, wanted, key);
  return found == links.end() ? nullptr : &*found;
}

}  // namespace

StreamSupervisor::Network StreamSupervisor::network_of(netlink::Host& host) {
  return {.links = [&host] { return host.links(); },
          .addresses = [&host] { return host.addresses(); },
          .route =
              [&host](const IpAddress& group, const std::optional<IpAddress>& source) {
                return host.route_to(group, source);
              }};
}

StreamSupervisor::StreamSupervisor(Network network, const Parts& parts)
    : network_(std::move(network)), parts_(parts) {}

template <typename Spec>
auto& StreamSupervisor::engine() {
  if constexpr (kReceives<Spec>) {
    return parts_.receive_engine;
  } else {
    return parts_.send_engine;
  }
}

template <typename Spec>
StreamId StreamSupervisor::add(const Spec& spec) {
  const StreamId id = engine<Spec>().add(spec);
  std::get<Streams<Spec>>(streams_).try_emplace(id).first->second.spec = spec;
  return id;
}

template <typename Spec>
void StreamSupervisor::remove(StreamId id) {
  // The group is left in the IGMP version that was forced for it.
  engine<Spec>().remove(id);
  std::get<Streams<Spec>>(streams_).erase(id);
}

template <typename Spec>
void StreamSupervisor::update(StreamId id, const Spec& spec) {
  auto& streams = std::get<Streams<Spec>>(streams_);
  const auto found = streams.find(id);
  if (found == streams.end()) return;
  Stream<Spec>& stream = found->second;
  const bool other_version = igmp_version_of(stream.spec) != igmp_version_of(spec);
  stream.spec = spec;
  engine<Spec>().update(id, spec);
  if (!other_version) return;
  // An interface has one version: all receivers on it let go of the old one before
  // reconcile() takes the new one.
  stream.at.igmp_lease.reset();
  stream.at.igmp_reported.clear();
}

template StreamId StreamSupervisor::add(const ReceiverSpec&);
template StreamId StreamSupervisor::add(const SenderSpec&);
template void StreamSupervisor::remove<ReceiverSpec>(StreamId);
template void StreamSupervisor::remove<SenderSpec>(StreamId);
template void StreamSupervisor::update(StreamId, const ReceiverSpec&);
template void StreamSupervisor::update(StreamId, const SenderSpec&);

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
  for (auto& [id, stream] : std::get<Streams<ReceiverSpec>>(streams_)) look_after(id, stream, view);
  for (auto& [id, stream] : std::get<Streams<SenderSpec>>(streams_)) look_after(id, stream, view);
  publish_joins();
}

void StreamSupervisor::publish_joins() {
  if (parts_.stream_register == nullptr) return;
  std::vector<HeldJoin> joins;
  for (const auto& [id, receiver] : std::get<Streams<ReceiverSpec>>(streams_)) {
    if (receiver.at.ifindex == 0) continue;
    joins.push_back({.stream = receiver.spec.name,
                     .group = receiver.spec.group,
                     .source = receiver.spec.source,
                     .ifindex = receiver.at.ifindex,
                     .port = receiver.spec.port});
  }
  const auto published = parts_.stream_register->publish(std::move(joins));
  const std::string reason = published ? "" : published.error().message;
  if (std::exchange(register_reported_, reason) != reason && !reason.empty()) {
    parts_.log.warning("mcast-status will not see these streams", {{"reason", reason}});
  }
}

std::string StreamSupervisor::reason_to_leave(const Attachment& at, const View& view) {
  const netlink::Link* const link = find_link(view.links, &netlink::Link::index, at.ifindex);
  if (link == nullptr) return "interface '" + at.interface + "' is gone";
  if (link->name != at.interface) {
    return "interface '" + at.interface + "' is now called '" + link->name + "'";
  }
  if (at.local_address &&
      std::ranges::find(view.addresses, *at.local_address, &netlink::InterfaceAddress::address) ==
          view.addresses.end()) {
    return "address " + at.local_address->to_string() + " is gone from this host";
  }
  return "";
}

template <typename Spec>
Result<const netlink::Link*> StreamSupervisor::choose(const Spec& spec, const View& view) const {
  if (!spec.interface.empty()) {
    const netlink::Link* const link = find_link(view.links, &netlink::Link::name, spec.interface);
    if (link == nullptr) return fail("interface '" + spec.interface + "' does not exist");
    return link;
  }
  std::optional<IpAddress> from;
  if constexpr (!kReceives<Spec>) from = spec.source;
  const auto route = network_.route(spec.group, from);
  if (!route) return std::unexpected(route.error());
  const netlink::Link* const link = find_link(view.links, &netlink::Link::index, route->ifindex);
  if (link == nullptr) {
    return fail("the route to " + spec.group.to_string() + " leads to interface index " +
                std::to_string(route->ifindex) + ", which does not exist");
  }
  return link;
}

template <typename Spec>
void StreamSupervisor::look_after(StreamId id, Stream<Spec>& stream, const View& view) {
  if (stream.at.ifindex != 0) {
    if (const std::string reason = reason_to_leave(stream.at, view); !reason.empty()) {
      engine<Spec>().detach(id, reason);
      give_up(stream, reason);
    }
  }
  if (stream.at.ifindex == 0) {
    start(id, stream, view);
  } else if (stream.wants_igmp_version()) {
    force_igmp_version(stream);
  }
}

template <typename Spec>
void StreamSupervisor::start(StreamId id, Stream<Spec>& stream, const View& view) {
  const Spec& spec = stream.spec;
  const auto link = choose(spec, view);
  if (!link) {
    engine<Spec>().detach(id, link.error().message);
    return give_up(stream, link.error().message);
  }
  Attachment& at = stream.at;
  at.interface = (*link)->name;
  force_igmp_version(stream);
  const auto attached = engine<Spec>().attach(id, (*link)->index, at.interface);
  if (!attached) return give_up(stream, attached.error().message);
  at.ifindex = (*link)->index;
  at.reported.clear();
  std::optional<IpAddress> source;
  if constexpr (kReceives<Spec>) {
    source = spec.source;
  } else {
    source = at.local_address = *attached;
  }
  parts_.log.info(kReceives<Spec> ? "joined" : "sending",
                  {{"stream", spec.name},
                   {"group", spec.group.to_string()},
                   {"source", source ? source->to_string() : "*"},
                   {"interface", at.interface},
                   {"port", std::to_string(spec.port)}});
}

template <typename Spec>
void StreamSupervisor::give_up(Stream<Spec>& stream, const std::string& reason) {
  stream.at.ifindex = 0;
  stream.at.igmp_lease.reset();
  // Once, not with every try.
  if (std::exchange(stream.at.reported, reason) == reason) return;
  parts_.log.warning("stream failed, will be tried again",
                     {{"stream", stream.spec.name},
                      {"kind", kReceives<Spec> ? "receiver" : "sender"},
                      {"reason", reason}});
}

template <typename Spec>
void StreamSupervisor::force_igmp_version(Stream<Spec>& stream) {
  const std::optional<int> version = igmp_version_of(stream.spec);
  if (!version) return;
  const auto warn = [&](std::string_view message, const std::string& reason) {
    parts_.log.warning(
        message,
        {{"stream", stream.spec.name}, {"interface", stream.at.interface}, {"reason", reason}});
  };
  auto lease = parts_.igmp_versions.force(stream.at.interface, *version);
  // The stream can do without: it joins in whatever version is in operation.
  const std::string reason = lease ? "" : lease.error().message;
  if (std::exchange(stream.at.igmp_reported, reason) != reason && !lease) {
    warn("the IGMP version is not forced", reason);
  }
  if (!lease) return;
  for (const std::string& warning : lease->warnings()) warn("forced IGMP version", warning);
  stream.at.igmp_lease = std::move(*lease);
}

template <typename Spec>
bool StreamSupervisor::Stream<Spec>::wants_igmp_version() const {
  return at.ifindex != 0 && igmp_version_of(spec) && !at.igmp_lease;
}

bool StreamSupervisor::wants_retry() const {
  // Whoever held another version may have gone by now.
  const auto wants = [](const auto& entry) {
    return entry.second.at.ifindex == 0 || entry.second.wants_igmp_version();
  };
  return std::ranges::any_of(std::get<Streams<ReceiverSpec>>(streams_), wants) ||
         std::ranges::any_of(std::get<Streams<SenderSpec>>(streams_), wants);
}

const ReceiverSpec* StreamSupervisor::receiver_spec(StreamId id) const {
  const auto& receivers = std::get<Streams<ReceiverSpec>>(streams_);
  const auto found = receivers.find(id);
  return found == receivers.end() ? nullptr : &found->second.spec;
}

}  // namespace mcast
