#include "tests/unit/findings/example_evidence.h"

#include <cerrno>
#include <regex>
#include <sstream>
#include <utility>

namespace mcast::findings::test {

namespace {

Family& family_of_test() {
  static Family family = Family::kIpv4;
  return family;
}

std::string of_ipv6(const std::smatch& v4) {
  if (v4[0] == "127.0.0.1") return "::1";
  const int first = std::stoi(v4[1]);
  const char* const prefix = first == 224   ? "ff02::"
                             : first == 232 ? "ff3e::"
                             : first > 224  ? "ff1e::"
                                            : "2001:db8::";
  std::ostringstream text;
  text << prefix << std::hex << first;
  for (std::size_t i = 2; i <= 4; ++i) text << ':' << std::stoi(v4[i]);
  return IpAddress::parse(text.str()).value().to_string();
}

}  // namespace

BothFamilies::BothFamilies() {
  family_of_test() = GetParam();
}
BothFamilies::~BothFamilies() {
  family_of_test() = Family::kIpv4;
}

std::string say(const std::string& text) {
  if (family_of_test() == Family::kIpv4) return text;
  std::string result;
  std::string rest = text;
  const std::regex address(R"((\d+)\.(\d+)\.(\d+)\.(\d+))");
  for (std::smatch match; std::regex_search(rest, match, address); rest = match.suffix()) {
    result += match.prefix().str() + of_ipv6(match);
  }
  result += rest;
  for (const auto& [v4, v6] : std::vector<std::pair<std::string, std::string>>{
           {"IGMP", "MLD"},
           {"TTL", "hop limit"},
           {"show ip ", "show ipv6 "},
           {"multicast rpf ", "multicast rpf inet6 "}}) {
    for (std::size_t at = 0; (at = result.find(v4, at)) != std::string::npos; at += v6.size()) {
      result.replace(at, v4.size(), v6);
    }
  }
  return result;
}

IpAddress ip(const std::string& text) {
  return IpAddress::parse(say(text)).value();
}

netlink::Link link(int index, const std::string& name) {
  netlink::Link result;
  result.index = index;
  result.name = name;
  result.up = true;
  result.carrier = true;
  result.multicast = true;
  result.mtu = 1500;
  result.kind = "veth";
  return result;
}

netlink::WireFlow flow(int ifindex, const std::string& source, std::uint16_t port) {
  netlink::WireFlow result;
  result.ifindex = ifindex;
  result.source = ip(source);
  result.group = ip("239.1.1.1");
  result.destination_port = port;
  result.packets = 75;
  result.signature_packets = 75;
  result.lowest_ttl = 100;
  result.highest_ttl = 100;
  return result;
}

Example::Example() {
  netlink::Link lo = link(kLo, "lo");
  lo.loopback = true;
  host.links = {lo, link(kEth1, "eth1"), link(kEth2, "eth2")};
  host.addresses = {{.ifindex = kLo, .address = ip("127.0.0.1"), .prefix_length = 8},
                    {.ifindex = kEth1, .address = ip("10.1.1.2"), .prefix_length = 24},
                    {.ifindex = kEth2, .address = ip("10.2.2.2"), .prefix_length = 24}};
  for (const int ifindex : {kEth1, kEth2}) {
    if (family_of_test() == Family::kIpv4) continue;
    host.addresses.push_back(
        {.ifindex = ifindex,
         .address = IpAddress::parse("fe80::1:" + std::to_string(ifindex)).value(),
         .prefix_length = 64});
  }
  host.memberships = {{.ifindex = kEth1, .group = ip("239.1.1.1"), .users = 1}};
  const Family family = family_of_test();
  const int newest = family == Family::kIpv4 ? 3 : 2;
  for (const auto& [ifindex, name] : {std::pair(kEth1, "eth1"), std::pair(kEth2, "eth2")}) {
    host.protocols.push_back({.ifindex = ifindex,
                              .name = name,
                              .family = family,
                              .version = newest,
                              .forced_version = 0});
  }
  for (const netlink::Link& each : host.links) {
    host.settings[each.index] = {.rp_filter = netlink::ReversePathFilter::kStrict,
                                 .forwards_multicast = {}};
  }
  host.routes_before = std::vector<netlink::MulticastRoute>{};
  host.routes = std::vector<netlink::MulticastRoute>{};
  host.bridges = std::vector<netlink::Bridge>{};
  host.bridge_entries = std::vector<netlink::BridgeEntry>{};
  host.watched = 3 * kSecond;
  host.flows = std::vector{flow(kEth1, "10.1.1.1")};
  host.igmp_watched = 3 * kSecond;
  host.igmp_activity = std::vector<netlink::InterfaceActivity>{};
  host.counters = ProtocolCounters{};
  host.counters_ipv6 = ProtocolCounters{};
  host.open_ports = {19779};

  evidence.subject = {.stream = "video",
                      .group = ip("239.1.1.1"),
                      .source = std::nullopt,
                      .interface = "eth1",
                      .port = std::uint16_t{19779},
                      .expects_probe_packets = true};
  evidence.route_to_group =
      netlink::Route{.ifindex = kEth1, .preferred_source = ip("10.1.1.2"), .gateway = std::nullopt};
  evidence.sources = {{.source = ip("10.1.1.1"),
                       .ifindex = kEth1,
                       .route_back = netlink::Route{.ifindex = kEth1,
                                                    .preferred_source = std::nullopt,
                                                    .gateway = std::nullopt},
                       .accepted = true}};
  // The kernel does not tell it of IPv6.
  if (family == Family::kIpv6) evidence.sources[0].accepted = fail("not supported");
  evidence.arrived = 75;
  evidence.socket_drops = 0;
}

void Example::set_rp_filter(int ifindex, netlink::ReversePathFilter filter) {
  host.settings[ifindex].rp_filter = filter;
}

void Example::route_back(int ifindex) {
  if (ifindex == 0) {
    evidence.sources[0].route_back =
        std::unexpected(Error{.message = "no route to 10.1.1.1", .code = ENETUNREACH});
  } else {
    evidence.sources[0].route_back = netlink::Route{
        .ifindex = ifindex, .preferred_source = std::nullopt, .gateway = std::nullopt};
  }
}

void Example::forward(int ifindex) {
  host.settings[ifindex].forwards_multicast.insert(evidence.subject.group.family());
}

void Example::be_router() {
  evidence.subject.stream.clear();
  evidence.subject.interface.clear();
  evidence.subject.port = std::nullopt;
  evidence.subject.expects_probe_packets = false;
  host.memberships.clear();
  host.open_ports.clear();
  evidence.arrived = fail("no UDP socket is open on this host");
  evidence.socket_drops = fail("no UDP socket is open on this host");
  forward(kEth1);
  forward(kEth2);
  netlink::MulticastRoute route{.source = ip("10.1.1.1"),
                                .group = ip("239.1.1.1"),
                                .incoming = kEth1,
                                .outgoing = {{.ifindex = kEth2, .ttl_threshold = 1}},
                                .packets = 100,
                                .bytes = 22800,
                                .wrong_interface_packets = 0};
  host.routes_before = std::vector{route};
  route.packets += 75;
  host.routes = std::vector{route};
}

ProtocolCounters& Example::counters() {
  return family_of_test() == Family::kIpv4 ? *host.counters : *host.counters_ipv6;
}

void Example::hear_no_querier() {
  host.bridges->front().heard_querier.reset();
  host.bridges->front().heard_mld_querier.reset();
}

netlink::InterfaceActivity& Example::heard(std::uint64_t queries) {
  netlink::InterfaceActivity activity;
  activity.ifindex = kEth1;
  activity.family = family_of_test();
  activity.queries = queries;
  activity.hears_reports = true;
  host.igmp_activity = std::vector{activity};
  return host.igmp_activity->front();
}

void Example::be_bridge() {
  host.links.push_back(link(kBr0, "br0"));
  host.links.back().kind = "bridge";
  host.links[1].master = kBr0;
  host.addresses[1].ifindex = kBr0;
  host.settings[kBr0] = host.settings[kEth1];
  host.protocols[0].ifindex = kBr0;
  host.protocols[0].name = "br0";
  host.memberships[0].ifindex = kBr0;
  host.flows = std::vector{flow(kEth1, "10.1.1.1"), flow(kBr0, "10.1.1.1")};
  host.bridges = std::vector<netlink::Bridge>{{.ifindex = kBr0,
                                               .snooping = true,
                                               .querier = false,
                                               .heard_querier = ip("10.1.1.254"),
                                               .knows_querier = true}};
  host.bridge_entries = std::vector<netlink::BridgeEntry>{{.bridge = kBr0,
                                                           .port = kBr0,
                                                           .group = ip("239.1.1.1"),
                                                           .source = std::nullopt,
                                                           .blocked = false}};
  evidence.subject.interface = "br0";
  if (family_of_test() == Family::kIpv6) {
    host.addresses[3].ifindex = kBr0;
    std::swap(host.bridges->front().heard_querier, host.bridges->front().heard_mld_querier);
  }
  evidence.sources[0].ifindex = kBr0;
  route_back(kBr0);
}

std::vector<std::string> Example::all(Verdict verdict) const {
  std::vector<std::string> names;
  for (const Finding& finding : examine()) {
    if (finding.verdict == verdict) names.emplace_back(to_string(finding.check));
  }
  return names;
}

}  // namespace mcast::findings::test
