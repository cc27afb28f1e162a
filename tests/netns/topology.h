// Cables, switches and addresses between namespaces. Interfaces belong to their
// namespaces and go with them; nothing here has to be taken down by hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/netns/namespace.h"
#include "tests/netns/net.h"
#include "tests/netns/smc_router.h"

namespace mcast::test {

// A veth pair: `a` has one end, named `interface_a`, `b` the other. Addresses are
// "10.1.1.1/24", "2001:db8:1:1::1/64", both of them (net.h: addresses(1, 1)), or empty for
// none. Both ends are up and can send when this returns. a and b may be the same namespace.
void connect(const Namespace& a, const std::string& interface_a, const std::string& address_a,
             const Namespace& b, const std::string& interface_b, const std::string& address_b);

// As connect() takes them. One of IPv6 is there at once, unless the namespace wants to find
// duplicates first.
void add_address(const Namespace& where, const std::string& interface, const std::string& address);
// The address that an interface of IPv6 has by itself, without a zone.
[[nodiscard]] std::string link_local_address(const Namespace& where, const std::string& interface);
// `destination` "10.1.2.0/24", "239.0.0.0/8", "2001:db8:1:2::/64", or "default" with a
// gateway of its family. An empty gateway means on the link itself.
void add_route(const Namespace& where, const std::string& destination, const std::string& gateway,
               const std::string& interface = {});

void link_up(const Namespace& where, const std::string& interface);
void link_down(const Namespace& where, const std::string& interface);
// With a veth its other end goes too. To bring it back, connect() again.
void delete_link(const Namespace& where, const std::string& interface);
// From now on what leaves the interface is what a wire would carry: one datagram a
// frame, its checksum finished. A veth otherwise hands datagrams that were sent
// together (UDP_SEGMENT, TCP) to its other end in one piece, without checksums.
void switch_off_offloads(const Namespace& where, const std::string& interface);

struct LinkCounters {
  std::uint64_t received_packets = 0;
  std::uint64_t sent_packets = 0;
  // That the kernel took for this interface and then dropped. A veth counts here what
  // its other end refused.
  std::uint64_t dropped_on_send = 0;
};
[[nodiscard]] LinkCounters link_counters(const Namespace& where, const std::string& interface);

// Waits until the kernel would send on it; before that it drops without a word. With IPv6,
// until it has an address of its own; not for duplicate address detection, where that is on.
void wait_for_carrier(const Namespace& where, const std::string& interface);
// IFF_UP and carrier.
[[nodiscard]] bool link_is_running(const Namespace& where, const std::string& interface);

struct BridgeOptions {
  bool snooping = true;
  bool querier = false;
  int igmp_version = 2;                 // of the querier's queries, 2 or 3
  int mld_version = 1;                  // 1 or 2; needs an address of IPv6 to ask with
  std::uint32_t query_interval_ms = 0;  // 0: the kernel's 125 s
};
void add_bridge(const Namespace& where, const std::string& bridge,
                const BridgeOptions& options = {});
void add_to_bridge(const Namespace& where, const std::string& bridge, const std::string& interface);

//   sender --- r1 --- r2 --- ... --- receiver
//
// A sender, `hops` routers, and a receiver:
//
//   sender   eth1 10.1.1.1/24     receiver eth1 10.1.<hops + 1>.2/24
//   router i (1 ... hops)         r0 10.1.i.2/24 (towards the sender), r1 10.1.(i + 1).1/24
//
// and 2001:db8:1:1::1/64 and so on beside them. Unicast is routed both ways and multicast
// leaves a host by eth1. 0 hops is a cable.
class RoutedPath {
 public:
  // The routers pass no multicast on until somebody tells them what.
  explicit RoutedPath(unsigned hops);
  // smcrouted tells them.
  RoutedPath(unsigned hops, const std::vector<MulticastRoute>& routes);

  Namespace sender{"sender"};
  Namespace receiver{"receiver"};
  // In the order in which a packet meets them.
  std::vector<Namespace> routers;

  [[nodiscard]] std::string sender_address(const Net& net = ipv4()) const { return net.host(1, 1); }
  [[nodiscard]] std::string receiver_address(const Net& net = ipv4()) const {
    return net.host(static_cast<unsigned>(routers.size()) + 1, 2);
  }

 private:
  std::vector<SmcRouter> daemons_;
};

}  // namespace mcast::test
