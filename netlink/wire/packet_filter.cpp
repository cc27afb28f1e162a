#include "netlink/wire/packet_filter.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

namespace mcast::netlink {
namespace {

class Program {
 public:
  // Keeps up to `snap_length` bytes of what it keeps.
  explicit Program(std::uint32_t snap_length) : snap_length_(snap_length) {}

  // Most packets of a host fail at one of the first two tests, so they come first. Then only
  // what is for this host, or from it.
  void begin_ipv4(std::uint32_t protocol) {
    load_beside(SKF_AD_PROTOCOL);
    drop_unless(ETH_P_IP);
    load(BPF_B, 9);
    drop_unless(protocol);
    load_beside(SKF_AD_PKTTYPE);
    test(PACKET_OTHERHOST, 0);
  }
  void load(std::uint16_t size, std::uint32_t offset) {
    add(static_cast<std::uint16_t>(BPF_LD | size | BPF_ABS), offset);
  }
  // What the kernel knows beside the packet's bytes: SKF_AD_*.
  void load_beside(int what) { load(BPF_W, static_cast<std::uint32_t>(SKF_AD_OFF + what)); }
  // The byte at `offset` behind the IP header, whose length its first byte says.
  void load_behind_header(std::uint32_t offset) {
    add(BPF_LDX | BPF_B | BPF_MSH, 0);
    add(BPF_LD | BPF_B | BPF_IND, offset);
  }
  void mask(std::uint32_t bits) { add(BPF_ALU | BPF_AND | BPF_K, bits); }
  void keep_if(std::uint32_t value) { test(value, snap_length_); }
  void drop_unless(std::uint32_t value) {
    skip_if(value, 1);
    add(BPF_RET | BPF_K, 0);
  }
  // Passes over the next `count` instructions.
  void skip_if(std::uint32_t value, std::uint8_t count) {
    code_.push_back({BPF_JMP | BPF_JEQ | BPF_K, count, 0, value});
  }

  // What comes here without having been kept is dropped.
  [[nodiscard]] PacketFilter end() {
    add(BPF_RET | BPF_K, 0);
    return code_;
  }

 private:
  // Ends with that result where the value is the one that was loaded.
  void test(std::uint32_t value, std::uint32_t result) {
    code_.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value});
    add(BPF_RET | BPF_K, result);
  }
  void add(std::uint16_t code, std::uint32_t value) { code_.push_back({code, 0, 0, value}); }

  std::uint32_t snap_length_;
  PacketFilter code_;
};

}  // namespace

PacketFilter igmp_filter(std::uint32_t snap_length) {
  Program program(snap_length);
  program.begin_ipv4(IPPROTO_IGMP);
  // A tag with VLAN 0 is a priority alone.
  program.load_beside(SKF_AD_VLAN_TAG_PRESENT);
  program.skip_if(0, 4);
  program.load_beside(SKF_AD_VLAN_TAG);
  program.mask(0x0FFF);
  program.drop_unless(0);
  program.load_behind_header(0);
  program.keep_if(0x11);
  program.load_beside(SKF_AD_PKTTYPE);
  program.drop_unless(PACKET_OUTGOING);
  program.load_behind_header(0);
  for (const std::uint32_t type : {0x12U, 0x16U, 0x17U, 0x22U}) program.keep_if(type);
  return program.end();
}

PacketFilter group_filter(std::span<const IpAddress> groups, std::uint32_t snap_length) {
  Program program(snap_length);
  program.begin_ipv4(IPPROTO_UDP);
  program.load(BPF_W, 16);
  for (const IpAddress& group : groups) program.keep_if(group.v4_host_order());
  return program.end();
}

}  // namespace mcast::netlink
