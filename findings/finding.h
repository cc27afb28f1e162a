// One answer to "why does nothing arrive?": what was looked at, what was seen, what it
// means and the command that mends it. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::findings {

// What can be wrong, in the order of likelihood; the order in which it is looked at.
enum class Check : std::uint8_t {
  kInterfaceDown,      // does not exist, is down, has no carrier or no address
  kDad,                // its address of IPv6 is being tested for duplicates, or is one
  kNotJoined,          // nobody joined the group here, or only on another interface
  kReversePathFilter,  // rp_filter drops the source
  kNoRouteToSource,    // and no route back to the source lets it do so
  kIgmpVersion,        // an SSM join on an interface that reports in IGMPv1 or v2
  kMldVersion,         // the same of MLDv1; or MLDv2 is forced and the querier speaks v1
  kQuerierInvalid,     // queries are heard on the wire, and this host answers none
  kNoQuerier,          // a snooping bridge that hears no queries forgets the join
  kNoBridgeEntry,      // a snooping bridge that has no port for the group
  kNotDelivered,       // on the interface, but not at the socket
  kTtlExpired,         // this router gets it with a TTL that is spent
  kScope,              // no router may forward the group, and one should
  kLinkLocalSource,    // no router may forward the source, and one should
  kMulticastRoute,     // this router has nowhere to send it, or expects it elsewhere
  kUnexpectedTraffic,  // another port, another source, or not from a program of ours
  kSocketOverflow,     // the socket's buffer overflows
  kNoTraffic,          // nothing on the wire, and nothing here that explains it
  // Of senders, beside kInterfaceDown, kDad, kScope and kLinkLocalSource:
  kNoRouteToGroup,  // no interface is named, and no route leads to the group
  kWrongEgress,     // no interface is named, and the kernel's choice is not where the members are
  kPathMtu,         // the kernel fragments for everybody, because of one hop far away
  kNotSent,         // it could not start, or none of its packets leaves
  kRateNotReached,  // fewer leave than it should send
};
inline constexpr std::array kAllChecks{Check::kInterfaceDown,   Check::kDad,
                                       Check::kNotJoined,       Check::kReversePathFilter,
                                       Check::kNoRouteToSource, Check::kIgmpVersion,
                                       Check::kMldVersion,      Check::kQuerierInvalid,
                                       Check::kNoQuerier,       Check::kNoBridgeEntry,
                                       Check::kNotDelivered,    Check::kTtlExpired,
                                       Check::kScope,           Check::kLinkLocalSource,
                                       Check::kMulticastRoute,  Check::kUnexpectedTraffic,
                                       Check::kSocketOverflow,  Check::kNoTraffic,
                                       Check::kNoRouteToGroup,  Check::kWrongEgress,
                                       Check::kPathMtu,         Check::kNotSent,
                                       Check::kRateNotReached};

// "interface_down": as the metric labels and the JSON carry it.
[[nodiscard]] std::string_view to_string(Check check);
// What the check looks at, for a person: "the interface is up and has an address".
[[nodiscard]] std::string_view expectation_of(Check check);

enum class Verdict : std::uint8_t {
  kFine,
  kFound,    // this is wrong
  kUnknown,  // it cannot be known from here; `seen` says what is missing
};
// "fine", "found", "unknown"
[[nodiscard]] std::string_view to_string(Verdict verdict);

struct RouterCommand {
  std::string system;   // "FRR", "IOS", "EOS", "Junos"
  std::string command;  // "show ip mroute 239.1.1.1"

  friend bool operator==(const RouterCommand&, const RouterCommand&) = default;
};

struct Finding {
  Check check{};
  Verdict verdict = Verdict::kUnknown;
  std::string seen = {};     // one sentence without a full stop
  std::string meaning = {};  // only of kFound: why packets do not arrive
  std::string remedy = {};   // only of kFound: a command, or what to do where none is known
  // Only of kFound: what routers and switches show of it, by their system.
  std::vector<RouterCommand> router_commands = {};

  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace mcast::findings
