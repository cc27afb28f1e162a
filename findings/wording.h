// The words of findings: names, numbers and commands as sentences and remedies have them,
// without control characters. Pure functions, any thread.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "findings/evidence.h"

namespace mcast::findings {

// For sentences: "eth1", or "interface 7" for one that is gone by now.
[[nodiscard]] std::string name_of(const HostEvidence& host, int ifindex);
// For commands: its name as it is, "INTERFACE" for one that is gone by now; and as a word of
// the shell.
[[nodiscard]] std::string link_name(const HostEvidence& host, int ifindex);
[[nodiscard]] std::string interface_word(const std::string& name);
[[nodiscard]] inline std::string word_of(const HostEvidence& host, int ifindex) {
  return interface_word(link_name(host, ifindex));
}
// "sysctl -w net.ipv4.conf.eth1.rp_filter=2"; with '/' for a name that has dots.
[[nodiscard]] std::string sysctl_command(Family family, const std::string& interface,
                                         const std::string& key, int value);
// "10.1.1.1", "fe80::1%eth1".
[[nodiscard]] std::string address_on(const HostEvidence& host, const IpAddress& address,
                                     int ifindex);
[[nodiscard]] inline std::string source_of(const HostEvidence& host,
                                           const netlink::WireFlow& flow) {
  return address_on(host, flow.source, flow.ifindex);
}
// "TTL", "hop limit".
[[nodiscard]] inline const char* hops_word(Family family) {
  return family == Family::kIpv4 ? "TTL" : "hop limit";
}
// What a check without a meaning for the family says.
[[nodiscard]] inline std::string has_none(Family family) {
  return family == Family::kIpv4 ? "IPv4 has none" : "IPv6 has none";
}
// "IGMPv3", "MLDv2"
[[nodiscard]] inline std::string protocol_version(Family family, int version) {
  return std::string(membership_protocol(family)) + "v" + std::to_string(version);
}

[[nodiscard]] std::string seconds_text(Nanoseconds duration);                  // "3 s", "0.5 s"
[[nodiscard]] std::string count_text(std::uint64_t number, const char* noun);  // "1 packet"
[[nodiscard]] std::string list_text(const std::vector<std::string>& words);    // "a, b and c"
// The same of what word_for() says of each.
template <typename Range, typename WordFor>
[[nodiscard]] std::string list_text(const Range& range, WordFor word_for) {
  std::vector<std::string> words;
  std::ranges::transform(range, std::back_inserter(words), word_for);
  return list_text(words);
}
[[nodiscard]] std::string stream_text(const Subject& subject);        // "(10.1.1.1, 232.1.1.1)"
[[nodiscard]] std::string rate_text(double value, const char* unit);  // "50 pps", "1.4 Mbps"

}  // namespace mcast::findings
