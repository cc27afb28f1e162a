// The evidence as the checks look at it: one subject with what several checks ask about it,
// worked out once, and questions to the host's part. Pure, any thread; what is returned
// points into the evidence.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "findings/evidence.h"

namespace mcast::findings {

using Flows = std::vector<const netlink::WireFlow*>;

// Valid as long as both parts of the evidence. Evidence::sources may be filled in later.
struct SubjectView {
  SubjectView(const Evidence& subjects_own, const HostEvidence& whole_host);

  const Evidence& evidence;
  const HostEvidence& host;
  const Subject& subject;
  // Interfaces where its group is joined, the loopback interface last.
  std::vector<int> joined;
  // What came in for its group, from any source. Empty where nobody watched.
  Flows group_flows;
  // What of these came from the source that it names; all where it names none.
  Flows flows;
  std::vector<const netlink::MulticastRoute*> routes;
  // Where its packets should come in: the interface that it names; else where the group is
  // joined, most of all where it also arrives; else where it arrives; else where this router
  // expects it; else where the routing table would send it. nullptr: nothing of that is
  // known, or the named interface does not exist.
  const netlink::Link* interface = nullptr;
  std::string name;  // the interface's, for sentences; "" where none is known
  Family family;
  // Nobody asks for the group to be received here: this host only passes it on.
  bool only_forwards = false;

  // False where it is certain that no socket's filter on that interface takes the source.
  [[nodiscard]] bool takes_source(int ifindex, const IpAddress& source) const;
  // Whether a socket of the subject is bound to the flow's port; where the subject's port is
  // not known, any socket. True of a fragment, which does not say its port.
  [[nodiscard]] bool is_wanted_port(const netlink::WireFlow& flow) const;
  [[nodiscard]] bool is_joined_on(int ifindex) const {
    return std::ranges::find(joined, ifindex) != joined.end();
  }
  // That reached the socket, as far as it is known.
  [[nodiscard]] bool has_arrived() const { return evidence.arrived && *evidence.arrived > 0; }
};

// Those that came in on that interface.
[[nodiscard]] Flows on_interface(Flows flows, int ifindex);

// The one of which that member has that value; nullptr: there is none.
template <typename T, typename Member, typename Value>
[[nodiscard]] const T* find_by(const std::vector<T>& all, Member member, const Value& value) {
  const auto found = std::ranges::find(all, value, member);
  return found == all.end() ? nullptr : &*found;
}
[[nodiscard]] const netlink::Link* link_at(const HostEvidence& host, int ifindex);
// The bridge that an interface is a port of, else the interface: what comes in on a port of
// a bridge arrives on the bridge.
[[nodiscard]] int bridge_or_self(const HostEvidence& host, int ifindex);
// On the interface itself, or on a port of the bridge that it is.
[[nodiscard]] bool is_at(const HostEvidence& host, int ifindex, const netlink::Link& interface);
// Can receive: up, with carrier and an address.
[[nodiscard]] bool is_usable(const HostEvidence& host, const netlink::Link& link);
[[nodiscard]] bool has_address(const HostEvidence& host, int ifindex, Family family);
[[nodiscard]] bool is_own_address(const HostEvidence& host, const IpAddress& address);
// Sources that sockets include by name.
[[nodiscard]] std::vector<IpAddress> included_sources(const HostEvidence& host, int ifindex,
                                                      const IpAddress& group);
[[nodiscard]] const netlink::InterfaceActivity* heard_on(const HostEvidence& host, int ifindex,
                                                         Family family);
[[nodiscard]] const Result<ProtocolCounters>& counters_of(const HostEvidence& host, Family family);
// A multicast routing daemon runs here and uses that interface, or any.
[[nodiscard]] bool forwards(const HostEvidence& host, int ifindex, Family family);
[[nodiscard]] bool is_router(const HostEvidence& host, Family family);

}  // namespace mcast::findings
