// An AF_PACKET socket that sees IP packets as they pass an interface, from the IP
// header on (SOCK_DGRAM), through a filter in the kernel (classic BPF). Switches on
// neither promiscuous mode nor any membership. One thread.
#pragma once

#include <linux/filter.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

struct ReceivedPacket {
  Bytes bytes;
  std::size_t length = 0;  // of the packet; more than `bytes` has where it was cut
  int ifindex = 0;
  bool outgoing = false;
  // A VLAN tag that the interface took off, or that is yet to be put on: 1 to 4094. 0:
  // none, or a priority alone.
  std::uint16_t vlan = 0;
};

class PacketSocket {
 public:
  struct Options {
    // ETH_P_IP: what comes in, behind bridges, bonds and VLANs. ETH_P_ALL: also what
    // goes out, and what comes in before any of them takes it; the filter then asks for
    // the protocol.
    std::uint16_t protocol = 0;
    int ifindex = 0;                      // 0: every interface of this network namespace
    std::span<const sock_filter> filter;  // keeps so many bytes of a packet, 0: not this one
    std::uint32_t snap_length = 0;        // the most that it keeps
    std::size_t batch = 0;                // packets that are read at once
    int receive_buffer = 0;               // bytes; the kernel's default where 0
    bool ignore_outgoing = false;         // without effect before Linux 4.20
  };
  // The filter is in force before the first packet can come. EPERM: CAP_NET_RAW is
  // missing, which the text says.
  [[nodiscard]] static Result<PacketSocket> open(const Options& options);

  // Readable when packets wait.
  [[nodiscard]] int fd() const { return socket_.get(); }

  // Hands over what waits, without waiting, up to so many batches; the number. An
  // interface that goes down is no error: nothing comes until it is up again.
  [[nodiscard]] Result<std::size_t> receive(
      std::size_t batches, const std::function<void(const ReceivedPacket&)>& on_packet);

  // Packets that passed the filter and found no room in the receive buffer, since the
  // socket was opened (PACKET_STATISTICS).
  [[nodiscard]] Result<std::uint64_t> dropped();

 private:
  PacketSocket(FileDescriptor socket, const Options& options)
      : socket_(std::move(socket)), snap_length_(options.snap_length), batch_(options.batch) {}

  FileDescriptor socket_;
  std::size_t snap_length_ = 0;
  std::size_t batch_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace mcast::netlink
