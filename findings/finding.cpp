#include "findings/finding.h"

namespace mcast::findings {

std::string_view to_string(Check check) {
  switch (check) {
    case Check::kInterfaceDown:
      return "interface_down";
    case Check::kNotJoined:
      return "not_joined";
    case Check::kReversePathFilter:
      return "reverse_path_filter";
    case Check::kNoRouteToSource:
      return "no_route_to_source";
    case Check::kIgmpVersion:
      return "igmp_version";
    case Check::kNoQuerier:
      return "no_querier";
    case Check::kNoBridgeEntry:
      return "no_bridge_entry";
    case Check::kNotDelivered:
      return "not_delivered";
    case Check::kTtlExpired:
      return "ttl_expired";
    case Check::kMulticastRoute:
      return "multicast_route";
    case Check::kUnexpectedTraffic:
      return "unexpected_traffic";
    case Check::kSocketOverflow:
      return "socket_overflow";
    case Check::kNoTraffic:
      return "no_traffic";
  }
  return "unknown";
}

std::string_view expectation_of(Check check) {
  switch (check) {
    case Check::kInterfaceDown:
      return "the interface is up and has an address";
    case Check::kNotJoined:
      return "the group is joined where it arrives";
    case Check::kReversePathFilter:
      return "the reverse path filter lets the source in";
    case Check::kNoRouteToSource:
      return "there is a route back to the source";
    case Check::kIgmpVersion:
      return "IGMP reports can carry the source";
    case Check::kNoQuerier:
      return "somebody sends IGMP queries";
    case Check::kNoBridgeEntry:
      return "the bridge passes the group on";
    case Check::kNotDelivered:
      return "what is on the interface reaches the socket";
    case Check::kTtlExpired:
      return "the TTL lasts beyond this router";
    case Check::kMulticastRoute:
      return "this router passes the group on";
    case Check::kUnexpectedTraffic:
      return "port, source and payload are the expected ones";
    case Check::kSocketOverflow:
      return "the socket's buffer is large enough";
    case Check::kNoTraffic:
      return "packets to the group are on the wire";
  }
  return "unknown";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFine:
      return "fine";
    case Verdict::kFound:
      return "found";
    case Verdict::kUnknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace mcast::findings
