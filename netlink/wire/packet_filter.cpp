#include "netlink/wire/packet_filter.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

#include <limits>

namespace mcast::netlink {
namespace {

// Where a test that fails, or one that succeeds, goes on. The ends of a program are
// known when it is whole.
enum class To : std::uint8_t { kNext, kKeep, kDrop };

class Program {
 public:
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
  void if_equal(std::uint32_t value, To yes, To no) {
    code_.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 0, value});
    jumps_.push_back({.at = code_.size() - 1, .yes = yes, .no = no});
  }
  // Passes over the next `count` instructions.
  void skip_if_equal(std::uint32_t value, std::uint8_t count) {
    code_.push_back({BPF_JMP | BPF_JEQ | BPF_K, count, 0, value});
  }

  // What comes here without having been kept is dropped.
  [[nodiscard]] PacketFilter end(std::uint32_t snap_length) {
    const std::size_t drop = code_.size();
    add(BPF_RET | BPF_K, 0);
    const std::size_t keep = code_.size();
    add(BPF_RET | BPF_K, snap_length);
    for (const Jump& jump : jumps_) {
      const auto distance = [&](To to) {
        if (to == To::kNext) return std::uint8_t{0};
        return static_cast<std::uint8_t>((to == To::kKeep ? keep : drop) - jump.at - 1);
      };
      code_[jump.at].jt = distance(jump.yes);
      code_[jump.at].jf = distance(jump.no);
    }
    return code_;
  }

 private:
  struct Jump {
    std::size_t at = 0;
    To yes = To::kNext;
    To no = To::kNext;
  };
  void add(std::uint16_t code, std::uint32_t value) { code_.push_back({code, 0, 0, value}); }

  PacketFilter code_;
  std::vector<Jump> jumps_;
};

// A jump reaches 255 instructions.
static_assert(kMostFilterGroups + 20 < std::numeric_limits<std::uint8_t>::max());

// Most packets of a host fail at one of these, so they come first.
void keep_going_with_ipv4(Program& program, std::uint32_t protocol) {
  program.load_beside(SKF_AD_PROTOCOL);
  program.if_equal(ETH_P_IP, To::kNext, To::kDrop);
  program.load(BPF_B, 9);
  program.if_equal(protocol, To::kNext, To::kDrop);
}

void keep_going_with_ours(Program& program) {
  program.load_beside(SKF_AD_PKTTYPE);
  program.if_equal(PACKET_OTHERHOST, To::kDrop, To::kNext);
}

}  // namespace

PacketFilter igmp_filter(std::uint32_t snap_length) {
  Program program;
  keep_going_with_ipv4(program, IPPROTO_IGMP);
  keep_going_with_ours(program);
  // A tag with VLAN 0 is a priority alone.
  program.load_beside(SKF_AD_VLAN_TAG_PRESENT);
  program.skip_if_equal(0, 3);
  program.load_beside(SKF_AD_VLAN_TAG);
  program.mask(0x0FFF);
  program.if_equal(0, To::kNext, To::kDrop);
  program.load_behind_header(0);
  program.if_equal(0x11, To::kKeep, To::kNext);
  program.load_beside(SKF_AD_PKTTYPE);
  program.if_equal(PACKET_OUTGOING, To::kNext, To::kDrop);
  program.load_behind_header(0);
  for (const std::uint32_t type : {0x12U, 0x16U, 0x17U, 0x22U}) {
    program.if_equal(type, To::kKeep, To::kNext);
  }
  return program.end(snap_length);
}

PacketFilter group_filter(std::span<const IpAddress> groups, std::uint32_t snap_length) {
  Program program;
  keep_going_with_ipv4(program, IPPROTO_UDP);
  keep_going_with_ours(program);
  program.load(BPF_W, 16);
  for (const IpAddress& group : groups) {
    program.if_equal(group.v4_host_order(), To::kKeep, To::kNext);
  }
  return program.end(snap_length);
}

}  // namespace mcast::netlink
