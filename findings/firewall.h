// Which rule or policy of nftables drops a packet that is known to be dropped. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "netlink/types.h"

namespace mcast::findings {

struct FilteredPacket {
  // Which chains it meets: those before routing, those up to a socket, or those on the way out.
  enum class Way : std::uint8_t { kBeforeRouting, kIn, kOut };
  Way way = Way::kIn;
  std::string interface;  // that it comes in on, or leaves by
  // Of a bridge, where that is the interface: the port that it comes in on; else "".
  std::string bridge_port = {};
  std::optional<IpAddress> source;
  IpAddress group;
  std::uint16_t port = 0;  // of UDP; 0: not known
  enum class Carries : std::uint8_t { kUdp, kIgmpQuery, kMldQuery };
  Carries carries = Carries::kUdp;
};

struct Dropper {
  std::string seen;    // "the policy of chain input (table inet filter) is drop"
  std::string remedy;  // a command
};
// A rule that surely drops it, else one that may (what sets and conntrack say is not known), else
// nullopt. A rule that names addresses or ports is deleted by its remedy; before one that is for
// everything, and before a policy, the packet is accepted.
[[nodiscard]] std::optional<Dropper> dropper_of(const std::vector<netlink::FilterChain>& chains,
                                                const FilteredPacket& packet);

}  // namespace mcast::findings
