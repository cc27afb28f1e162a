// What the checks judge: everything that was seen of this host and of the wire around
// it over a few seconds. Plain values, gathered by Examination or made up by a test.
//
// Result<...> where the answer may be missing: the error says why (a privilege, an old
// kernel), and a check that needs it says "unknown" with that reason.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "findings/finding.h"
#include "netlink/proc/sysctls.h"
#include "netlink/types.h"
#include "netlink/wire/group_watch.h"
#include "netlink/wire/protocol_activity.h"

namespace mcast::findings {

// How somebody asked for a stream: a remedy is that, with one thing changed.
struct Origin {
  std::vector<std::string> command = {};  // as typed, the program first; or empty, and
  std::string file = {};                  // an agent's configuration has it; or
  std::string agent = {};                 // "--agent": it is an ad hoc one of an agent

  friend auto operator<=>(const Origin&, const Origin&) = default;
};

// What a sender of this host should send.
struct Sending {
  double packets_per_second = 0;  // 0: not known
  std::size_t size = 0;           // UDP payload of a packet; 0: not known
  int ttl = 0;
  std::optional<IpAddress> address = {};  // that its packets carry
  // No interface was named: the kernel chose it.
  bool interface_chosen = false;

  friend auto operator<=>(const Sending&, const Sending&) = default;
};

// What should arrive, and where; or what should leave.
struct Subject {
  std::string stream;  // of ours; "" where somebody else holds the join, or nobody
  IpAddress group;
  std::optional<IpAddress> source;  // of the join; given: (S,G)
  // That a person asks about, where the join is for any source or not known.
  std::optional<IpAddress> asked_source = {};
  std::string interface;              // "" where neither a stream nor a person names one
  std::optional<std::uint16_t> port;  // nullopt: not known
  // A program of ours receives: packets of others are foreign to it.
  bool expects_probe_packets = false;
  std::string failure = {};             // why the stream could not join or send; "" where it could
  std::optional<int> version = {};      // of IGMP or MLD, that the stream wants forced
  std::optional<Sending> sending = {};  // given: it is a sender
  Origin origin = {};

  // The one whose packets are looked for; nullopt: any.
  [[nodiscard]] const std::optional<IpAddress>& wanted_source() const {
    return source ? source : asked_source;
  }

  friend auto operator<=>(const Subject&, const Subject&) = default;
};

// The sysctls of one interface.
struct InterfaceSettings {
  Result<netlink::ReversePathFilter> rp_filter;  // in force; of IPv4
  std::set<Family> forwards_multicast = {};      // a multicast routing daemon uses it for these
};

// A source that was named, or seen on the wire, as the routing tables judge it.
struct SourceEvidence {
  IpAddress source;
  int ifindex = 0;                    // where its packets arrive, or should
  Result<netlink::Route> route_back;  // error ENETUNREACH: there is none
  // Whether IP input takes its packets to the group on that interface.
  Result<bool> accepted;
};

// What was counted in the time watched.
struct ProtocolCounters {
  std::uint64_t checksum_errors = 0;     // UDP datagrams with a wrong checksum
  std::uint64_t reverse_path_drops = 0;  // packets that rp_filter dropped
  std::uint64_t fragments = 0;           // that came
  std::uint64_t reassembled = 0;         // datagrams that were made of them
};

// The whole host, the same for all subjects.
struct HostEvidence {
  std::vector<netlink::Link> links;
  std::vector<netlink::InterfaceAddress> addresses;
  std::vector<netlink::Membership> memberships;
  std::vector<netlink::SourceFilter> source_filters;
  std::vector<netlink::ProtocolInterface> protocols;
  std::map<int, InterfaceSettings> settings;  // by interface index
  Result<std::vector<netlink::MulticastRoute>> routes_before;
  Result<std::vector<netlink::MulticastRoute>> routes;  // at the end of the time watched
  Result<std::vector<netlink::Bridge>> bridges;
  Result<std::vector<netlink::BridgeEntry>> bridge_entries;
  Result<std::vector<netlink::FilterChain>> filters;  // read where something is dropped

  Nanoseconds now = 0;  // CLOCK_MONOTONIC, when it was gathered
  Nanoseconds watched = 0;
  Result<std::vector<netlink::WireFlow>> flows;  // to the groups that are asked about
  bool sees_outgoing = false;                    // those that leave are among them
  Nanoseconds igmp_watched = 0;
  Result<std::vector<netlink::InterfaceActivity>> igmp_activity;
  Result<ProtocolCounters> counters;       // of IPv4
  Result<ProtocolCounters> counters_ipv6;  // reverse_path_drops stays 0
  std::set<std::uint16_t> open_ports;      // of sockets that can get multicast
};

// One subject's own.
struct Evidence {
  Subject subject;
  std::vector<SourceEvidence> sources;
  Result<netlink::Route> route_to_group;
  // Datagrams to the group and port that reached a socket in the time watched.
  Result<std::uint64_t> arrived;
  // Datagrams that a full socket buffer dropped meanwhile.
  Result<std::uint64_t> socket_drops;
};

// What a sender did in the time watched.
struct SentPackets {
  std::uint64_t packets = 0;
  std::uint64_t skipped = 0;                          // due, but given up after a pause
  std::map<std::string, std::uint64_t> refused = {};  // by the kernel: errno's name -> packets
};

// One sender's own.
struct SenderEvidence {
  Subject subject;  // .sending is given
  // By its interface, where it names one. An error, too, where nobody asked.
  Result<netlink::Route> route_to_group;
  Result<SentPackets> sent;  // an error: only its program knows
  Nanoseconds counted = 0;   // the time that `sent` is of
  int gateway_ifindex = 0;   // where the default route of IPv6 leaves; 0: not known
};

// What was found of one subject, and when.
struct StreamFindings {
  Subject subject;
  Nanoseconds examined = 0;  // since 1970
  std::vector<Finding> findings;
};

}  // namespace mcast::findings
