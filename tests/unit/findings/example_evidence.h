// A receiver that gets its packets, for tests that break one thing of it.
//
//   10.1.1.1 (sender) --- eth1 [3] 10.1.1.2   this host   eth2 [5] 10.2.2.2
#pragma once

#include <string>
#include <vector>

#include "findings/checks.h"
#include "findings/evidence.h"

namespace mcast::findings::test {

inline constexpr int kLo = 1;
inline constexpr int kEth1 = 3;
inline constexpr int kEth2 = 5;
inline constexpr int kBr0 = 7;

[[nodiscard]] IpAddress ip(const std::string& text);
[[nodiscard]] netlink::Link link(int index, const std::string& name);
[[nodiscard]] netlink::WireFlow flow(int ifindex, const std::string& source,
                                     std::uint16_t port = 19779);

struct Example {
  HostEvidence host;
  Evidence evidence;

  // Receives 239.1.1.1 of 10.1.1.1 on eth1 as the stream "video".
  Example();

  void set_rp_filter(int ifindex, netlink::ReversePathFilter filter);
  void route_back(int ifindex);  // 0: there is none
  void forward(int ifindex);     // a multicast routing daemon uses it
  // This host is a router that somebody asks about, eth1 to eth2; nobody here receives.
  void be_router();
  // eth1 is a port of the bridge br0, which has the address and the join; a querier
  // was heard and the bridge has learnt the group.
  void be_bridge();

  [[nodiscard]] std::vector<Finding> examine() const {
    return findings::examine(SubjectView(evidence, host));
  }
  // What that check says.
  [[nodiscard]] Finding answer(Check check) const {
    return examine()[static_cast<std::size_t>(check)];
  }
  // The names of what is found, or of the checks with that verdict.
  [[nodiscard]] std::vector<std::string> all(Verdict verdict = Verdict::kFound) const;
};

}  // namespace mcast::findings::test
