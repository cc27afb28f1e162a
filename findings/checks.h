// The checks, each a pure function of what was seen. Any thread.
//
// A check says found() only of what it has seen; where another check has the cause (no
// interface, no join, a filter), it leaves it to that one. examine() writes down which
// check has spoken.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "findings/finding.h"
#include "findings/firewall.h"
#include "findings/subject_view.h"

namespace mcast::findings {

// In findings/check_host.cpp: what this host does to receive.
[[nodiscard]] Finding check_interface(const SubjectView& view);
[[nodiscard]] Finding check_join(const SubjectView& view);
[[nodiscard]] Finding check_dad(const SubjectView& view);
[[nodiscard]] Finding check_igmp_version(const SubjectView& view);
[[nodiscard]] Finding check_mld_version(const SubjectView& view);
// The same of a receiver and a sender on that interface; nullptr: none is known.
[[nodiscard]] Finding dad_finding(const HostEvidence& host, const Subject& subject,
                                  const netlink::Link* link);

// What is wrong with the subject's interface itself; nullptr: there is none.
[[nodiscard]] std::optional<Finding> link_finding(const HostEvidence& host, const Subject& subject,
                                                  const netlink::Link* link);
// The one that can send and receive, where there is no choice; else nullptr.
[[nodiscard]] const netlink::Link* only_usable_link(const HostEvidence& host);

// In findings/check_path.cpp: the way in, over a bridge of this host, too.
[[nodiscard]] Finding check_reverse_path_filter(const SubjectView& view);
[[nodiscard]] Finding check_route_to_source(const SubjectView& view);
[[nodiscard]] Finding check_queries(const SubjectView& view, const std::vector<Finding>& before);
[[nodiscard]] Finding check_querier(const SubjectView& view);
[[nodiscard]] Finding check_bridge_entry(const SubjectView& view);

// In findings/check_router.cpp: where this host is a router for the group. `before`: what
// the earlier checks said.
[[nodiscard]] Finding check_ttl(const SubjectView& view);
[[nodiscard]] Finding check_multicast_route(const SubjectView& view,
                                            const std::vector<Finding>& before);

// Queries are heard on the wire, and this host, which has something to report, answers none. Only
// from what is heard: flows are not needed.
[[nodiscard]] std::optional<Finding> unanswered_finding(const HostEvidence& host,
                                                        const netlink::Link& link, Family family);

// In findings/check_scope.cpp: what no router may forward (RFC 4291 sections 2.5.6 and 2.7).
[[nodiscard]] Finding check_scope(const SubjectView& view);
[[nodiscard]] Finding check_link_local_source(const SubjectView& view);
[[nodiscard]] Finding check_sending_scope(const Subject& subject);
[[nodiscard]] Finding check_sending_source(const HostEvidence& host, const Subject& subject,
                                           const netlink::Link* link);

// In findings/check_delivery.cpp: from the wire to the socket.
[[nodiscard]] Finding check_delivery(const SubjectView& view, const std::vector<Finding>& before);
[[nodiscard]] Finding check_expected_traffic(const SubjectView& view);
[[nodiscard]] Finding check_socket_buffer(const SubjectView& view);
[[nodiscard]] Finding check_traffic(const SubjectView& view, const std::vector<Finding>& before);

// All of them, in the order of kAllChecks; what is found has the commands of routers.
[[nodiscard]] std::vector<Finding> examine(const SubjectView& view);

// In findings/check_sender.cpp: those of a sender, from its interface to the wire.
[[nodiscard]] std::vector<Finding> examine_sender(const SenderEvidence& evidence,
                                                  const HostEvidence& host);

// In findings/check_delivery.cpp: who drops that flow, where the packet filter could be read.
[[nodiscard]] std::optional<Dropper> dropper_in(const SubjectView& view, FilteredPacket::Way way,
                                                const netlink::WireFlow& flow);

// Whether nothing wrong was found because nothing is: what decides it is known to be fine.
[[nodiscard]] bool is_answered(const std::vector<Finding>& findings);

// What a check answers.
[[nodiscard]] inline Finding fine(std::string seen) {
  return {.verdict = Verdict::kFine, .seen = std::move(seen)};
}
[[nodiscard]] inline Finding unknown(std::string why) {
  return {.verdict = Verdict::kUnknown, .seen = std::move(why)};
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
// One of these checks, which look at what happens earlier on the way, has the cause.
[[nodiscard]] inline bool is_found(const std::vector<Finding>& before,
                                   std::initializer_list<Check> causes) {
  return std::ranges::any_of(before, [&](const Finding& finding) {
    return is_found(finding) && std::ranges::find(causes, finding.check) != causes.end();
  });
}

}  // namespace mcast::findings
