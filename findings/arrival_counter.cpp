#include "findings/arrival_counter.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "netlink/proc/proc_counters.h"

namespace mcast::findings {

ArrivalCounter::ArrivalCounter(const std::vector<Subject>& subjects,
                               const std::vector<netlink::Link>& links,
                               std::filesystem::path proc_root)
    : proc_root_(std::move(proc_root)) {
  for (const netlink::Link& link : links) ifindexes_.emplace(link.name, link.index);
  std::set<std::uint16_t> ports;
  for (const netlink::UdpSocket& socket : open_sockets()) {
    if (!socket.address.is_unicast()) ports.insert(socket.port);
  }
  open_ports_.assign(ports.begin(), ports.end());
  for (const Subject& subject : subjects) {
    for (const std::uint16_t port : ports_of(subject)) {
      if (sockets_.size() == kMaxSockets) return;
      const std::pair key(subject.group, port);
      if (!sockets_.contains(key)) sockets_.emplace(key, Arrivals::open(subject.group, port));
    }
  }
}

// Of both families: a socket of IPv6 may get IPv4, too.
std::vector<netlink::UdpSocket> ArrivalCounter::open_sockets() const {
  std::vector<netlink::UdpSocket> result;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    auto sockets = netlink::read_udp_sockets(proc_root_, family);
    if (sockets) std::ranges::move(*sockets, std::back_inserter(result));
  }
  return result;
}

std::vector<std::uint16_t> ArrivalCounter::ports_of(const Subject& subject) const {
  if (subject.port) return {*subject.port};
  return open_ports_;
}

void ArrivalCounter::drain() {
  for (auto& [key, socket] : sockets_) {
    if (socket) socket->drain();
  }
}

std::optional<std::uint64_t> ArrivalCounter::drops_of(const Subject& subject) const {
  // Of any open port it would be anybody's.
  if (!subject.port) return std::nullopt;
  std::set<std::uint64_t> ours;
  for (const auto& [key, socket] : sockets_) {
    if (socket) ours.insert(socket->inode());
  }
  std::uint64_t drops = 0;
  for (const netlink::UdpSocket& socket : open_sockets()) {
    const bool gets_it = socket.address.is_unspecified() || socket.address == subject.group;
    if (gets_it && socket.port == *subject.port && !ours.contains(socket.inode)) {
      drops += socket.drops;
    }
  }
  return drops;
}

Result<Delivery> ArrivalCounter::count(const Subject& subject) {
  drain();
  const auto ports = ports_of(subject);
  if (ports.empty()) return fail("no UDP socket is open on this host");
  const auto& wanted_source = subject.wanted_source();
  const auto wanted_interface = ifindexes_.find(subject.interface);
  Delivery delivery;
  for (const std::uint16_t port : ports) {
    const auto found = sockets_.find({subject.group, port});
    if (found == sockets_.end()) return fail("too many sockets to look at: name a port");
    const Result<Arrivals>& socket = found->second;
    if (!socket) return std::unexpected(socket.error());
    for (const Arrivals::Count& count : socket->counts()) {
      if (wanted_source && count.source != *wanted_source) continue;
      if (wanted_interface != ifindexes_.end() && count.ifindex != wanted_interface->second) {
        continue;
      }
      delivery.datagrams += count.datagrams;
    }
  }
  delivery.drops = drops_of(subject);
  return delivery;
}

}  // namespace mcast::findings
