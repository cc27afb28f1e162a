// A receiver that gets its packets, for tests that break one thing of it; of IPv4, and in tests of
// both families of IPv6, too: the test's addresses and texts are those of IPv4, and ip() and say()
// make those of IPv6 out of them.
//
//   10.1.1.1 (sender) --- eth1 [3] 10.1.1.2   this host   eth2 [5] 10.2.2.2
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "findings/checks.h"
#include "findings/evidence.h"

namespace mcast::findings::test {

inline constexpr int kLo = 1;
inline constexpr int kEth1 = 3;
inline constexpr int kEth2 = 5;
inline constexpr int kBr0 = 7;

// The parameter of tests that run for both, as IsFound/ipv4:
//
//   class NotJoined : public BothFamilies {};
//   TEST_P(NotJoined, IsFound) { ... }
//   INSTANTIATE_TEST_SUITE_P(, NotJoined, both_families(), family_name);
class BothFamilies : public testing::TestWithParam<Family> {
 protected:
  BothFamilies();
  ~BothFamilies() override;

  [[nodiscard]] static bool is_v4() { return GetParam() == Family::kIpv4; }
};
[[nodiscard]] inline auto both_families() {
  return testing::Values(Family::kIpv4, Family::kIpv6);
}
[[nodiscard]] inline std::string family_name(const testing::TestParamInfo<Family>& family) {
  return std::string(to_string(family.param));
}

// As the family of the test has it: 10.1.1.1 is 2001:db8::a:1:1:1, 239.1.1.1 ff1e::ef:1:1:1,
// 232.1.1.1 ff3e::e8:1:1:1, and 224.0.0.251 ff02::e0:0:0:fb.
[[nodiscard]] IpAddress ip(const std::string& text);
// A sentence with its addresses and what else one family calls by another name.
[[nodiscard]] std::string say(const std::string& text);
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
  void hear_no_querier();  // the bridge
  [[nodiscard]] ProtocolCounters& counters();
  // So many queries on eth1, and nothing else that is known of them.
  netlink::InterfaceActivity& heard(std::uint64_t queries);

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
