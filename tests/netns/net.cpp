#include "tests/netns/net.h"

#include <ostream>

namespace mcast::test {

std::string Net::host(unsigned link, unsigned number) const {
  if (is_v4()) return "10.1." + std::to_string(link) + "." + std::to_string(number);
  // Written in decimal: no test has more than nine of either.
  return "2001:db8:1:" + std::to_string(link) + "::" + std::to_string(number);
}

std::string Net::interface_address(unsigned link, unsigned number) const {
  return host(link, number) + (is_v4() ? "/24" : "/64");
}

std::string Net::subnet(unsigned link) const {
  if (is_v4()) return "10.1." + std::to_string(link) + ".0/24";
  return "2001:db8:1:" + std::to_string(link) + "::/64";
}

std::string Net::group_plus(std::uint32_t n) const {
  return IpAddress::parse(group).value().plus(n).to_string();
}

const Net& ipv4() {
  static const Net net{.family = Family::kIpv4,
                       .name = "Ipv4",
                       .group = "239.0.10.101",
                       .other_group = "239.0.10.102",
                       .ssm_group = "232.5.5.5",
                       .protocol = "IGMP",
                       .newest_version = 3,
                       .older_version = 2,
                       .version_key = "igmp_version",
                       .version_option = "--igmp-version",
                       .forced_key = "net/ipv4/conf/eth1/force_igmp_version",
                       .metrics = "mcast_igmp_",
                       .nft = "ip",
                       .nft_hops = "ip ttl",
                       .hops_word = "TTL",
                       .ip_header = 20};
  return net;
}

const Net& ipv6() {
  static const Net net{.family = Family::kIpv6,
                       .name = "Ipv6",
                       .group = "ff1e::8000:101",
                       .other_group = "ff1e::8000:102",
                       .ssm_group = "ff3e::8000:505",
                       .protocol = "MLD",
                       .newest_version = 2,
                       .older_version = 1,
                       .version_key = "mld_version",
                       .version_option = "--mld-version",
                       .forced_key = "net/ipv6/conf/eth1/force_mld_version",
                       .metrics = "mcast_mld_",
                       .nft = "ip6",
                       .nft_hops = "ip6 hoplimit",
                       .hops_word = "hop limit",
                       .ip_header = 40};
  return net;
}

const Net& net_of(std::string_view address) {
  return address.find(':') == std::string_view::npos ? ipv4() : ipv6();
}

std::string addresses(unsigned link, unsigned number) {
  return ipv4().interface_address(link, number) + " " + ipv6().interface_address(link, number);
}

void PrintTo(const Net& net, std::ostream* stream) {
  *stream << net.name;
}

}  // namespace mcast::test
