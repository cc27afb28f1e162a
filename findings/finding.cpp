#include "findings/finding.h"

#include <cstddef>

namespace mcast::findings {
namespace {

struct Words {
  std::string_view name;
  std::string_view expectation;
};

// In the order of kAllChecks.
constexpr std::array<Words, kAllChecks.size()> kWords{{
    {"interface_down", "the interface is up, with carrier and an address"},
    {"dad", "the interface's addresses are tested and nobody else's"},
    {"not_joined", "the group is joined where it arrives"},
    {"reverse_path_filter", "the reverse path filter accepts the source"},
    {"no_route_to_source", "there is a route back to the source"},
    {"igmp_version", "IGMP reports can carry the source"},
    {"mld_version", "MLD reports are what the querier and the group need"},
    {"querier_invalid", "queries that are heard are answered"},
    {"no_querier", "queries are heard"},
    {"no_bridge_entry", "the bridge forwards the group"},
    {"not_delivered", "packets on the interface reach the socket"},
    {"ttl_expired", "the TTL is high enough for this router"},
    {"scope", "routers may forward the group"},
    {"link_local_source", "routers may forward the source"},
    {"multicast_route", "this router forwards the group"},
    {"unexpected_traffic", "port, source and payload are as expected"},
    {"socket_overflow", "the socket's buffer is large enough"},
    {"no_traffic", "packets to the group are on the wire"},
    {"no_route_to_group", "there is a route to the group"},
    {"wrong_egress", "packets leave where the members are"},
    {"path_mtu", "packets leave in one piece"},
    {"not_sent", "packets leave"},
    {"rate_not_reached", "as many packets leave as should"},
}};

constexpr Words words_of(Check check) {
  const auto index = static_cast<std::size_t>(check);
  return index < kWords.size() ? kWords[index] : Words{"unknown", "unknown"};
}

}  // namespace

std::string_view to_string(Check check) {
  return words_of(check).name;
}

std::string_view expectation_of(Check check) {
  return words_of(check).expectation;
}

std::string_view to_string(Verdict verdict) {
  return verdict == Verdict::kFine ? "fine" : verdict == Verdict::kFound ? "found" : "unknown";
}

}  // namespace mcast::findings
