// What the kernel knows about interfaces and multicast membership, as plain
// values. Nobody outside this folder sees a netlink message.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"

namespace mcast::netlink {

// A message or a packet, as it came.
using Bytes = std::span<const std::uint8_t>;

struct Link {
  int index = 0;
  std::string name;
  bool up = false;       // IFF_UP: switched on by the administrator
  bool carrier = false;  // IFF_LOWER_UP
  bool loopback = false;
  bool multicast = false;
  std::uint32_t mtu = 0;
  int master = 0;         // index of the bridge (or bond) that it is a port of; 0: of none
  std::string kind = {};  // "bridge", "veth"; "" for hardware and where nobody says

  friend bool operator==(const Link&, const Link&) = default;
};

struct InterfaceAddress {
  int ifindex = 0;
  IpAddress address;
  int prefix_length = 0;
  // IPv6: duplicate address detection is not over, and nothing can be sent from it
  // (IFA_F_TENTATIVE); another host has it (IFA_F_DADFAILED). RFC 4862 section 5.4.
  bool tentative = false;
  bool duplicate = false;

  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// The way from this host to an address.
struct Route {
  int ifindex = 0;
  std::optional<IpAddress> preferred_source;
  std::optional<IpAddress> gateway;
  // Where the route has one of its own, smaller than the interface's; 0: it has none.
  std::uint32_t mtu = 0;
  // Seconds for which what a hop far away said (Packet Too Big) is still believed; 0: none did.
  std::uint32_t mtu_expires = 0;

  friend bool operator==(const Route&, const Route&) = default;
};

// The kernel's (interface, group) entry.
struct Membership {
  int ifindex = 0;
  IpAddress group;
  std::uint32_t users = 0;  // sockets (and the kernel itself) that hold it

  friend auto operator<=>(const Membership&, const Membership&) = default;
};

// One line of /proc/net/mcfilter: how many sockets include or exclude a source.
struct SourceFilter {
  int ifindex = 0;
  IpAddress group;
  IpAddress source;
  std::uint32_t includes = 0;
  std::uint32_t excludes = 0;

  friend auto operator<=>(const SourceFilter&, const SourceFilter&) = default;
};

// One entry of the multicast forwarding cache: this host is a router for (S,G).
struct MulticastRoute {
  IpAddress source;  // unspecified: (*,G)
  IpAddress group;
  int incoming = 0;  // index; 0: not resolved yet, packets wait for a daemon's answer
  struct Output {
    int ifindex = 0;
    int ttl_threshold = 0;  // a packet goes out if its TTL on arrival is above it

    friend bool operator==(const Output&, const Output&) = default;
  };
  std::vector<Output> outgoing;
  std::uint64_t packets = 0;  // that arrived for it, wrong interfaces included
  std::uint64_t bytes = 0;
  std::uint64_t wrong_interface_packets = 0;

  friend bool operator==(const MulticastRoute&, const MulticastRoute&) = default;
};

// A bridge of this host and what its snooping of IGMP and MLD is set to.
struct Bridge {
  int ifindex = 0;
  bool snooping = false;
  bool querier = false;  // sends queries itself where nobody else does
  // Whose queries of IGMP it hears (or its own); nullopt: nobody's. Only where
  // `knows_querier`: Linux 5.16 and newer, by netlink.
  std::optional<IpAddress> heard_querier;
  std::optional<IpAddress> heard_mld_querier = {};  // likewise
  bool knows_querier = false;

  [[nodiscard]] const std::optional<IpAddress>& querier_of(Family family) const {
    return family == Family::kIpv4 ? heard_querier : heard_mld_querier;
  }

  friend bool operator==(const Bridge&, const Bridge&) = default;
};

// One entry of a bridge's multicast database: behind that port somebody wants it.
struct BridgeEntry {
  int bridge = 0;
  int port = 0;  // the bridge itself: this host wants it
  IpAddress group;
  std::optional<IpAddress> source;  // given: (S,G)
  bool blocked = false;             // of a source that is excluded

