#include "netlink/wire/protocol_watch.h"

#include <netinet/in.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <iterator>
#include <string>
#include <utility>

#include "netlink/wire/membership_message.h"

namespace mcast::netlink {
namespace {

// A report fills a packet of the interface's MTU. Beyond jumbo frames it is cut, and
// counts as bad.
constexpr std::uint32_t kSnapLength = 9216;
constexpr std::size_t kBatch = 16;
constexpr int kReceiveBuffer = 256 << 10;
// Events of one drain(), a batch each.
constexpr std::size_t kMaxEvents = 64;

constexpr sock_filter kToIndex{BPF_MISC | BPF_TAX, 0, 0, 0};

// Behind what takes the length of the IP header into the index: queries in either direction,
// and the other types only going out. Not what belongs to a VLAN on the interface, whose
// queries are the VLAN interface's.
void add_types(PacketFilter& filter, std::uint32_t query,
               std::initializer_list<std::uint32_t> others) {
  constexpr sock_filter kMask{BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x0FFF};
  constexpr sock_filter kKeep = keep(kSnapLength);
  // A tag with VLAN 0 is only a priority.
  filter.insert(
      filter.end(),
      {load_beside(SKF_AD_VLAN_TAG_PRESENT), unless_equal(0, 4), load_beside(SKF_AD_VLAN_TAG),
       kMask, unless_equal(0), keep(0), kLoadBehindHeader, if_equal(query), kKeep,
       load_beside(SKF_AD_PKTTYPE), unless_equal(PACKET_OUTGOING), keep(0), kLoadBehindHeader});
  for (const std::uint32_t type : others) filter.insert(filter.end(), {if_equal(type), kKeep});
  filter.push_back(keep(0));
}

PacketFilter igmp_filter() {
  PacketFilter filter = begin_ipv4_filter(IPPROTO_IGMP);
  filter.push_back(kTakeHeaderLength);
  add_types(filter, 0x11, {0x12, 0x16, 0x17, 0x22});
  return filter;
}

// ICMPv6 behind hop-by-hop options, where a message of MLD has its router alert, and right
// behind the IPv6 header: a query like that is one that nobody answers.
PacketFilter mld_filter() {
  constexpr std::uint32_t kHeader = 40;
  PacketFilter filter{load(BPF_B, 6),
                      {BPF_LDX | BPF_IMM, 0, 0, kHeader},
                      unless_equal(IPPROTO_ICMPV6, 9),  // past the hop-by-hop options
                      unless_equal(IPPROTO_HOPOPTS),
                      keep(0),
                      load(BPF_B, kHeader),
                      unless_equal(IPPROTO_ICMPV6),
                      keep(0),
                      load(BPF_B, kHeader + 1),
                      {BPF_ALU | BPF_LSH | BPF_K, 0, 0, 3},
                      {BPF_ALU | BPF_ADD, 0, 0, kHeader + 8},  // BPF_K, which is 0
                      kToIndex,
                      load_beside(SKF_AD_PKTTYPE),
                      if_equal(PACKET_OTHERHOST),
                      keep(0)};
  add_types(filter, 130, {131, 132, 143});
  return filter;
}

PacketFilter membership_filter() {
  return for_both_families(mld_filter(), igmp_filter());
}

// ETH_P_ALL without what goes out rather than ETH_P_IP: a second ETH_P_IP receiver makes
// the IP stack clone each packet that comes in, which costs more than all the rest.
Result<PacketSocket> open_socket(const WatchedInterface& interface) {
  const auto filter = membership_filter();
  return PacketSocket::open({.protocol = ETH_P_ALL,
                             .ifindex = interface.ifindex,
                             .filter = filter,
                             .snap_length = kSnapLength,
                             .batch = kBatch,
                             .receive_buffer = kReceiveBuffer,
                             .ignore_outgoing = !interface.outgoing});
}

}  // namespace

Result<ProtocolWatch> ProtocolWatch::open() {
  // Says now what would else only show with the first interface. The protocol of no
  // packet: it hears nothing.
  const auto filter = membership_filter();
  const auto permitted = PacketSocket::open({.protocol = 0, .filter = filter});
  if (!permitted) return std::unexpected(permitted.error());
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return fail_errno("cannot make an epoll descriptor", errno);
  return ProtocolWatch(std::move(epoll));
}

std::vector<ProtocolWatch::Failure> ProtocolWatch::watch(
    const std::vector<WatchedInterface>& interfaces) {
  std::map<int, WatchedInterface> wanted;
  for (const WatchedInterface& interface : interfaces) {
    wanted.emplace(interface.ifindex, interface);
  }
  for (auto i = watched_.begin(); i != watched_.end();) {
    const auto kept = wanted.find(i->first);
    const bool stays = kept != wanted.end() && kept->second.outgoing == i->second.outgoing;
    if (kept == wanted.end()) activity_.forget(i->first);
    if (!stays) dropped_before_ += i->second.socket.dropped().value_or(0);
    // Closing the socket takes it out of the epoll set.
    i = stays ? std::next(i) : watched_.erase(i);
  }
  std::vector<Failure> failures;
  for (const auto& [ifindex, interface] : wanted) {
    if (watched_.contains(ifindex)) continue;
    if (auto added = add(interface); !added) {
      activity_.forget(ifindex);
      failures.push_back({.ifindex = ifindex, .error = added.error()});
    }
  }
  return failures;
}

Result<void> ProtocolWatch::add(const WatchedInterface& interface) {
  // 0 would be every interface.
  if (interface.ifindex <= 0) {
    return fail("there is no interface " + std::to_string(interface.ifindex));
  }
  auto socket = open_socket(interface);
  if (!socket) return std::unexpected(socket.error());
  if (!activity_.add(interface.ifindex, interface.outgoing)) {
    return fail("more than " + std::to_string(ProtocolActivity::kMaxInterfaces) + " interfaces");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = interface.ifindex;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket->fd(), &event) != 0) {
    return fail_errno("cannot poll a packet socket", errno);
  }
  watched_.emplace(interface.ifindex,
                   Watched{.socket = std::move(*socket), .outgoing = interface.outgoing});
  return {};
}

