#include "findings/arrivals.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "netlink/proc/proc_net.h"

namespace mcast::findings {
Result<Arrivals> Arrivals::open(const IpAddress& group, std::uint16_t port) {
  const std::string what = "UDP port " + std::to_string(port);
  if (!group.is_v4()) return fail(what + " of an IPv6 group cannot be looked at yet");
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::setsockopt(socket.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0) {
    return fail_errno(what, errno);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(group.v4_host_order());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE) {
      return std::unexpected(Error{.message = what + " is held by a socket that does not share it",
                                   .code = EADDRINUSE});
    }
    return fail_errno(what, errno);
  }
  struct stat status{};
  if (::fstat(socket.get(), &status) != 0) return fail_errno(what, errno);
  return Arrivals(group, port, std::move(socket), status.st_ino);
}

void Arrivals::drain() {
  for (int i = 0; i < kMaxAtATime; ++i) {
    sockaddr_in source{};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_name = &source;
    message.msg_namelen = sizeof source;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    // Nothing of the datagram itself is wanted.
    if (::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_TRUNC) < 0) {
      if (errno == EINTR || errno == ECONNREFUSED) continue;
      return;
    }
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != IPPROTO_IP || header->cmsg_type != IP_PKTINFO) continue;
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      const Count of{info.ipi_ifindex, IpAddress::v4(ntohl(source.sin_addr.s_addr)), 0};
      auto known = std::ranges::find_if(counts_, [&](const Count& count) {
        return count.ifindex == of.ifindex && count.source == of.source;
      });
      if (known == counts_.end() && counts_.size() == kMaxCounts) continue;
      if (known == counts_.end()) known = counts_.insert(known, of);
      ++known->datagrams;
    }
  }
}

std::set<std::uint16_t> open_ports(const std::filesystem::path& proc_root) {
  std::set<std::uint16_t> ports;
  for (const netlink::UdpSocket& socket : netlink::read_udp_sockets(proc_root)) {
    if (!socket.address.is_unicast()) ports.insert(socket.port);
  }
  return ports;
}

ArrivalCounter::ArrivalCounter(const std::vector<Subject>& subjects,
                               const std::vector<netlink::Link>& links,
                               std::filesystem::path proc_root)
    : proc_root_(std::move(proc_root)), open_ports_(open_ports(proc_root_)) {
  for (const netlink::Link& link : links) ifindexes_.emplace(link.name, link.index);
  for (const Subject& subject : subjects) {
    for (const std::uint16_t port : ports_of(subject)) {
      if (sockets_.size() == kMaxSockets) return;
      const std::pair key(subject.group, port);
      if (!sockets_.contains(key)) sockets_.emplace(key, Arrivals::open(subject.group, port));
    }
  }
}

std::set<std::uint16_t> ArrivalCounter::ports_of(const Subject& subject) const {
  return subject.port ? std::set{*subject.port} : open_ports_;
}

void ArrivalCounter::drain() {
  for (auto& [key, socket] : sockets_) {
    if (socket) socket->drain();
  }
}

std::optional<std::uint64_t> ArrivalCounter::drops_of(const Subject& subject) const {
  // Without a port of its own they would be anybody's.
  if (!subject.port) return std::nullopt;
  std::set<std::uint64_t> ours;
  for (const auto& [key, socket] : sockets_) {
    if (socket) ours.insert(socket->inode());
  }
  std::uint64_t drops = 0;
  for (const netlink::UdpSocket& socket : netlink::read_udp_sockets(proc_root_)) {
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
