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
Result<Arrivals> Arrivals::open(const IpAddress& group, std::uint16_t port, int ifindex) {
  const std::string what = "UDP port " + std::to_string(port);
  const bool v4 = group.is_v4();
  FileDescriptor socket(
      ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto set_option = [&](int level, int option) {
    const int on = 1;
    return ::setsockopt(socket.get(), level, option, &on, sizeof on) == 0;
  };
  // A socket of IPv6 that takes IPv4, too, would be in the way of those of IPv4.
  if (!socket || !set_option(SOL_SOCKET, SO_REUSEADDR) ||
      !(v4 ? set_option(IPPROTO_IP, IP_PKTINFO)
           : set_option(IPPROTO_IPV6, IPV6_V6ONLY) && set_option(IPPROTO_IPV6, IPV6_RECVPKTINFO))) {
    return fail_errno(what, errno);
  }
  sockaddr_storage address{};
  const socklen_t length = v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (v4) {
    sockaddr_in of{};
    of.sin_family = AF_INET;
    of.sin_port = htons(port);
    of.sin_addr.s_addr = htonl(group.v4_host_order());
    std::memcpy(&address, &of, sizeof of);
  } else {
    sockaddr_in6 of{};
    of.sin6_family = AF_INET6;
    of.sin6_port = htons(port);
    std::ranges::copy(group.bytes(), &of.sin6_addr.s6_addr[0]);
    of.sin6_scope_id = static_cast<std::uint32_t>(ifindex);
    std::memcpy(&address, &of, sizeof of);
  }
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
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
    sockaddr_storage source{};
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
      Count of;
      if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
        in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(header), sizeof info);
        sockaddr_in from{};
        std::memcpy(&from, &source, sizeof from);
        of = {info.ipi_ifindex, IpAddress::v4(ntohl(from.sin_addr.s_addr)), 0};
      } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
        in6_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(header), sizeof info);
        sockaddr_in6 from{};
        std::memcpy(&from, &source, sizeof from);
        of = {static_cast<int>(info.ipi6_ifindex),
              IpAddress::v6(std::to_array(from.sin6_addr.s6_addr)), 0};
      } else {
        continue;
      }
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
      const Key key = key_of(subject, port);
      if (!sockets_.contains(key)) {
        sockets_.emplace(key, Arrivals::open(subject.group, port, std::get<2>(key)));
      }
    }
  }
}

ArrivalCounter::Key ArrivalCounter::key_of(const Subject& subject, std::uint16_t port) const {
  const auto interface = ifindexes_.find(subject.interface);
  const bool is_needed = subject.group.needs_interface() && interface != ifindexes_.end();
  return {subject.group, port, is_needed ? interface->second : 0};
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
    const auto found = sockets_.find(key_of(subject, port));
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
