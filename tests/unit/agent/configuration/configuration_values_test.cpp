// What is refused as a value of a key, each beside the nearest value that is not.
#include "tests/unit/agent/configuration/configuration_refusals.h"

namespace mcast::agent {
namespace {

TEST(ConfigurationValues, TakePlainDigitsForNumbersAndNothingElse) {
  for (const char* value :
       {"0", "256", "-1", "+1", "1e1", "1.0", "0x10", "abc", "1_000", "99999999999999999999999"}) {
    expect_errors(sender(std::string("ttl: ") + value),
                  {"f:4:10: ttl must be a whole number from 1 to 255, not '"});
  }
  expect_errors(sender("ttl: \"16\""), {"f:4:10: ttl must be a whole number from 1 to 255, not "
                                        "text: remove the quotes around 16"});
  expect_errors(sender("ttl: 016"), {"f:4:10: ttl must be a whole number from 1 to 255 without "
                                     "leading zeros, not '016'"});
}

TEST(ConfigurationValues, KeepNumbersWithinTheirRanges) {
  expect_errors(sender("size: 31"), {"f:4:11: size must be a whole number from 32 to 65500"});
  expect_errors(sender("size: 65501"), {"f:4:11: size must be"});
  expect_errors(sender("size: 32"), {});
  expect_errors(sender("size: 65500"), {});
  expect_errors(sender("port: 65536"), {"f:4:11: port must be a whole number from 1 to 65535"});
  expect_errors(sender("port: 65535"), {});
  expect_errors(sender("count: 0"), {"f:4:12: count must be a whole number from 1 to 100000"});
  expect_errors(sender("count: 100001"), {"f:4:12: count must be"});
  expect_errors(receiver("igmp_version: 0"), {"f:4:19: igmp_version must be"});
  expect_errors(receiver("igmp_version: 4"), {"f:4:19: igmp_version must be"});
  expect_errors(receiver("igmp_version: 1"), {});
  expect_errors(sender("dscp: 64"), {"f:4:11: DSCP '64' is not known"});
}

TEST(ConfigurationValues, TakeTrueAndFalseOnly) {
  for (const char* value : {"yes", "on", "True", "FALSE", "1", "\"true\""}) {
    expect_errors(sender(std::string("loopback: ") + value),
                  {"f:4:15: loopback must be true or false"});
  }
  expect_errors(sender("loopback: true"), {});
}

TEST(ConfigurationValues, TakeATimeInSecondsOrWithAUnit) {
  for (const char* value : {"3", "\"3\"", "1.5", "3s", "500ms", "2m", "1h"}) {
    expect_errors(receiver(std::string("stall_timeout: ") + value), {});
  }
  for (const char* value :
       {"s", "3 s", "3S", "3us", "-3s", "1e3ms", "3.s.", "1m30s", "inf", "nan"}) {
    expect_errors(receiver(std::string("stall_timeout: ") + value),
                  {"f:4:20: stall_timeout must be a time"});
  }
}

TEST(ConfigurationValues, KeepDurationsWithinTheirRanges) {
  expect_errors(receiver("stall_timeout: 99ms"),
                {"f:4:20: stall_timeout must be from 100ms to 1h, not '99ms'"});
  expect_errors(receiver("stall_timeout: 61m"), {"f:4:20: stall_timeout must be from"});
  expect_errors(receiver("loss_timeout: 9.9ms"), {"f:4:19: loss_timeout must be from 10ms to 60s"});
  expect_errors(receiver("loss_timeout: 99999999999999h"), {"f:4:19: loss_timeout must be from"});
  for (const char* line : {"stall_timeout: 100ms", "stall_timeout: 1h", "loss_timeout: 10ms",
                           "loss_timeout: 1m", "loss_timeout: 0.01s"}) {
    expect_errors(receiver(line), {});
  }
}

TEST(ConfigurationValues, WantMulticastGroups) {
  const auto group = [](std::string_view text) {
    return "senders: [{name: a, group: " + std::string(text) + "}]";
  };
  expect_errors(group("223.255.255.255"), {"f:1:28: group must be a multicast address"});
  expect_errors(group("240.0.0.0"), {"f:1:28: group must be a multicast address"});
  expect_errors(group("\"2001:db8::1\""),
                {"f:1:28: group must be a multicast address, of ff00::/8, not '2001:db8::1'"});
  expect_errors(group("\"ff1e::8000:1-ff1e::8000:8\""),
                {"f:1:28: group 'ff1e::8000:1-ff1e::8000:8' is a range; give its first group, "
                 "ff1e::8000:1, and use count: 8"});
  expect_errors(group("239.1.1"), {"f:1:28: group must be an IPv4 or IPv6 address, not '239.1.1'"});
  expect_errors(group("239.1.1.1/99"), {"f:1:28: group must be an IPv4 or IPv6 address"});
  expect_errors(group("239.10.0.1-8"), {"f:1:28: group '239.10.0.1-8' is a range; give its first "
                                        "group, 239.10.0.1, and use count: 8"});
  expect_errors(group("239.10.0.1-239.10.1.0"), {"f:1:28: group '239.10.0.1-239.10.1.0' is a "
                                                 "range; give its first group, 239.10.0.1, and "
                                                 "use count: 256"});
  expect_errors(group("232.1.1.1/24"), {"f:1:28: group '232.1.1.1/24' is a range; give its first "
                                        "group, 232.1.1.0, and use count: 256"});
  for (const char* text : {"239.1.1.8-1", "239.1.1.1-300", "239.1.1.1-", "224.0.0.0/4",
                           "10.1.1.1-8", "239.0.0.0-239.255.255.255"}) {
    expect_errors(group(text), {"f:1:28: group must be an IPv4 or IPv6 address"});
  }
}

TEST(ConfigurationValues, KeepACountWithinTheMulticastRange) {
  expect_errors("senders: [{name: a, group: 239.255.255.250, count: 7}]",
                {"f:1:52: count 7 leaves the multicast range: from 239.255.255.250 to "
                 "239.255.255.255 there are 6 groups"});
  expect_errors("senders: [{name: a, group: 239.255.255.250, count: 6}]", {});
}

TEST(ConfigurationValues, WantAUnicastSource) {
  expect_errors(receiver("source: 239.1.1.1"), {"f:4:13: source must be the unicast address"});
  expect_errors(sender("source: 0.0.0.0"), {"f:4:13: source must be the unicast address"});
  expect_errors(sender("source: 255.255.255.255"), {"f:4:13: source must be the unicast address"});
  expect_errors(sender("source: fe80::1%eth1"), {"f:4:13: source must be without a zone"});
  expect_errors(receiver("source: 10.0.0.1"), {});
}

TEST(ConfigurationValues, WantAGroupAndASourceOfOneFamily) {
  expect_errors(sender("source: fe80::1"),
                {"f:4:13: source fe80::1 is an IPv6 address, and group 239.1.1.1 is IPv4"});
  expect_errors("receivers: [{name: a, group: 'ff3e::1', source: 10.1.1.1}]",
                {"f:1:49: source 10.1.1.1 is an IPv4 address, and group ff3e::1 is IPv6"});
  expect_errors("receivers: [{name: a, group: 'ff3e::1', source: '2001:db8::5'}]", {});
}

TEST(ConfigurationValues, WantTheVersionOfTheProtocolThatTheGroupHas) {
  expect_errors("receivers: [{name: a, group: 'ff15::1', igmp_version: 3}]",
                {"f:1:55: IGMP version 3 for group ff15::1: hosts ask for groups of IPv6 in MLD"});
  expect_errors(
      "receivers: [{name: a, group: 239.1.1.1, mld_version: 2}]",
      {"f:1:54: MLD version 2 for group 239.1.1.1: hosts ask for groups of IPv4 in IGMP"});
  expect_errors("receivers: [{name: a, group: 'ff15::1', mld_version: 3}]",
                {"f:1:54: mld_version must be a whole number from 1 to 2"});
  expect_errors("receivers: [{name: a, group: 'ff3e::1', source: '2001:db8::5', mld_version: 1}]",
                {"f:1:77: mld_version 1 with source 2001:db8::5: only the reports of MLDv2"});
  // The defaults are for streams of both families.
  expect_errors(
      "defaults: {igmp_version: 2, mld_version: 1}\n"
      "receivers: [{name: a, group: 'ff15::1'}, {name: b, group: 239.1.1.1}]",
      {});
}

TEST(ConfigurationValues, WantAnInterfaceForAGroupThatIsAnotherOneOnEach) {
  expect_errors("senders: [{name: a, group: 'ff02::42'}]",
                {"f:1:28: group ff02::42 is another group on each interface (link-local scope"});
  expect_errors("senders: [{name: a, group: 'ff02::42%eth1'}]", {});
  expect_errors("senders: [{name: a, group: 'ff02::42', interface: eth1}]", {});
  expect_errors(
      "senders: [{name: a, group: 'ff02::42%eth1', interface: eth2}]",
      {"f:1:56: interface 'eth2' and the zone of group 'ff02::42%eth1' are not the same"});
  expect_errors("senders: [{name: a, group: 'ff02::42%a/b'}]",
                {"f:1:28: group must have the name of an interface behind the '%'"});
}

TEST(ConfigurationValues, TakeTheHopLimitForTheTtl) {
  const auto configuration =
      parse_configuration("senders: [{name: a, group: 'ff15::1', hop_limit: 7}]");
  ASSERT_TRUE(configuration.has_value());
  EXPECT_EQ(configuration->senders.front().ttl, 7);
  expect_errors(sender("hop_limit: 256"), {"f:4:16: hop_limit must be a whole number"});
  expect_errors(sender("hop_limit: 7\n    ttl: 8"),
                {"f:5:10: ttl and its other name are the same"});
}

TEST(ConfigurationValues, WantARateThatSuitsTheSize) {
  expect_errors(sender("rate: fast"), {"f:4:11: rate 'fast' is not a rate"});
  expect_errors(sender("rate: 0pps"), {"f:4:11: rate '0pps' must be above 0"});
  expect_errors(sender("rate: 1600bps\n    size: 201"),
                {"f:4:11: rate '1600bps' is less than one packet of 201 bytes a second"});
  expect_errors(sender("rate: 1600bps\n    size: 200"), {});
  // A fault of the size alone is not also one of the rate.
  expect_errors(sender("rate: 1600bps\n    size: 1"), {"f:5:11: size must be"});
}

TEST(ConfigurationValues, SayThatOnlyIgmpv3CarriesASource) {
  expect_errors(receiver("source: 10.0.0.1\n    igmp_version: 2"),
                {"f:5:19: igmp_version 2 with source 10.0.0.1: only the reports of IGMPv3"});
  expect_errors(receiver("source: 10.0.0.1") + "defaults: {igmp_version: 1}",
                {"f:4:13: igmp_version 1 with source 10.0.0.1"});
  expect_errors(receiver("source: 10.0.0.1\n    igmp_version: 3"), {});
}

TEST(ConfigurationValues, ForceOneIgmpVersionOnAnInterface) {
  const auto two = [](std::string_view second) {
    return "receivers:\n- {name: a, group: 239.1.1.1, interface: eth0, igmp_version: 2}\n"
           "- {name: b, group: 239.1.1.1, " +
           std::string(second) + "}\n";
  };
  expect_errors(
      two("interface: eth0, igmp_version: 3"),
      {"f:3:62: igmp_version 3 on interface eth0: the receiver on line 2 forces version 2"});
  expect_errors(two("interface: eth0, igmp_version: 2"), {});
  expect_errors(two("interface: eth1, igmp_version: 3"), {});
  expect_errors(two("interface: eth0"), {});
}

TEST(ConfigurationValues, WantNamesThatTheKernelTakesForInterfaces) {
  for (const char* value :
       {"\"\"", "a/b", "a b", "\"a:1\"", "\"a\\tb\"", "..", "sixteen-letters-"}) {
    expect_errors(sender(std::string("interface: ") + value), {"f:4:16: interface "});
  }
  expect_errors(sender("interface: fifteen-letters"), {});
  expect_errors(receiver("port: 1") + "igmp: {watch: [eth0, eth0, a/b, [c]]}",
                {"f:5:22: duplicate interface 'eth0': it is already on line 5",
                 "f:5:28: an interface of watch must be an interface name",
                 "f:5:33: an interface of watch must be a single value, not a list"});
  expect_errors(receiver("port: 1") + "igmp: {watch: []}",
                {"f:5:15: watch is empty; leave the key out to watch every multicast interface"});
}

TEST(ConfigurationValues, WantStreamNamesThatCanBePrintedAndPutIntoAPath) {
  const auto name = [](std::string_view text) {
    return "senders: [{group: 239.1.1.1, name: " + std::string(text) + "}]";
  };
  for (const char* value :
       {"a/b", "\"a\\nb\"", "\"\\x7f\"", "\"\\u0085\"", "\" a\"", "..", "\"\""}) {
    expect_errors(name(value), {"f:1:36: name "});
  }
  expect_errors(name(std::string(201, 'x')), {"f:1:36: name is too long: 201 bytes, at most 200"});
  expect_errors(name(std::string(200, 'x')), {});
  expect_errors(name(std::string(198, 'x') + ", count: 10"),
                {"f:1:36: name is too long to have -10"});
  expect_errors(name("\"Größe 1 (links)\""), {});
}

TEST(ConfigurationValues, WantLabelsThatPrometheusTakesAndTheAgentDoesNotSet) {
  for (const char* label : {"1a", "a-b", "\"\"", "ä", "__x", "stream", "group", "source",
                            "interface", "port", "join", "le", "quantile", "sender", "state"}) {
    expect_errors(sender("labels: {" + std::string(label) + ": x}"), {"f:4:14: label name '"});
  }
  expect_errors(sender("labels: {a: [x]}"), {"f:4:17: label 'a' must be a single value"});
  expect_errors(sender("labels: {a: " + std::string(1001, 'x') + "}"),
                {"f:4:17: label 'a' is too long: 1001 bytes, at most 1000"});
  std::string many = "labels: {";
  for (int i = 0; i < 33; ++i) many += "l" + std::to_string(i) + ": x, ";
  expect_errors(sender(many + "}"), {"f:4:13: 33 labels, at most 32 are allowed"});
}

TEST(ConfigurationValues, BoundTheMemoryThatLabelsTakeTogether) {
  std::string text = "receivers: [{name: a, group: 239.1.1.1, count: 100000, labels: {";
  for (int i = 0; i < 30; ++i)
    text += "l" + std::to_string(i) + ": " + std::string(900, 'x') + ", ";
  expect_errors(text + "}}]", {"f:1:48: the labels of all streams together exceed 64 MiB"});
}

}  // namespace
}  // namespace mcast::agent
