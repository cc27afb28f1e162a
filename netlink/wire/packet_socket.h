// An AF_PACKET socket that sees IP packets as they pass an interface, from the IP
// header on (SOCK_DGRAM), through a filter in the kernel (classic BPF). Switches on
// neither promiscuous mode nor any membership. One thread.
#pragma once

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// Instructions of classic BPF for packets from the IP header on: what the kernel shall keep.
// What ends a program stands right behind the test that decides it.
using PacketFilter = std::vector<sock_filter>;

// Ends with up to so many bytes of the packet; 0: drops it.
constexpr sock_filter keep(std::uint32_t bytes) {
  return {BPF_RET | BPF_K, 0, 0, bytes};
}
constexpr sock_filter load(std::uint16_t size, std::uint32_t offset) {
  return {static_cast<std::uint16_t>(BPF_LD | size | BPF_ABS), 0, 0, offset};
}
// What the kernel knows beside the packet's bytes: SKF_AD_*.
constexpr sock_filter load_beside(int what) {
  return load(BPF_W, static_cast<std::uint32_t>(SKF_AD_OFF + what));
}
// The next instruction is for what equals the value; passes over it, or `over` of them, else.
constexpr sock_filter if_equal(std::uint32_t value, std::uint8_t over = 1) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, over, value};
}
constexpr sock_filter unless_equal(std::uint32_t value, std::uint8_t over = 1) {
  return {BPF_JMP | BPF_JEQ | BPF_K, over, 0, value};
}
// The first byte behind the IP header, whose length its own first byte says: two instructions.
inline constexpr sock_filter kTakeHeaderLength{BPF_LDX | BPF_B | BPF_MSH, 0, 0, 0};
inline constexpr sock_filter kLoadBehindHeader{BPF_LD | BPF_B | BPF_IND, 0, 0, 0};

// How a filter for a protocol over IPv4 begins. Most packets of a host fail at one of the
// first two tests. Frames to other hosts that somebody's promiscuous mode lets in go, too.
[[nodiscard]] inline PacketFilter begin_ipv4_filter(std::uint32_t protocol) {
  return {load_beside(SKF_AD_PROTOCOL),
          unless_equal(ETH_P_IP),
          keep(0),
          load(BPF_B, 9),
          unless_equal(protocol),
          keep(0),
          load_beside(SKF_AD_PKTTYPE),
          if_equal(PACKET_OTHERHOST),
          keep(0)};
}

// One program for packets of both families out of one for each.
[[nodiscard]] inline PacketFilter for_both_families(const PacketFilter& ipv6,
                                                    const PacketFilter& ipv4) {
  PacketFilter filter{load_beside(SKF_AD_PROTOCOL),
                      unless_equal(ETH_P_IPV6),
                      {BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(ipv6.size())}};
  filter.insert(filter.end(), ipv6.begin(), ipv6.end());
  filter.insert(filter.end(), ipv4.begin(), ipv4.end());
  return filter;
}

struct ReceivedPacket {
  Bytes bytes = {};        // from the IP header on
  std::size_t length = 0;  // of the packet; more than `bytes` has where it was cut
  int ifindex = 0;
  bool outgoing = false;
  // A VLAN tag that the interface took off, or that is yet to be put on: 1 to 4094. 0:
  // none, or only a priority.
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
