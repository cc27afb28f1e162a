#include "netlink/wire/packet_socket.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace mcast::netlink {
namespace {

// PACKET_IGNORE_OUTGOING of include/uapi/linux/if_packet.h, since Linux 4.20, which Debian
// 12's headers do not have.
constexpr int kPacketIgnoreOutgoing = 23;
constexpr int kMaxTries = 4;

// Where the kernel puts one packet and what it knows beside it.
struct Place {
  iovec vector{};
  sockaddr_ll sender{};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
};

template <typename T>
Result<void> set_option(const FileDescriptor& socket, int level, int option, const T& value,
                        const char* what) {
  if (::setsockopt(socket.get(), level, option, &value, sizeof value) == 0) return {};
  return fail_errno(std::string("packet socket: ") + what, errno);
}

ReceivedPacket packet_in(const Place& place, const mmsghdr& message) {
  const std::size_t length = std::min<std::size_t>(message.msg_len, place.vector.iov_len);
  ReceivedPacket packet{.bytes = {static_cast<const std::uint8_t*>(place.vector.iov_base), length},
                        .length = length,
                        .ifindex = place.sender.sll_ifindex,
                        .outgoing = place.sender.sll_pkttype == PACKET_OUTGOING};
  // Nothing else was asked for beside the bytes.
  const cmsghdr* const beside = CMSG_FIRSTHDR(&message.msg_hdr);
  tpacket_auxdata data{};
  if (beside == nullptr || beside->cmsg_len < CMSG_LEN(sizeof data)) return packet;
  std::memcpy(&data, CMSG_DATA(beside), sizeof data);
  packet.length = std::max<std::size_t>(length, data.tp_len);
  if ((data.tp_status & TP_STATUS_VLAN_VALID) != 0) packet.vlan = data.tp_vlan_tci & 0x0FFFU;
  return packet;
}

}  // namespace

Result<PacketSocket> PacketSocket::open(const Options& options) {
  // Protocol 0 hears nothing until bind() names one: the filter comes first.
  FileDescriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) {
    return fail_errno(errno == EPERM ? "watching packets needs CAP_NET_RAW (root has it)"
                                     : "cannot open a packet socket",
                      errno);
  }
  sock_fprog program{};
  program.len = static_cast<unsigned short>(options.filter.size());
  program.filter = const_cast<sock_filter*>(options.filter.data());
  const int on = 1;
  auto set = set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, program, "cannot attach the filter");
  if (set) set = set_option(socket, SOL_PACKET, PACKET_AUXDATA, on, "PACKET_AUXDATA");
  if (!set) return std::unexpected(set.error());
  if (options.ignore_outgoing) (void)set_option(socket, SOL_PACKET, kPacketIgnoreOutgoing, on, "");
  // Less than was asked for means drops sooner, and those are counted.
  if (const int size = options.receive_buffer;
      size > 0 && !set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, size, "")) {
    (void)set_option(socket, SOL_SOCKET, SO_RCVBUF, size, "");
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(options.protocol);
  address.sll_ifindex = options.ifindex;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail_errno("cannot watch packets of interface " + std::to_string(options.ifindex),
                      errno);
  }
  return PacketSocket(std::move(socket), options);
}

Result<std::size_t> PacketSocket::receive(
    std::size_t batches, const std::function<void(const ReceivedPacket&)>& on_packet) {
  const auto data = std::make_unique_for_overwrite<std::uint8_t[]>(batch_ * snap_length_);
  std::vector<Place> places(batch_);
  std::vector<mmsghdr> messages(batch_);
  std::size_t total = 0;
  // An interface that goes down leaves ENETDOWN once; packets may wait behind it.
  int tries = 0;
  for (std::size_t read = 0; read < batches;) {
    // The kernel writes into the lengths: they are set anew each time.
    for (std::size_t i = 0; i < batch_; ++i) {
      places[i].vector = {.iov_base = data.get() + i * snap_length_, .iov_len = snap_length_};
      messages[i] = {};
      msghdr& header = messages[i].msg_hdr;
      header.msg_name = &places[i].sender;
      header.msg_namelen = sizeof places[i].sender;
      header.msg_iov = &places[i].vector;
      header.msg_iovlen = 1;
      header.msg_control = places[i].control.data();
      header.msg_controllen = places[i].control.size();
    }
    const int received = ::recvmmsg(socket_.get(), messages.data(), static_cast<unsigned>(batch_),
                                    MSG_DONTWAIT, nullptr);
    if (received < 0 && errno == EAGAIN) break;
    if (received < 0) {
      if (errno != EINTR && errno != ENETDOWN) return fail_errno("cannot read packets", errno);
      if (++tries == kMaxTries) break;
      continue;
    }
    const auto count = static_cast<std::size_t>(received);
    for (std::size_t i = 0; i < count; ++i) on_packet(packet_in(places[i], messages[i]));
    total += count;
    ++read;
    if (count < batch_) break;
  }
  return total;
}

Result<std::uint64_t> PacketSocket::dropped() {
  // Reading takes the counters back to 0.
  tpacket_stats statistics{};
  socklen_t length = sizeof statistics;
  if (::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &length) != 0) {
    return fail_errno("packet socket: PACKET_STATISTICS", errno);
  }
  dropped_ += statistics.tp_drops;
  return dropped_;
}

}  // namespace mcast::netlink
