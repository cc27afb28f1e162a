// What a bad configuration file is told: which place, which words. Keys, names and
// the shape of the file.
#include "tests/unit/agent/configuration/configuration_refusals.h"

namespace mcast::agent {
namespace {

TEST(ConfigurationRefusals, ListEveryErrorOfAFileInOrderOfPlace) {
  expect_errors(R"(receivers:
  - name: a
    group: 10.0.0.1
    port: 0
senders:
  - name: s
    groups: 239.1.1.1
igmp: {watsch: [eth0]}
defaults:
  ttl: 256
)",
                {"f:3:12: group must be a multicast address", "f:4:11: port must be",
                 "f:6:5: a sender needs the key 'group'", "f:7:5: unknown key 'groups'",
                 "f:8:8: unknown key 'watsch' in igmp; did you mean 'watch'? (allowed: watch)",
                 "f:10:8: ttl must be a whole number from 1 to 255, not '256'"});
}

TEST(ConfigurationRefusals, StopAtAHundredAndSayHowManyMore) {
  std::string text = "senders:\n";
  for (int i = 0; i < 150; ++i) text += "  - {name: s" + std::to_string(i) + "}\n";
  const auto errors = errors_of(text);
  ASSERT_EQ(errors.size(), 101U);
  EXPECT_EQ(errors[99], "f:101:5: a sender needs the key 'group'");
  EXPECT_EQ(errors[100], "f:102:5: and 50 more errors");
}

TEST(ConfigurationRefusals, CoverAFileWithoutStreams) {
  for (const char* text : {"", "# nothing\n", "---\n...\n", "~", "senders: []\n", "{}",
                           "defaults: {ttl: 3}\n", "igmp: {}\n"}) {
    expect_errors(text, {"f:1:1: no senders, no receivers and no interfaces to watch"});
  }
}

TEST(ConfigurationRefusals, NameTheNearestKeyAndAllThatAreAllowed) {
  expect_errors(sender("interfcae: eth0"),
                {"f:4:5: unknown key 'interfcae' in a sender; did you mean 'interface'? (allowed: "
                 "name, group, count, interface, source, port, rate, size, ttl, dscp, loopback, "
                 "labels)"});
  expect_errors(
      receiver("Stall-Timeout: 1s"),
      {"f:4:5: unknown key 'Stall-Timeout' in a receiver; did you mean 'stall_timeout'?"});
  expect_errors(
      receiver("colour: red"),
      {"f:4:5: unknown key 'colour' in a receiver (allowed: name, group, count, "
       "interface, source, port, stall_timeout, loss_timeout, igmp_version, mld_version, labels)"});
}

TEST(ConfigurationRefusals, TellKeysOfSendersFromKeysOfReceivers) {
  expect_errors(sender("igmp_version: 3"),
                {"f:4:5: unknown key 'igmp_version' in a sender; it is for receivers"});
  expect_errors(receiver("ttl: 3"), {"f:4:5: unknown key 'ttl' in a receiver; it is for senders"});
  expect_errors(receiver("a: 1") + "defaults: {name: x, group: 239.1.1.1}",
                {"f:4:5: unknown key 'a'", "f:5:12: unknown key 'name' in defaults; each stream",
                 "f:5:21: unknown key 'group' in defaults; each stream"});
}

TEST(ConfigurationRefusals, FindDuplicateKeysAtEveryLevel) {
  expect_errors(receiver("port: 1") + "receivers: []\n",
                {"f:5:1: duplicate key 'receivers' in the file: it is already on line 1"});
  expect_errors(receiver("name: b"),
                {"f:4:5: duplicate key 'name' in a receiver: it is already on line 2"});
  expect_errors(receiver("labels: {x: 1, x: 1}"), {"f:4:20: duplicate label 'x'"});
  expect_errors(receiver("port: 1") + "defaults: {port: 1, port: 2}",
                {"f:5:21: duplicate key 'port' in defaults"});
  expect_errors(receiver("port: 1") + "igmp: {watch: [a], watch: [b]}",
                {"f:5:20: duplicate key 'watch' in igmp"});
}

TEST(ConfigurationRefusals, FindDuplicateNamesAmongStreamsOfAKind) {
  expect_errors(
      "receivers:\n- {name: a, group: 239.1.1.1}\n- {name: b, group: 239.1.1.1}\n"
      "- {name: a, group: 239.1.1.2}\n",
      {"f:4:10: duplicate name 'a': it is already on line 2"});
  // Also where the first one is faulty.
  expect_errors(
      "receivers:\n- {name: a, group: x}\n- {name: a, group: 239.1.1.2}\n",
      {"f:2:20: group must be an IPv4 or IPv6 address, not 'x'", "f:3:10: duplicate name 'a'"});
}

TEST(ConfigurationRefusals, FindDuplicateNamesAfterACountIsExpanded) {
  expect_errors(
      "senders:\n- {name: a-2, group: 239.1.1.1}\n- {name: a, group: 239.1.1.1, count: 3}\n",
      {"f:3:10: duplicate name 'a-2': it is already on line 2"});
  expect_errors(
      "senders:\n- {name: a, group: 239.1.1.1, count: 3}\n- {name: a, group: 239.1.2.1, count: "
      "3}\n",
      {"f:3:10: duplicate name 'a-1': it is already on line 2"});
  expect_errors(
      "senders:\n- {name: a-4, group: 239.1.1.1}\n- {name: a, group: 239.1.1.1, count: 3}\n", {});
}

TEST(ConfigurationRefusals, WantValuesOfTheRightType) {
  expect_errors("senders: {name: a}", {"f:1:10: senders must be a list, not a mapping"});
  expect_errors("senders: text", {"f:1:10: senders must be a list, not 'text'"});
  expect_errors("- a", {"f:1:1: the file must be a mapping (key: value), not a list"});
  expect_errors("senders: [a, [b], ~]",
                {"f:1:11: a sender must be a mapping (key: value), not 'a'",
                 "f:1:14: a sender must be a mapping (key: value), not a list",
                 "f:1:19: entry 3 of senders is empty"});
  expect_errors(sender("ttl: [1]"), {"f:4:10: ttl must be a single value, not a list"});
  expect_errors(sender("rate: {a: 1}"), {"f:4:11: rate must be a single value, not a mapping"});
  expect_errors(sender("labels: x"), {"f:4:13: labels must be a mapping (name: value), not 'x'"});
  expect_errors(sender("? [a, b]\n    : c"), {"f:4:7: a key in a sender must be a single word"});
}

TEST(ConfigurationRefusals, SayWhereAValueIsMissing) {
  expect_errors(sender("interface:\n    port: 1"), {"f:4:5: 'interface' in a sender has no value"});
  expect_errors(sender("port: null"), {"f:4:5: 'port' in a sender has no value"});
  expect_errors("receivers: [{name: , group: 239.1.1.1}]",
                {"f:1:14: 'name' in a receiver has no value"});
  expect_errors(sender("labels: {x: }"), {"f:4:14: label 'x' has no value"});
  expect_errors("senders:\n", {"f:1:1: 'senders' in the file has no value"});
  expect_errors("receivers: [{}]", {"f:1:13: a receiver needs the key 'group'",
                                    "f:1:13: a receiver needs the key 'name'"});
}

TEST(ConfigurationRefusals, ReportAFaultOfTheDefaultsOnceAndThere) {
  const std::string streams =
      "senders: [{name: a, group: 239.1.1.1}, {name: b, group: 239.1.1.2}]\n";
  expect_errors(streams + "defaults: {rate: fast, labels: {1x: y}, stall_timeout: 3d}",
                {"f:2:18: rate 'fast'", "f:2:33: label name '1x'", "f:2:56: stall_timeout must"});
  expect_errors(streams + "defaults: {rate: 800bps}", {"f:2:18: rate '800bps' is less than one"});
  // One that only one stream's own size makes wrong belongs to that stream.
  expect_errors(
      "senders: [{name: a, group: 239.1.1.1, size: 100}, {name: b, group: 239.1.1.2, size: "
      "101}]\ndefaults: {rate: 800bps}",
      {"f:1:85: rate '800bps' is less than one packet of 101 bytes"});
}

}  // namespace
}  // namespace mcast::agent
