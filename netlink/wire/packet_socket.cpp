#include "netlink/wire/packet_socket.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "netlink/rtnetlink/constants.h"

namespace mcast::netlink {
namespace {

struct alignas(cmsghdr) Control {
  std::array<std::uint8_t, CMSG_SPACE(sizeof(tpacket_auxdata))> bytes;
};

Result<void> set_option(const FileDescriptor& socket, int level, int option, const void* value,
                        std::size_t size, const char* what) {
  if (::setsockopt(socket.get(), level, option, value, static_cast<socklen_t>(size)) != 0) {
    return fail_errno(std::string("packet socket: ") + what, errno);
  }
  return {};
}

std::optional<tpacket_auxdata> auxiliary_data(const msghdr& header) {
  for (const cmsghdr* entry = CMSG_FIRSTHDR(&header); entry != nullptr;
       entry = CMSG_NXTHDR(const_cast<msghdr*>(&header), const_cast<cmsghdr*>(entry))) {
    if (entry->cmsg_level != SOL_PACKET || entry->cmsg_type != PACKET_AUXDATA) continue;
    if (entry->cmsg_len < CMSG_LEN(sizeof(tpacket_auxdata))) continue;
    tpacket_auxdata data{};
    std::memcpy(&data, CMSG_DATA(entry), sizeof data);
    return data;
  }
  return std::nullopt;
}

}  // namespace

struct PacketBatch::Memory {
  Memory(std::size_t packets, std::size_t snap)
      : snap_length(snap),
        data(packets * snap),
        vectors(packets),
        senders(packets),
        controls(packets),
        messages(packets),
        received(packets) {}

  std::size_t snap_length;
  std::vector<std::uint8_t> data;
  std::vector<iovec> vectors;
  std::vector<sockaddr_ll> senders;
  std::vector<Control> controls;
  std::vector<mmsghdr> messages;
  std::vector<ReceivedPacket> received;
  std::size_t count = 0;

  // The kernel writes into the lengths: they are set anew each time.
  void prepare() {
    count = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      vectors[i] = {.iov_base = data.data() + i * snap_length, .iov_len = snap_length};
      msghdr& header = messages[i].msg_hdr;
      header = {};
      header.msg_name = &senders[i];
      header.msg_namelen = sizeof senders[i];
      header.msg_iov = &vectors[i];
      header.msg_iovlen = 1;
      header.msg_control = controls[i].bytes.data();
      header.msg_controllen = controls[i].bytes.size();
      messages[i].msg_len = 0;
    }
  }

  void read(std::size_t i) {
    const msghdr& header = messages[i].msg_hdr;
    const std::size_t length = std::min<std::size_t>(messages[i].msg_len, snap_length);
    ReceivedPacket& packet = received[i];
    packet.bytes = Bytes(data).subspan(i * snap_length, length);
    packet.length = length;
    packet.ifindex = senders[i].sll_ifindex;
    packet.outgoing = senders[i].sll_pkttype == PACKET_OUTGOING;
    packet.vlan = 0;
    if (const auto data_beside = auxiliary_data(header)) {
      packet.length = std::max<std::size_t>(length, data_beside->tp_len);
      const bool tagged = (data_beside->tp_status & TP_STATUS_VLAN_VALID) != 0;
      if (tagged) packet.vlan = data_beside->tp_vlan_tci & 0x0FFFU;
    }
  }
};

PacketBatch::PacketBatch(std::size_t packets, std::size_t snap_length)
    : memory_(std::make_unique<Memory>(packets, snap_length)) {}
PacketBatch::PacketBatch(PacketBatch&&) noexcept = default;
PacketBatch& PacketBatch::operator=(PacketBatch&&) noexcept = default;
PacketBatch::~PacketBatch() = default;

std::span<const ReceivedPacket> PacketBatch::packets() const {
  return std::span(memory_->received).first(memory_->count);
}

std::size_t PacketBatch::capacity() const {
  return memory_->received.size();
}

Result<PacketSocket> PacketSocket::open(const Options& options) {
  // Protocol 0 hears nothing until bind() names one: the filter comes first.
  FileDescriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) {
    const int code = errno;
    if (code == EPERM) {
      return fail_errno("watching packets needs CAP_NET_RAW (root has it)", code);
    }
    return fail_errno("cannot open a packet socket", code);
  }
  sock_fprog program{};
  program.len = static_cast<unsigned short>(options.filter.size());
  program.filter = const_cast<sock_filter*>(options.filter.data());
  if (auto set = set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program,
                            "cannot attach the filter");
      !set) {
    return std::unexpected(set.error());
  }
  const int on = 1;
  if (auto set = set_option(socket, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on, "PACKET_AUXDATA");
      !set) {
    return std::unexpected(set.error());
  }
  const bool ignores =
      options.ignore_outgoing &&
      set_option(socket, SOL_PACKET, kPacketIgnoreOutgoing, &on, sizeof on, "").has_value();
  if (options.receive_buffer > 0) {
    // Less than was asked for means drops sooner, and those are counted.
    const int size = options.receive_buffer;
    if (!set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size, "")) {
      (void)set_option(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size, "");
    }
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(options.protocol);
  address.sll_ifindex = options.ifindex;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail_errno("cannot watch packets of interface " + std::to_string(options.ifindex),
                      errno);
  }
  return PacketSocket(std::move(socket), ignores);
}

Result<std::size_t> PacketSocket::receive(PacketBatch& batch) {
  auto& memory = *batch.memory_;
  // An interface that goes down leaves ENETDOWN once; packets may wait behind it.
  for (int tries = 0; tries < 4; ++tries) {
    memory.prepare();
    const int count =
        ::recvmmsg(socket_.get(), memory.messages.data(),
                   static_cast<unsigned>(memory.messages.size()), MSG_DONTWAIT, nullptr);
    if (count >= 0) {
      memory.count = static_cast<std::size_t>(count);
      for (std::size_t i = 0; i < memory.count; ++i) memory.read(i);
      return memory.count;
    }
    if (errno == EAGAIN) return 0;
    if (errno != EINTR && errno != ENETDOWN) return fail_errno("cannot read packets", errno);
  }
  return 0;
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
