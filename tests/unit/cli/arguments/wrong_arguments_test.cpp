// Every wrong argument ends with exit code 2 and one line that says what is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/streams/stream_options.h"

namespace mcast::cli {
namespace {

struct Case {
  std::string_view arguments;  // separated by '|'
  std::string_view says;       // part of the message
};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const auto end = std::min(text.find('|'), text.size());
    result.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return result;
}

template <typename Options>
void expect_refused(const std::variant<Options, EndNow>& parsed, const Case& wrong) {
  SCOPED_TRACE(std::string(wrong.arguments));
  const auto* end = std::get_if<EndNow>(&parsed);
  ASSERT_NE(end, nullptr) << "accepted";
  EXPECT_EQ(end->code, 2);
  EXPECT_NE(end->text.find(wrong.says), std::string::npos) << end->text;
  EXPECT_EQ(std::ranges::count(end->text, '\n'), 1) << end->text;
  EXPECT_TRUE(end->text.ends_with("\n"));
}

constexpr Case kSend[] = {
    {"", "GROUP is missing"},
    {"10.1.1.1", "'10.1.1.1' is not a multicast group"},
    {"223.255.255.255", "is not a multicast group"},
    {"240.0.0.0", "is not a multicast group"},
    {"239.1.1", "is not a multicast group"},
    {"239.1.1.256", "is not a multicast group"},
    {"239.1.1.1.1", "is not a multicast group"},
    {"video", "is not a multicast group"},
    {" 239.1.1.1", "is not a multicast group"},
    {"ff02::1", "ff02::1 is another group on each interface (link-local scope"},
    {"2001:db8::1", "is not a multicast group: one of ff00::/8"},
    {"ff15::1|--hop-limit|0", "--hop-limit: '0'"},
    {"239.1.1.1\n", "'239.1.1.1?' is not a multicast group"},
    {"239.1.1.1|x", "DURATION: 'x' is not a time from 1ms to 87600h"},
    {"239.1.1.1|-t|0.0001", "--duration: '0.0001' is not a time from 1ms"},
    {"239.1.1.1|-t|1.5d", "--duration: '1.5d'"},
    {"239.1.1.1|--duration=-1", "--duration: '-1'"},
    {"239.1.1.1|--duration", "--duration needs a value: TIME"},
    {"239.1.1.1|--duration|99999999999999999999", "--duration: '99999999999999999999'"},
    {"239.1.1.1|60|0", "TTL: '0' is not a whole number from 1 to 255"},
    {"239.1.1.1|60|256", "TTL: '256'"},
    {"239.1.1.1|--ttl|0", "--ttl: '0' is not a whole number from 1 to 255"},
    {"239.1.1.1|--ttl|256", "--ttl: '256'"},
    {"239.1.1.1|--ttl|ten", "--ttl: 'ten'"},
    {"239.1.1.1|--ttl=", "--ttl"},
    {"239.1.1.1|--ttl=+5", "--ttl: '+5'"},
    {"239.1.1.1|--ttl=0x10", "--ttl: '0x10'"},
    {"239.1.1.1|60|16|7", "unexpected argument '7'"},
    {"239.1.1.1|--rate|0pps", "must be above 0"},
    {"239.1.1.1|--rate|0", "must be above 0"},
    {"239.1.1.1|--rate|-5pps", "--rate"},
    {"239.1.1.1|--rate=-5pps", "is not a rate"},
    {"239.1.1.1|--rate|abc", "is not a rate"},
    {"239.1.1.1|--rate|1e3pps", "is not a rate"},
    {"239.1.1.1|--rate|1Tbps", "is not a rate"},
    {"239.1.1.1|--rate|1bps", "less than one packet"},
    {"239.1.1.1|--rate=", "--rate needs a value: RATE"},
    {"239.1.1.1|--rate|21Mpps", "is too fast"},
    {"239.1.1.1|--rate|nan", "is not a rate"},
    {"239.1.1.1|--size|31", "--size: '31' is not a whole number from 32 to 65500"},
    {"239.1.1.1|--size|65501", "--size: '65501'"},
    {"239.1.1.1|-s|200B", "--size: '200B'"},
    {"239.1.1.1|--dscp|64", "--dscp"},
    {"239.1.1.1|--dscp|-1", "--dscp"},
    {"239.1.1.1|--dscp|va", "--dscp"},
    {"239.1.1.1|--dscp|af44", "--dscp"},
    {"239.1.1.1|--dscp|0x40", "--dscp"},
    {"239.1.1.1|--dscp=", "--dscp"},
    {"239.1.1.1|--interface|", "--interface"},
    {"239.1.1.1|-i|sixteen-bytes-123", "--interface: 'sixteen-bytes-123' is not an interface name"},
    {"239.1.1.1|-i|a/b", "is not an interface name"},
    {"239.1.1.1|-i|..", "is not an interface name"},
    {"239.1.1.1|-i|a b", "is not an interface name"},
    {"239.1.1.1|--source|239.1.1.2", "--source: '239.1.1.2' is not the unicast address"},
    {"239.1.1.1|--source|host", "--source: 'host'"},
    {"239.1.1.1|--source|fe80::1", "source fe80::1 is an IPv6 address, and group 239.1.1.1"},
    {"ff15::1|--source|fe80::1%lo", "'fe80::1%lo': leave out the zone, --interface says where"},
    {"239.1.1.1|--port|0", "--port: '0' is not a whole number from 1 to 65535"},
    {"239.1.1.1|--port|65536", "--port: '65536'"},
    {"239.1.1.1|--port|http", "--port: 'http'"},
    {"239.1.1.1|--count|0", "--count: '0'"},
    {"239.1.1.1|--count|many", "--count: 'many'"},
    {"239.1.1.1|--groups|0", "--groups: '0'"},
    {"239.255.255.250|--groups|7", "would go beyond 239.255.255.255"},
    {"239.1.1.1|--groups|100001", "--groups: '100001'"},
    {"239.1.1.1|--name|a/b", "--name: 'a/b' is not a valid stream name"},
    {"239.1.1.1|--name|", "--name"},
    {"239.1.1.1|--frobnicate", "unknown option '--frobnicate'"},
    {"239.1.1.1|--inter|eth1", "did you mean --interface?"},
    {"239.1.1.1|-x", "unknown option '-x'"},
    {"239.1.1.1|--quiet=maybe", "--quiet"},
};

constexpr Case kReceive[] = {
    {"", "GROUP is missing"},
    {"10.1.1.1", "GROUP: '10.1.1.1' is not a multicast group"},
    {"ff02::1", "ff02::1 is another group on each interface (link-local scope"},
    {"ff3e::1|2001:db8::5|1", "only MLDv2 reports carry (S,G)"},
    {"232.5.5.5|10.0.1.2|2", "only IGMPv3 reports carry (S,G)"},
    {"232.5.5.5|10.0.1.2|1", "only IGMPv3 reports carry (S,G)"},
    {"232.5.5.5|10.0.1.2|--igmp-version|2", "only IGMPv3 reports carry (S,G)"},
    {"232.5.5.5|--source|10.0.1.2|-v|2", "only IGMPv3 reports carry (S,G)"},
    {"239.1.1.1|239.1.1.2", "SOURCE: '239.1.1.2' is not the unicast address"},
    {"239.1.1.1|0.0.0.0", "SOURCE: '0.0.0.0'"},
    {"239.1.1.1|255.255.255.255", "SOURCE: '255.255.255.255'"},
    {"239.1.1.1|--source|nobody", "--source: 'nobody'"},
    {"239.1.1.1|10.0.1.2|4", "VERSION: '4' is not a whole number from 1 to 3"},
    {"239.1.1.1|-v|0", "--igmp-version: '0'"},
    {"239.1.1.1|-v|three", "--igmp-version: 'three'"},
    {"239.1.1.1|-v|2|--no-force", "--no-force"},
    {"239.1.1.1|--stall-timeout|0", "--stall-timeout: '0' is not a time from 100ms to 1h"},
    {"239.1.1.1|--stall-timeout|0.05", "from 100ms to 1h"},
    {"239.1.1.1|--stall-timeout|3601", "--stall-timeout: '3601'"},
    {"239.1.1.1|--stall-timeout|3S", "--stall-timeout: '3S'"},
    {"239.1.1.1|--stall-timeout|inf", "--stall-timeout: 'inf'"},
    {"239.1.1.1|-t|-5", "--duration"},
    {"239.1.1.1|-t|5 s", "--duration: '5 s'"},
    {"239.1.1.1,239.1.1.2|--groups|2", "--groups cannot be combined with a list of groups"},
    {"239.1.1.1|--fail-on-loss|150",
     "SOURCE: '150' is not the unicast address of a host, for "
     "example 10.1.1.1 or 2001:db8::1; did you mean --fail-on-loss=150?"},
    {"239.1.1.1|10.0.1.2|--fail-on-loss|3",
     "is '3' the value of --fail-on-loss or the "
     "VERSION? write --fail-on-loss=3"},
    {"239.1.1.1|10.0.1.2|3|--fail-on-loss|lots", "'lots'; did you mean --fail-on-loss=lots?"},
    {"--fail-on-loss|239.1.1", "for example 239.1.1.1 (try"},
    {"239.1.1.1|-p|70000", "--port: '70000'"},
    {"239.1.1.1|-i|eth0:1", "is not an interface name"},
    {"239.1.1.1|--count|-1", "--count"},
    {"239.255.255.255|--groups|2", "would go beyond"},
    {"239.1.1.1|--fail-on-loss=lots", "--fail-on-loss: 'lots' is not a percentage"},
    {"239.1.1.1|--fail-on-loss=101", "--fail-on-loss: '101'"},
    {"239.1.1.1|--fail-on-loss=-1", "--fail-on-loss: '-1'"},
    {"239.1.1.1|--fail-on-stall=1", "--fail-on-stall"},
    {"239.1.1.1|10.0.1.2|3|4", "unexpected argument '4'"},
    {"239.1.1.1|--rate|5", "unknown option '--rate'"},
};

TEST(WrongArguments, OfSendAreRefusedWithOneLine) {
  for (const Case& wrong : kSend) {
    const auto arguments = split(wrong.arguments);
    expect_refused(parse_send_options(arguments), wrong);
  }
}

TEST(WrongArguments, OfReceiveAreRefusedWithOneLine) {
  for (const Case& wrong : kReceive) {
    const auto arguments = split(wrong.arguments);
    expect_refused(parse_receive_options(arguments), wrong);
  }
}

TEST(WrongArguments, AreAtLeastSixty) {
  EXPECT_GE(std::size(kSend) + std::size(kReceive), 60U);
}

}  // namespace
}  // namespace mcast::cli
