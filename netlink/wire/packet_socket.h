// An AF_PACKET socket that sees IP packets as they pass an interface, from the IP
// header on (SOCK_DGRAM), through a filter in the kernel (classic BPF). Switches on
// neither promiscuous mode nor any membership. One thread.
#pragma once

#include <linux/filter.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "netlink/rtnetlink/decode.h"

namespace mcast::netlink {

struct ReceivedPacket {
  // Of the batch's memory: valid until it is received into again.
  Bytes bytes;
  std::size_t length = 0;  // of the packet; more than `bytes` has where it was cut
  int ifindex = 0;
  bool outgoing = false;
  // A VLAN tag that the interface took off, or that is yet to be put on: 1 to 4094. 0:
  // none, or a priority alone.
  std::uint16_t vlan = 0;
};

// Room for `packets` of up to `snap_length` bytes; one thread.
class PacketBatch {
 public:
  PacketBatch(std::size_t packets, std::size_t snap_length);
  PacketBatch(PacketBatch&&) noexcept;
  PacketBatch& operator=(PacketBatch&&) noexcept;
  ~PacketBatch();

  // What the last receive() brought.
  [[nodiscard]] std::span<const ReceivedPacket> packets() const;
  [[nodiscard]] std::size_t capacity() const;

 private:
  friend class PacketSocket;
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

class PacketSocket {
 public:
  struct Options {
    // ETH_P_IP: what comes in, behind bridges, bonds and VLANs. ETH_P_ALL: also what
    // goes out, and what comes in before any of them takes it; the filter then asks for
    // the protocol.
    std::uint16_t protocol = 0;
    int ifindex = 0;  // 0: every interface of this network namespace
    // The accumulator that it returns is the number of bytes to keep, 0 for none.
    std::span<const sock_filter> filter;
    int receive_buffer = 0;  // bytes; the kernel's default where 0
    bool ignore_outgoing = false;
  };
  // The filter is in force before the first packet can come. EPERM: CAP_NET_RAW is
  // missing, which the text says.
  [[nodiscard]] static Result<PacketSocket> open(const Options& options);

  // Readable when packets wait.
  [[nodiscard]] int fd() const { return socket_.get(); }

  // False on a kernel that does not know PACKET_IGNORE_OUTGOING (before Linux 4.20):
  // outgoing packets come too, then.
  [[nodiscard]] bool ignores_outgoing() const { return ignores_outgoing_; }

  // Up to a batch of what waits, without waiting; the number. Less than the batch's
  // capacity: nothing more is there. An interface that goes down is no error: nothing
  // comes until it is up again.
  [[nodiscard]] Result<std::size_t> receive(PacketBatch& batch);

  // Packets that passed the filter and found no room in the receive buffer, since the
  // socket was opened (PACKET_STATISTICS).
  [[nodiscard]] Result<std::uint64_t> dropped();

 private:
  PacketSocket(FileDescriptor socket, bool ignores_outgoing)
      : socket_(std::move(socket)), ignores_outgoing_(ignores_outgoing) {}

  FileDescriptor socket_;
  bool ignores_outgoing_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace mcast::netlink
