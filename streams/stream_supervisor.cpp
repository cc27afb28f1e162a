#include "streams/stream_supervisor.h"

#include <algorithm>
#include <utility>

namespace mcast {

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

StreamId StreamSupervisor::add(const ReceiverSpec& spec) {
  const StreamId id = parts_.receive_engine.add(spec);
  receivers_.try_emplace(id).first->second.spec = spec;
  return id;
}

StreamId StreamSupervisor::add(const SenderSpec& spec) {
  const StreamId id = parts_.send_engine.add(spec);
  senders_.try_emplace(id).first->second.spec = spec;
  return id;
}

void StreamSupervisor::remove_receiver(StreamId id) {
  // The group is left in the IGMP version that was forced for it.
  parts_.receive_engine.remove(id);
  receivers_.erase(id);
}

void StreamSupervisor::remove_sender(StreamId id) {
  parts_.send_engine.remove(id);
  senders_.erase(id);
}

bool StreamSupervisor::can_update(const ReceiverSpec& from, const ReceiverSpec& to) {
  ReceiverSpec changed = from;
  changed.stall_timeout = to.stall_timeout;
  changed.loss_timeout = to.loss_timeout;
  changed.igmp_version = to.igmp_version;
  changed.labels = to.labels;
  changed.origin = to.origin;
  return changed == to;
}

bool StreamSupervisor::can_update(const SenderSpec& from, const SenderSpec& to) {
  SenderSpec changed = from;
  changed.labels = to.labels;
  changed.origin = to.origin;
  return changed == to;
}

void StreamSupervisor::update(StreamId id, const ReceiverSpec& spec) {
  const auto found = receivers_.find(id);
  if (found == receivers_.end()) return;
  Receiver& receiver = found->second;
  const bool other_version = receiver.spec.igmp_version != spec.igmp_version;
  receiver.spec = spec;
  parts_.receive_engine.update(id, spec);
  if (!other_version) return;
  // An interface has one version: all receivers on it let go of the old one before
  // reconcile() takes the new one.
  receiver.igmp_lease.reset();
  receiver.igmp_reported.clear();
}

void StreamSupervisor::update(StreamId id, const SenderSpec& spec) {
  const auto found = senders_.find(id);
  if (found == senders_.end()) return;
  found->second.spec = spec;
  parts_.send_engine.update(id, spec);
}

void StreamSupervisor::reconcile() {
  const auto links = network_.links();
  if (!links) {
    parts_.log.error("cannot read the interfaces", {{"reason", links.error().message}});
    return;
  }
  View view;
  for (const netlink::Link& link : *links) {
    view.by_name.emplace(link.name, &link);
    view.by_index.emplace(link.index, &link);
  }
  auto addresses = network_.addresses();
  if (!addresses) {
    parts_.log.error("cannot read the addresses", {{"reason", addresses.error().message}});
    return;
  }
  view.addresses = std::move(*addresses);

  // Receivers first: at start, those on this host then miss nothing.
  for (auto& [id, receiver] : receivers_) {
    check(id, receiver, view);
    if (receiver.attachment.ifindex == 0) {
      start(id, receiver, view);
    } else if (wants_igmp_version(receiver)) {
      force_igmp_version(receiver, receiver.attachment.interface);
    }
  }
  for (auto& [id, sender] : senders_) {
    check(id, sender, view);
    if (sender.attachment.ifindex == 0) start(id, sender, view);
  }
  publish_joins();
}

void StreamSupervisor::publish_joins() {
  if (parts_.stream_register == nullptr) return;
  std::vector<HeldJoin> joins;
  for (const auto& [id, receiver] : receivers_) {
    if (receiver.attachment.ifindex == 0) continue;
    joins.push_back({.stream = receiver.spec.name,
                     .group = receiver.spec.group,
                     .source = receiver.spec.source,
                     .ifindex = receiver.attachment.ifindex,
                     .port = receiver.spec.port});
  }
  const auto published = parts_.stream_register->publish(std::move(joins));
  const std::string reason = published ? "" : published.error().message;
  if (std::exchange(register_reported_, reason) != reason && !reason.empty()) {
    parts_.log.warning("mcast-status will not see these streams", {{"reason", reason}});
  }
}

std::string StreamSupervisor::reason_to_leave(const Attachment& attachment, const View& view) {
  const auto link = view.by_index.find(attachment.ifindex);
  if (link == view.by_index.end()) return "interface '" + attachment.interface + "' is gone";
  if (link->second->name != attachment.interface) {
    return "interface '" + attachment.interface + "' is now called '" + link->second->name + "'";
  }
  return "";
}

void StreamSupervisor::check(StreamId id, Receiver& receiver, const View& view) {
  if (receiver.attachment.ifindex == 0) return;
  const std::string reason = reason_to_leave(receiver.attachment, view);
  if (reason.empty()) return;
  parts_.receive_engine.detach(id, reason);
  receiver.igmp_lease.reset();
  report_once("receiver", receiver.spec.name, receiver.attachment, reason);
}

void StreamSupervisor::check(StreamId id, Sender& sender, const View& view) {
  if (sender.attachment.ifindex == 0) return;
  std::string reason = reason_to_leave(sender.attachment, view);
  const bool has_address =
      std::ranges::any_of(view.addresses, [&](const netlink::InterfaceAddress& address) {
        return address.address == sender.local_address;
      });
  if (reason.empty() && !has_address) {
    reason = "address " + sender.local_address.to_string() + " is gone from this host";
  }
  if (reason.empty()) return;
  parts_.send_engine.detach(id, reason);
  report_once("sender", sender.spec.name, sender.attachment, reason);
}

Result<const netlink::Link*> StreamSupervisor::choose(const std::string& interface,
                                                      const IpAddress& group,
                                                      const std::optional<IpAddress>& source,
                                                      const View& view) const {
  if (!interface.empty()) {
    const auto link = view.by_name.find(interface);
    if (link == view.by_name.end()) return fail("interface '" + interface + "' does not exist");
    return link->second;
  }
  const auto route = network_.route(group, source);
  if (!route) return std::unexpected(route.error());
  const auto link = view.by_index.find(route->ifindex);
  if (link == view.by_index.end()) {
    return fail("the route to " + group.to_string() + " leads to interface index " +
                std::to_string(route->ifindex) + ", which does not exist");
  }
  return link->second;
}

void StreamSupervisor::start(StreamId id, Receiver& receiver, const View& view) {
  const ReceiverSpec& spec = receiver.spec;
  const auto link = choose(spec.interface, spec.group, std::nullopt, view);
  if (!link) {
    parts_.receive_engine.detach(id, link.error().message);
    report_once("receiver", spec.name, receiver.attachment, link.error().message);
    return;
  }
  const std::string& name = (*link)->name;
  force_igmp_version(receiver, name);
  if (const auto attached = parts_.receive_engine.attach(id, (*link)->index, name); !attached) {
    receiver.igmp_lease.reset();
    report_once("receiver", spec.name, receiver.attachment, attached.error().message);
    return;
  }
  receiver.attachment = Attachment{.ifindex = (*link)->index, .interface = name, .reported = ""};
  parts_.log.info("joined", {{"stream", spec.name},
                             {"group", spec.group.to_string()},
                             {"source", spec.source ? spec.source->to_string() : "*"},
                             {"interface", name},
                             {"port", std::to_string(spec.port)}});
}

void StreamSupervisor::start(StreamId id, Sender& sender, const View& view) {
  const SenderSpec& spec = sender.spec;
  const auto link = choose(spec.interface, spec.group, spec.source, view);
  if (!link) {
    parts_.send_engine.detach(id, link.error().message);
    report_once("sender", spec.name, sender.attachment, link.error().message);
    return;
  }
  const std::string& name = (*link)->name;
  const auto attached = parts_.send_engine.attach(id, (*link)->index, name);
  if (!attached) {
    report_once("sender", spec.name, sender.attachment, attached.error().message);
    return;
  }
  sender.local_address = *attached;
  sender.attachment = Attachment{.ifindex = (*link)->index, .interface = name, .reported = ""};
  parts_.log.info("sending", {{"stream", spec.name},
                              {"group", spec.group.to_string()},
                              {"source", sender.local_address.to_string()},
                              {"interface", name},
                              {"port", std::to_string(spec.port)}});
}

void StreamSupervisor::force_igmp_version(Receiver& receiver, const std::string& interface) {
  if (!receiver.spec.igmp_version) return;
  auto lease = parts_.igmp_versions.force(interface, *receiver.spec.igmp_version);
  if (lease) {
    for (const std::string& warning : lease->warnings()) {
      parts_.log.warning(
          "forced IGMP version",
          {{"stream", receiver.spec.name}, {"interface", interface}, {"reason", warning}});
    }
    receiver.igmp_lease = std::move(*lease);
    receiver.igmp_reported.clear();
    return;
  }
  // The stream can do without: it joins in whatever version is in operation.
  if (std::exchange(receiver.igmp_reported, lease.error().message) != lease.error().message) {
    parts_.log.warning("the IGMP version is not forced", {{"stream", receiver.spec.name},
                                                          {"interface", interface},
                                                          {"reason", lease.error().message}});
  }
}

void StreamSupervisor::report_once(const char* kind, const std::string& name,
                                   Attachment& attachment, const std::string& reason) {
  attachment.ifindex = 0;
  // Once, not with every try.
  if (std::exchange(attachment.reported, reason) == reason) return;
  parts_.log.warning("stream failed, will be tried again",
                     {{"stream", name}, {"kind", kind}, {"reason", reason}});
}

bool StreamSupervisor::wants_igmp_version(const Receiver& receiver) {
  return receiver.attachment.ifindex != 0 && receiver.spec.igmp_version && !receiver.igmp_lease;
}

bool StreamSupervisor::wants_retry() const {
  const auto detached = [](const auto& entry) { return entry.second.attachment.ifindex == 0; };
  // Who held another version may have gone by now.
  const auto unforced = [](const auto& entry) { return wants_igmp_version(entry.second); };
  return std::ranges::any_of(receivers_, detached) || std::ranges::any_of(receivers_, unforced) ||
         std::ranges::any_of(senders_, detached);
}

std::string StreamSupervisor::receiver_name(StreamId id) const {
  const ReceiverSpec* const spec = receiver_spec(id);
  return spec == nullptr ? std::string() : spec->name;
}

const ReceiverSpec* StreamSupervisor::receiver_spec(StreamId id) const {
  const auto found = receivers_.find(id);
  return found == receivers_.end() ? nullptr : &found->second.spec;
}

}  // namespace mcast
