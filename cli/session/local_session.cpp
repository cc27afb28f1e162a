#include "cli/session/local_session.h"

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <csignal>
#include <iterator>
#include <utility>

#include "base/signals.h"
#include "base/text.h"
#include "netlink/proc/protocol_versions.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kLookInterval = kSecond;
// The first address of an interface in a family; "" where it has none.
std::string address_of_family(Family family, int ifindex,
                              const std::vector<netlink::InterfaceAddress>& addresses) {
  const auto found = std::ranges::find_if(addresses, [&](const auto& address) {
    return address.ifindex == ifindex && address.address.family() == family;
  });
  return found == addresses.end() ? "" : found->address.to_string();
}

// Of IP and UDP.
std::size_t header_bytes(Family family) {
  return (family == Family::kIpv4 ? 20 : 40) + 8;
}

}  // namespace

Result<std::unique_ptr<LocalSession>> LocalSession::open(const Parts& parts) {
  auto reader = netlink::HostReader::open("/proc");
  if (!reader) return std::unexpected(reader.error());
  // Ctrl-Z is for the main thread: ncurses puts the terminal back in its handler,
  // and must not do so on an engine's thread while the main one draws.
  const ScopedSignalBlock block(SIGTSTP);
  std::optional<netlink::LinkMonitor> link_monitor;
  if (reader->host().has_netlink()) {
    auto opened = netlink::LinkMonitor::open();
    if (!opened) return std::unexpected(opened.error());
    link_monitor.emplace(std::move(*opened));
  } else {
    parts.log.warning("netlink is not available here",
                      {{"reason", reader->host().what_is_unknown()}});
  }
  auto events = std::make_unique<EventQueue>();
  auto receive_engine = ReceiveEngine::start(parts.clock, *events);
  if (!receive_engine) return std::unexpected(receive_engine.error());
  auto send_engine = SendEngine::start(parts.clock, parts.random);
  if (!send_engine) return std::unexpected(send_engine.error());
  return std::make_unique<LocalSession>(parts,
                                        Engines{.events = std::move(events),
                                                .receive = std::move(*receive_engine),
                                                .send = std::move(*send_engine)},
                                        std::move(*reader), std::move(link_monitor));
}

LocalSession::LocalSession(const Parts& parts, Engines engines, netlink::HostReader reader,
                           std::optional<netlink::LinkMonitor> link_monitor)
    : parts_(parts),
      reader_(std::move(reader)),
      link_monitor_(std::move(link_monitor)),
      engines_(std::move(engines)),
      supervisor_(StreamSupervisor::network_of(host_),
                  {.receive_engine = *engines_.receive,
                   .send_engine = *engines_.send,
                   .forced_versions = parts.forced_versions,
                   .log = parts.log,
                   .stream_register = &stream_register_,
                   .wants_newest_version = parts.wants_newest_version}),
      diagnosis_({.host = {.host = host_,
                           .read = [this] { return reader_.read(); },
                           .clock = parts_.clock},
                  .silent = [this](const auto& faulty) { return snapshot_of_silent(faulty); },
                  .origin = origin(),
                  .look_interval = 500 * kMillisecond,
                  .repeat = 10 * kSecond}),
      sender_diagnosis_({.host = host_,
                         .clock = parts_.clock,
                         .senders = [this] { return engines_.send->snapshot(); },
                         .origin = origin()}) {}

OriginOf LocalSession::origin() const {
  return [this](StreamOrigin) { return findings::Origin{.command = parts_.command_line}; };
}

LocalSession::~LocalSession() {
  // Groups are left in the IGMP version that was forced; the supervisor puts it
  // back after that.
  engines_.send.reset();
  engines_.receive.reset();
}

template <typename Spec>
Result<void> LocalSession::start(const std::vector<Spec>& streams) {
  const Spec& first = streams.front();
  std::optional<IpAddress> from;
  if constexpr (std::same_as<Spec, SenderSpec>) from = first.source;
  const auto link = check_egress(first.interface, first.group, from);
  if (!link) return std::unexpected(link.error());
  if constexpr (std::same_as<Spec, SenderSpec>) {
    const std::size_t whole = first.size + header_bytes(first.group.family());
    if (!parts_.quiet && link->mtu != 0 && whole > link->mtu) {
      parts_.log.warning("packets are fragmented: with IP and UDP headers they have " +
                         std::to_string(whole) + " bytes, and the MTU of " + link->name + " is " +
                         std::to_string(link->mtu));
    }
  }
  sends_ = std::same_as<Spec, SenderSpec>;
  for (const Spec& spec : streams) supervisor_.add(spec);
  supervisor_.reconcile();
  // The first reason why a stream did not start, if one did not.
  const ProbeSnapshot started = snapshot();
  for (const ReceiverSnapshot& receiver : started.receivers) {
    if (!receiver.error.empty()) return fail(receiver.error);
  }
  for (const SenderSnapshot& sender : started.senders) {
    // One that started and whose first packet was refused goes on trying, and so does one whose
    // address is about to come; the log has it.
    if (sender.local_address || sender.error.empty()) continue;
    const auto addresses = host_.addresses();
    const bool comes = addresses && tentative_address(*addresses, link->index, from) != nullptr;
    if (!comes) return fail(sender.error);
  }
  return {};
}
template Result<void> LocalSession::start(const std::vector<SenderSpec>&);
template Result<void> LocalSession::start(const std::vector<ReceiverSpec>&);

