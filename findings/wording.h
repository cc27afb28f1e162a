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
[[nodiscard]] std::string sysctl_command(const std::string& interface, const std::string& key,
                                         int value);

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
