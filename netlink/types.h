// What the kernel knows about interfaces and multicast membership, as plain
// values. Nobody outside this folder sees a netlink message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"

namespace mcast::netlink {

struct Link {
  int index = 0;
  std::string name;
  bool up = false;       // IFF_UP: switched on by the administrator
  bool carrier = false;  // IFF_LOWER_UP
  bool loopback = false;
  bool multicast = false;
  std::uint32_t mtu = 0;

  friend bool operator==(const Link&, const Link&) = default;
};

struct InterfaceAddress {
  int ifindex = 0;
  IpAddress address;
  int prefix_length = 0;

  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// The way from this host to an address.
struct Route {
  int ifindex = 0;
  std::optional<IpAddress> preferred_source;
  std::optional<IpAddress> gateway;

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

struct IgmpInterface {
  int ifindex = 0;
  std::string name;
  int version = 0;         // in operation now, from /proc/net/igmp
  int forced_version = 0;  // force_igmp_version; 0: not forced

  friend bool operator==(const IgmpInterface&, const IgmpInterface&) = default;
};

// Everything about this host that the exporter shows. Interfaces are in here
// once; the others refer to them by index.
struct HostSnapshot {
  std::vector<Link> links;
  std::vector<InterfaceAddress> addresses;
  std::vector<Membership> memberships;
  std::vector<SourceFilter> source_filters;
  std::vector<IgmpInterface> igmp;
  // Since the agent started, by interface name.
  struct MembershipChanges {
    std::string interface;
    std::uint64_t joins = 0;
    std::uint64_t leaves = 0;
  };
  std::vector<MembershipChanges> changes;
};

}  // namespace mcast::netlink
