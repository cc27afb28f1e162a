// The checks, each a pure function of what was seen. Any thread.
//
// A check says found() only of what it has seen; where another check has the cause (no
// interface, no join, a filter), it leaves it to that one. examine() writes down which
// check has spoken.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "findings/finding.h"
#include "findings/subject_view.h"

namespace mcast::findings {

// In findings/check_host.cpp: what this host does to receive.
[[nodiscard]] Finding check_interface(const SubjectView& view);
[[nodiscard]] Finding check_join(const SubjectView& view);
[[nodiscard]] Finding check_igmp_version(const SubjectView& view);

// In findings/check_path.cpp: the way in.
[[nodiscard]] Finding check_reverse_path_filter(const SubjectView& view);
[[nodiscard]] Finding check_route_to_source(const SubjectView& view);

// In findings/check_bridge.cpp
[[nodiscard]] Finding check_querier(const SubjectView& view);
[[nodiscard]] Finding check_bridge_entry(const SubjectView& view);

// In findings/check_router.cpp: where this host is a router for the group. `before`: what
// the earlier checks said.
[[nodiscard]] Finding check_ttl(const SubjectView& view);
[[nodiscard]] Finding check_multicast_route(const SubjectView& view,
                                            const std::vector<Finding>& before);

// In findings/check_delivery.cpp: from the wire to the socket.
[[nodiscard]] Finding check_delivery(const SubjectView& view, const std::vector<Finding>& before);
[[nodiscard]] Finding check_expected_traffic(const SubjectView& view);
[[nodiscard]] Finding check_socket_buffer(const SubjectView& view);
[[nodiscard]] Finding check_traffic(const SubjectView& view, const std::vector<Finding>& before);

// All of them, in the order of kAllChecks.
[[nodiscard]] std::vector<Finding> examine(const SubjectView& view);

// What a check answers.
[[nodiscard]] inline Finding fine(std::string seen) {
  return {.verdict = Verdict::kFine, .seen = std::move(seen), .meaning = "", .remedy = ""};
}
[[nodiscard]] inline Finding unknown(std::string why) {
  return {.verdict = Verdict::kUnknown, .seen = std::move(why), .meaning = "", .remedy = ""};
}
[[nodiscard]] inline Finding found(std::string seen, std::string meaning, std::string remedy) {
  return {.verdict = Verdict::kFound,
          .seen = std::move(seen),
          .meaning = std::move(meaning),
          .remedy = std::move(remedy)};
}
[[nodiscard]] inline bool is_found(const Finding& finding) {
  return finding.verdict == Verdict::kFound;
}

}  // namespace mcast::findings
