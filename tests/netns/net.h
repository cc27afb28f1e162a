// The two address families as a test meets them: the addresses and groups of the fixture's
// networks, and what one family calls by another name. The parameter of tests that run for
// both:
//
//   class Hops : public BothFamilies {};
//   TEST_P(Hops, AreCounted) { ... net_.group ... }      Hops.AreCounted/Ipv4 and /Ipv6
//   INSTANTIATE_TEST_SUITE_P(, Hops, both_families(), net_name);
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"

namespace mcast::test {

struct Net {
  Family family = Family::kIpv4;
  std::string name;  // of a test: "Ipv4"

  std::string group;        // anybody may send to it
  std::string other_group;  // the next one
  std::string ssm_group;

  std::string protocol;  // "IGMP"
  int newest_version = 0;
  int older_version = 0;
  std::string version_key;     // "igmp_version": in configurations and JSON
  std::string version_option;  // "--igmp-version"
  std::string forced_key;      // "net/ipv4/conf/eth1/force_igmp_version"
  std::string metrics;         // "mcast_igmp_": what the names of its metrics begin with

  std::string nft;        // "ip": the table's family, and its fields in rules
  std::string nft_hops;   // "ip ttl"
  std::string hops_word;  // "TTL", in sentences
  unsigned ip_header = 0;

  // "ipv4", as labels and JSON have it.
  [[nodiscard]] std::string label() const { return std::string(to_string(family)); }
  [[nodiscard]] bool is_v4() const { return family == Family::kIpv4; }
  // Host `number` of cable `link`: 10.1.<link>.<number> or 2001:db8:1:<link>::<number>.
  [[nodiscard]] std::string host(unsigned link, unsigned number) const;
  // The same with the length of the network, "10.1.1.1/24": as an interface gets it.
  [[nodiscard]] std::string interface_address(unsigned link, unsigned number) const;
  // The network of a cable, "10.1.1.0/24".
  [[nodiscard]] std::string subnet(unsigned link) const;
  // "ip daddr 239.0.10.101": what a rule matches packets to `group` by.
  [[nodiscard]] std::string to_group() const { return nft + " daddr " + group; }
  // The group `n` behind `group`.
  [[nodiscard]] std::string group_plus(std::uint32_t n) const;
};

[[nodiscard]] const Net& ipv4();
[[nodiscard]] const Net& ipv6();
// Of the family that the address or group is of.
[[nodiscard]] const Net& net_of(std::string_view address);

// Host `number` of cable `link` in both families, as connect() takes it.
[[nodiscard]] std::string addresses(unsigned link, unsigned number);

class BothFamilies : public testing::TestWithParam<Net> {
 protected:
  const Net& net_ = GetParam();
};
[[nodiscard]] inline auto both_families() {
  return testing::Values(ipv4(), ipv6());
}
[[nodiscard]] inline std::string net_name(const testing::TestParamInfo<Net>& net) {
  return net.param.name;
}
void PrintTo(const Net& net, std::ostream* stream);

}  // namespace mcast::test