Result<netlink::Link> LocalSession::check_egress(const std::string& interface,
                                                 const IpAddress& group,
                                                 const std::optional<IpAddress>& source) {
  const auto links = host_.links();
  if (!links) return std::unexpected(links.error());
  const auto addresses = host_.addresses();
  if (!addresses) return std::unexpected(addresses.error());
  if (source && std::ranges::find(*addresses, *source, &netlink::InterfaceAddress::address) ==
                    addresses->end()) {
    return fail("address " + source->to_string() + " is not on this host (see: ip address)");
  }
  auto link = std::ranges::find(*links, interface, &netlink::Link::name);
  if (interface.empty()) {
    const auto egress = default_egress(*links, *addresses, group, source);
    if (!egress) return std::unexpected(egress.error());
    link = std::ranges::find(*links, *egress, &netlink::Link::index);
  }
  if (link == links->end()) {
    return std::unexpected(Error{.message = "interface '" + interface +
                                            "' does not exist; this host has " +
                                            listed(*links, &netlink::Link::name),
                                 .code = ENODEV});
  }
  if (!link->up) {
    return fail("interface " + link->name + " is down; to switch it on: ip link set " + link->name +
                " up");
  }
  if (!link->multicast && !link->loopback) {
    return fail("interface " + link->name +
                " does not do multicast; to switch it on: ip link set " + link->name +
                " multicast on");
  }
  if (address_of_family(group.family(), link->index, *addresses).empty()) {
    return fail("interface " + link->name + " has no " + (group.is_v4() ? "IPv4" : "IPv6") +
                " address; to give it one: ip address add ADDRESS/PREFIX dev " + link->name);
  }
  return *link;
}

Result<int> LocalSession::default_egress(const std::vector<netlink::Link>& links,
                                         const std::vector<netlink::InterfaceAddress>& addresses,
                                         const IpAddress& group,
                                         const std::optional<IpAddress>& source) {
  if (!group.is_v4()) {
    const auto link = only_ipv6_interface(links, addresses, group);
    if (!link) return std::unexpected(link.error());
    return (*link)->index;
  }
  const auto route = host_.route_to(group, source);
  if (route) return route->ifindex;
  if (route.error().code != ENETUNREACH) return std::unexpected(route.error());
  return fail("no route to " + group.to_string() +
              ": name an interface with -i IF, or add a route, for example: "
              "ip route add 224.0.0.0/4 dev IF");
}

void LocalSession::look_after() {
  bool look = false;
  bool changed = false;
  if (link_monitor_) {
    const auto drained = link_monitor_->drain();
    changed = !drained || *drained;
  }
  if (const Nanoseconds now = parts_.clock.monotonic(); now >= next_look_) {
    next_look_ = now + kLookInterval;
    look = look || !link_monitor_ || supervisor_.wants_retry();
  }
  if (changed) {
    diagnosis_.make_due();
    sender_diagnosis_.make_due();
  }
  if (look || changed) supervisor_.reconcile();
}

std::string LocalSession::name_of(StreamId id) const {
  const ReceiverSpec* const spec = supervisor_.receiver_spec(id);
  return spec == nullptr ? "" : spec->name;
}

std::vector<findings::Schedule::New> LocalSession::new_findings() {
  Diagnosis::Progress progress = diagnosis_.advance();
  if (progress.error) {
    parts_.log.warning("why nothing arrives cannot be found out",
                       {{"reason", progress.error->message}});
  }
  if (sends_) {
    std::ranges::move(sender_diagnosis_.advance(), std::back_inserter(progress.news));
  }
  return std::move(progress.news);
}

ProbeSnapshot LocalSession::snapshot() {
  return {.receivers = engines_.receive->snapshot(),
          .senders = engines_.send->snapshot(),
          .sockets = engines_.receive->sockets()};
}

ProbeSnapshot LocalSession::snapshot_of_silent(const std::set<std::string>& interfaces) {
  ProbeSnapshot snapshot{
      .receivers = engines_.receive->snapshot_of_silent(interfaces), .senders = {}, .sockets = {}};
  // One that failed says itself why.
  std::erase_if(snapshot.receivers, [](const ReceiverSnapshot& receiver) {
    return receiver.state == ReceiverState::kFailed;
  });
  if (!snapshot.receivers.empty()) snapshot.sockets = engines_.receive->sockets();
  return snapshot;
}

std::optional<int> LocalSession::version_on(const std::string& interface, Family family) {
  return netlink::version_in_operation("/proc", family, interface);
}

std::string LocalSession::address_of(const std::string& interface, Family family) {
  const auto links = host_.links();
  const auto addresses = host_.addresses();
  if (!links || !addresses) return {};
  const auto link = std::ranges::find(*links, interface, &netlink::Link::name);
  return link == links->end() ? "" : address_of_family(family, link->index, *addresses);
}

}  // namespace mcast::cli
