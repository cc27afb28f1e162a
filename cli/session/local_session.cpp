#include "cli/session/local_session.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/signals.h"
#include "netlink/proc/proc_net.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kLookInterval = kSecond;

std::string names_of(const std::vector<netlink::Link>& links) {
  std::string names;
  for (const netlink::Link& link : links) names += (names.empty() ? "" : ", ") + link.name;
  return names;
}

// The first IPv4 address of an interface; "" where it has none.
std::string v4_address_of(int ifindex, const std::vector<netlink::InterfaceAddress>& addresses) {
  const auto found = std::ranges::find_if(addresses, [&](const auto& address) {
    return address.ifindex == ifindex && address.address.is_v4();
  });
  return found == addresses.end() ? "" : found->address.to_string();
}

// A sender that started and whose first packet was refused goes on trying.
bool has_failed(const SenderSnapshot& stream) {
  return !stream.local_address;
}
bool has_failed(const ReceiverSnapshot& stream) {
  return !stream.error.empty();
}

// The first reason why a stream did not start, if one did not.
template <typename Snapshot>
Result<void> all_started(const std::vector<Snapshot>& streams) {
  for (const Snapshot& stream : streams) {
    if (has_failed(stream) && !stream.error.empty()) return fail(stream.error);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<LocalSession>> LocalSession::open(const Parts& parts) {
  auto reader = netlink::HostReader::open("/proc");
  if (!reader) return std::unexpected(reader.error());
  if (!reader->host().has_netlink()) {
    parts.log.warning("netlink is not available here",
                      {{"reason", reader->host().what_is_unknown()}});
  }
  // Ctrl-Z is for the main thread: ncurses puts the terminal back in its handler,
  // and must not do so on an engine's thread while the main one draws.
  const ScopedSignalBlock block(SIGTSTP);
  std::optional<netlink::LinkMonitor> link_monitor;
  if (reader->host().has_netlink()) {
    auto opened = netlink::LinkMonitor::open();
    if (!opened) return std::unexpected(opened.error());
    link_monitor.emplace(std::move(*opened));
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
    : clock_(parts.clock),
      reader_(std::move(reader)),
      link_monitor_(std::move(link_monitor)),
      engines_(std::move(engines)),
      supervisor_(StreamSupervisor::network_of(host_), {.receive_engine = *engines_.receive,
                                                        .send_engine = *engines_.send,
                                                        .igmp_versions = parts.igmp_versions,
                                                        .log = parts.log,
                                                        .stream_register = &stream_register_}) {}

LocalSession::~LocalSession() {
  // Groups are left in the IGMP version that was forced; the supervisor puts it
  // back after that.
  engines_.send.reset();
  engines_.receive.reset();
}

Result<void> LocalSession::start(const std::vector<SenderSpec>& senders) {
  const SenderSpec& first = senders.front();
  if (auto usable = check_egress(first.interface, first.group, first.source); !usable)
    return usable;
  for (const SenderSpec& spec : senders) supervisor_.add(spec);
  supervisor_.reconcile();
  return all_started(engines_.send->snapshot());
}

Result<void> LocalSession::start(const std::vector<ReceiverSpec>& receivers) {
  const ReceiverSpec& first = receivers.front();
  if (auto usable = check_egress(first.interface, first.group, std::nullopt); !usable)
    return usable;
  for (const ReceiverSpec& spec : receivers) supervisor_.add(spec);
  supervisor_.reconcile();
  return all_started(engines_.receive->snapshot());
}

Result<void> LocalSession::check_egress(const std::string& interface, const IpAddress& group,
                                        const std::optional<IpAddress>& source) {
  const auto links = host_.links();
  if (!links) return std::unexpected(links.error());
  const auto addresses = host_.addresses();
  if (!addresses) return std::unexpected(addresses.error());
  if (source && std::ranges::none_of(
                    *addresses, [&](const auto& address) { return address.address == *source; })) {
    return fail("address " + source->to_string() + " is not on this host (see: ip address)");
  }
  auto link = std::ranges::find(*links, interface, &netlink::Link::name);
  if (interface.empty()) {
    const auto route = host_.route_to(group, source);
    if (!route) {
      if (route.error().code != ENETUNREACH) return std::unexpected(route.error());
      return fail("no route to " + group.to_string() +
                  ": name an interface with -i IF, or add a route, for example: "
                  "ip route add 224.0.0.0/4 dev IF");
    }
    link = std::ranges::find(*links, route->ifindex, &netlink::Link::index);
  }
  if (link == links->end()) {
    return std::unexpected(Error{.message = "interface '" + interface +
                                            "' does not exist; this host has " + names_of(*links),
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
  if (v4_address_of(link->index, *addresses).empty()) {
    return fail("interface " + link->name +
                " has no IPv4 address; to give it one: ip address add ADDRESS/PREFIX dev " +
                link->name);
  }
  return {};
}

void LocalSession::look_after() {
  bool look = false;
  if (link_monitor_) {
    const auto changed = link_monitor_->drain();
    look = !changed || *changed;
  }
  if (const Nanoseconds now = clock_.monotonic(); now >= next_look_) {
    next_look_ = now + kLookInterval;
    look = look || !link_monitor_ || supervisor_.wants_retry();
  }
  if (look) supervisor_.reconcile();
}

ProbeSnapshot LocalSession::snapshot() {
  return {.receivers = engines_.receive->snapshot(),
          .senders = engines_.send->snapshot(),
          .sockets = engines_.receive->sockets()};
}

ProbeSnapshot LocalSession::snapshot_of_silent() {
  ProbeSnapshot snapshot{
      .receivers = engines_.receive->snapshot_of_silent(), .senders = {}, .sockets = {}};
  // One that failed says itself why.
  std::erase_if(snapshot.receivers, [](const ReceiverSnapshot& receiver) {
    return receiver.state == ReceiverState::kFailed;
  });
  if (!snapshot.receivers.empty()) snapshot.sockets = engines_.receive->sockets();
  return snapshot;
}

std::optional<int> LocalSession::igmp_version_on(const std::string& interface) {
  return netlink::igmp_version_in_operation("/proc", interface);
}

std::string LocalSession::address_of(const std::string& interface) {
  const auto links = host_.links();
  const auto addresses = host_.addresses();
  if (!links || !addresses) return {};
  const auto link = std::ranges::find(*links, interface, &netlink::Link::name);
  return link == links->end() ? "" : v4_address_of(link->index, *addresses);
}

}  // namespace mcast::cli