  friend bool operator==(const BridgeEntry&, const BridgeEntry&) = default;
};

// One step of a rule of nftables, as far as it matters for who drops a packet.
struct FilterStep {
  enum class Kind : std::uint8_t {
    kPayload,   // `to` = `length` bytes at `offset` of the header `key` (NFT_PAYLOAD_*)
    kMeta,      // `to` = what `key` names (NFT_META_*)
    kConstant,  // `to` = `data`
    kMask,      // `to` = (`from` & `data`) ^ `data2`
    kCompare,   // goes on if `from` compares with `data` as `key` says (NFT_CMP_*)
    kVerdict,   // `verdict`, and `chain` where that is a jump
    kAction,    // counts, logs, marks: goes on
    kUnknown,   // sets, conntrack, matches of iptables: nobody knows whether it goes on
  };
  Kind kind = Kind::kUnknown;
  std::uint32_t from = 0;  // registers
  std::uint32_t to = 0;
  std::uint32_t key = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::vector<std::uint8_t> data = {};
  std::vector<std::uint8_t> data2 = {};
  std::int32_t verdict = 0;  // NF_ACCEPT, NF_DROP, NFT_JUMP ...
  std::string chain = {};
};

// A table of nftables; a dormant one is not in force.
struct FilterTable {
  std::uint8_t family = 0;
  std::string name = {};
  bool is_dormant = false;

  friend bool operator==(const FilterTable&, const FilterTable&) = default;
};

struct FilterRule {
  std::string table;
  std::string chain;
  std::uint8_t family = 0;
  std::uint64_t handle = 0;
  std::vector<FilterStep> steps = {};
};

// A chain of nftables; iptables-nft makes such, too.
struct FilterChain {
  std::uint8_t family = 0;  // NFPROTO_*
  std::string table;
  std::string name;
  bool is_base = false;    // packets enter here, at `hook` in the order of `priority`
  std::uint32_t hook = 0;  // NF_INET_*, NF_NETDEV_INGRESS
  std::int32_t priority = 0;
  bool drops = false;                     // its policy
  std::vector<std::string> devices = {};  // of a chain at a device's ingress or egress
  std::vector<FilterRule> rules = {};
};

// What IGMP (IPv4) or MLD (IPv6) does on an interface.
struct ProtocolInterface {
  int ifindex = 0;
  std::string name;
  Family family = Family::kIpv4;
  int version = 0;         // in operation now
  int forced_version = 0;  // force_igmp_version, force_mld_version; 0: not forced

  friend bool operator==(const ProtocolInterface&, const ProtocolInterface&) = default;
};

// Everything about this host that the exporter shows. Interfaces are in here
// once; the others refer to them by index.
struct HostSnapshot {
  std::vector<Link> links;
  std::vector<InterfaceAddress> addresses;
  std::vector<Membership> memberships;
  std::vector<SourceFilter> source_filters;
  std::vector<ProtocolInterface> protocols;  // those of IGMP, then those of MLD
  bool has_ipv6 = true;                      // false: not in this kernel, or switched off
  std::vector<MulticastRoute> routes;        // those of a multicast router
  // Since the agent started, by interface name and family.
  struct MembershipChanges {
    std::string interface;
    Family family = Family::kIpv4;
    std::uint64_t joins = 0;
    std::uint64_t leaves = 0;
  };
  std::vector<MembershipChanges> changes;
};

// Names of interfaces by index. The kernel's tables are read one after the other, so that an
// index may be of an interface that came or went in between.
class InterfaceNames {
 public:
  explicit InterfaceNames(const std::vector<Link>& links) {
    for (const Link& link : links) names_.emplace(link.index, link.name);
  }
  // "if7" for one that is not known.
  [[nodiscard]] std::string of(int index) const {
    const auto found = names_.find(index);
    return found != names_.end() ? found->second : "if" + std::to_string(index);
  }

 private:
  std::map<int, std::string> names_;
};

}  // namespace mcast::netlink