Result<void> ProtocolWatch::drain(const Clock& clock) {
  std::array<epoll_event, kMaxEvents> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  if (count < 0 && errno == EINTR) return {};
  if (count < 0) return fail_errno("cannot poll packet sockets", errno);
  Result<void> result;
  for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(count))) {
    const auto found = watched_.find(event.data.fd);
    if (found == watched_.end()) continue;
    const MessageTimes now{.monotonic = clock.monotonic(), .realtime = clock.realtime()};
    const auto received = found->second.socket.receive(1, [&](const ReceivedPacket& packet) {
      const auto direction = packet.outgoing ? Direction::kOutgoing : Direction::kIncoming;
      const bool is_mld = !packet.bytes.empty() && packet.bytes[0] >> 4U == 6;
      if (const auto message = is_mld ? decode_mld(packet.bytes) : decode_igmp(packet.bytes)) {
        activity_.on_message(packet.ifindex, direction, *message, now);
      } else {
        activity_.on_bad_message(packet.ifindex, is_mld ? Family::kIpv6 : Family::kIpv4);
      }
    });
    // The others have their turn all the same.
    if (!received) result = std::unexpected(received.error());
  }
  return result;
}

Result<std::uint64_t> ProtocolWatch::dropped() {
  std::uint64_t sum = dropped_before_;
  for (auto& [ifindex, watched] : watched_) {
    const auto dropped = watched.socket.dropped();
    if (!dropped) return std::unexpected(dropped.error());
    sum += *dropped;
  }
  return sum;
}

}  // namespace mcast::netlink
