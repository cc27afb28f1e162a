// Instructions of classic BPF for packet sockets that start at the IP header: what the kernel
// shall keep. What ends a program stands right behind the test that decides it. Pure, any
// thread.
#pragma once

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <cstdint>
#include <vector>

namespace mcast::netlink {

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

}  // namespace mcast::netlink
