// Questions to the evidence that several checks ask. Pure functions, any thread; what
// they return points into the evidence.
#pragma once

#include <string>
#include <vector>

#include "findings/evidence.h"
#include "findings/finding.h"

namespace mcast::findings {

[[nodiscard]] const netlink::Link* link_at(const HostEvidence& host, int ifindex);
[[nodiscard]] const netlink::Link* link_called(const HostEvidence& host, const std::string& name);
// For commands: its name as it is, "INTERFACE" for one that is gone by now.
[[nodiscard]] std::string link_name(const HostEvidence& host, int ifindex);
// For sentences: "eth1", or "interface 7" for one that is gone by now.
[[nodiscard]] std::string name_of(const HostEvidence& host, int ifindex);

// Where the subject's packets should come in: the interface that it names; else where
// the group is joined, most of all where it also arrives; else where it arrives; else
// where this router expects it; else where the routing table would send it. nullptr:
// nothing of that is known, or the named interface does not exist.
[[nodiscard]] const netlink::Link* place_of(const Evidence& evidence, const HostEvidence& host);
// Can receive: up, with carrier and an address.
[[nodiscard]] bool is_usable(const netlink::Link& link, const HostEvidence& host);
[[nodiscard]] bool has_address(const HostEvidence& host, int ifindex, Family family);
[[nodiscard]] bool is_own_address(const HostEvidence& host, const IpAddress& address);

[[nodiscard]] bool is_joined(const HostEvidence& host, int ifindex, const IpAddress& group);
[[nodiscard]] std::vector<int> joined_interfaces(const HostEvidence& host, const IpAddress& group);
// Sources that sockets include by name.
[[nodiscard]] std::vector<IpAddress> included_sources(const HostEvidence& host, int ifindex,
                                                      const IpAddress& group);
// False where it is certain that no socket's filter on that interface takes the source.
[[nodiscard]] bool takes_source(const Evidence& evidence, const HostEvidence& host, int ifindex,
                                const IpAddress& source);

// Flows of the group, and of its source if it names one, that came in; 0: on any
// interface. Empty where nobody watched.
[[nodiscard]] std::vector<const netlink::WireFlow*> incoming_flows(const Evidence& evidence,
                                                                   const HostEvidence& host,
                                                                   int ifindex = 0);
// Of the group from any source, the subject's or not.
[[nodiscard]] std::vector<const netlink::WireFlow*> incoming_flows_of_any_source(
    const Evidence& evidence, const HostEvidence& host, int ifindex = 0);
// That a socket of the subject is bound to; where its port is not known, any socket. True of
// a fragment, which does not say its port.
[[nodiscard]] bool is_wanted_port(const Subject& subject, const HostEvidence& host,
                                  const netlink::WireFlow& flow);
// On the interface itself, or on a port of the bridge that it is.
[[nodiscard]] bool is_at(const HostEvidence& host, int ifindex, const netlink::Link& place);

// A multicast routing daemon runs here and uses an interface.
[[nodiscard]] bool is_router(const HostEvidence& host);
[[nodiscard]] std::vector<const netlink::MulticastRoute*> routes_of(const Evidence& evidence,
                                                                    const HostEvidence& host);
// Nobody asks for the group to be received here: this host only passes it on.
[[nodiscard]] bool only_forwards(const Evidence& evidence, const HostEvidence& host);

// Texts.
[[nodiscard]] std::string seconds_text(Nanoseconds duration);                  // "3 s", "0.5 s"
[[nodiscard]] std::string count_text(std::uint64_t number, const char* noun);  // "1 packet"
[[nodiscard]] std::string list_text(const std::vector<std::string>& words);    // "a, b and c"
[[nodiscard]] std::string stream_text(const Subject& subject);  // "(10.1.1.1, 232.1.1.1)"
// An interface's name as a shell takes it: quoted where it has to be.
[[nodiscard]] std::string shell_word(const std::string& name);
// "sysctl -w net.ipv4.conf.eth1.rp_filter=2"; with '/' for a name that has dots.
[[nodiscard]] std::string sysctl_command(const std::string& interface, const std::string& key,
                                         int value);

[[nodiscard]] Finding fine(Check check, std::string seen);
[[nodiscard]] Finding unknown(Check check, std::string why);
[[nodiscard]] Finding found(Check check, std::string seen, std::string meaning, std::string remedy);

}  // namespace mcast::findings
