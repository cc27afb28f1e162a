// What is refused before any key is looked at: text that is no YAML, or YAML that
// is out to do harm.
#include "tests/unit/agent/configuration/configuration_refusals.h"

namespace mcast::agent {
namespace {

TEST(ConfigurationYaml, GivesSyntaxErrorsAPlace) {
  expect_errors("senders:\n  - name: a\n   group: b\n", {"f:3:4: YAML syntax: "});
  expect_errors("senders:\n\t- name: a\n",
                {"f:2:2: YAML syntax: illegal block entry (a line must be indented with spaces"});
  expect_errors("senders:\n  - {name: a\n  - {name: b}\n",
                {"f:2:5: YAML syntax: this list or mapping is not closed"});
  expect_errors("senders: *x", {"f:1:10: YAML syntax: the referenced anchor is not defined"});
}

// What is most likely meant, and what yaml-cpp makes of it.
TEST(ConfigurationYaml, SaysWhereAColonABlankOrTheIndentationIsMissing) {
  expect_errors(
      "receivers:\n  - {name:a, group:239.1.1.1}\n",
      {"f:2:5: a receiver needs the key 'group'", "f:2:5: a receiver needs the key 'name'",
       "f:2:6: unknown key 'name:a' in a receiver; a space after the colon is missing: "
       "'name: a'",
       "f:2:14: unknown key 'group:239.1.1.1' in a receiver; a space after the colon is "
       "missing: 'group: 239.1.1.1'"});
  expect_errors("receivers:\n  - name: a\n    group 239.1.1.1\n",
                {"f:2:5: a receiver needs the key 'group'",
                 "f:3:5: unknown key 'group 239.1.1.1' in a receiver; a colon after the key is "
                 "missing: 'group: 239.1.1.1'"});
  expect_errors(
      "receivers:\n  - name:a\n    group:239.1.1.1\n",
      {"f:2:5: a receiver must be a mapping (key: value), not 'name:a group:239.1.1.1'; a "
       "space after the colon is missing: 'name: a'"});
  expect_errors("receivers\n  - name: a\n",
                {"f:2:9: YAML syntax: illegal map value (a colon is missing in a line above"});
  expect_errors("receivers:\n  - name: a\n   group: 239.1.1.1\n",
                {"f:3:4: YAML syntax: end of sequence not found (this line is not indented as far "
                 "as the lines that it belongs to)"});
  expect_errors("receivers:\n  - name: a\n    group: 239.1.1.1\n - name: b\n",
                {"f:4:2: YAML syntax: end of map not found (this line is not indented as far"});
}

// yaml-cpp takes each of these without a word.
TEST(ConfigurationYaml, RefusesAQuoteThatIsNeverClosed) {
  expect_errors("receivers:\n- group: 239.1.1.1\n  name: \"a\n  port: 1\n",
                {"f:3:9: YAML syntax: the quote that opens here is never closed"});
  expect_errors("receivers:\n- group: 239.1.1.1\n  name: &x 'it''s\n",
                {"f:3:9: YAML syntax: the quote that opens here is never closed"});
  expect_errors("receivers:\n- group: 239.1.1.1\n  name: &x 'it''s'", {});
  expect_errors("receivers:\n- group: 239.1.1.1\n  name: \"a\\\"b\"", {});
}

TEST(ConfigurationYaml, RefusesMoreThanOneDocument) {
  expect_errors(sender("port: 1") + "---\nsenders: []\n",
                {"f:5:1: text behind the end of the YAML document"});
  expect_errors("{senders: []} x", {"f:1:15: text behind the end of the YAML document"});
}

TEST(ConfigurationYaml, RefusesTagsAndMergeKeys) {
  expect_errors("senders: !x []", {"f:1:10: the YAML tag '!x'"});
  expect_errors(sender("ttl: !!int 3"), {"f:4:10: the YAML tag '"});
  expect_errors(sender("<<: {ttl: 3}"), {"f:4:5: unknown key '<<' in a sender; YAML merge keys"});
}

TEST(ConfigurationYaml, RefusesBytesThatAreNoText) {
  expect_errors("senders: []\n# ü \xC0\xAF\n", {"f:2:5: not valid UTF-8"});
  expect_errors("a: \xED\xA0\x80", {"f:1:4: not valid UTF-8"});
  expect_errors("a: \xF4\x90\x80\x80", {"f:1:4: not valid UTF-8"});
  expect_errors("a: \xE2\x82", {"f:1:4: not valid UTF-8"});
  // 0x04 ends the text for yaml-cpp.
  expect_errors("receivers: [{name: a, group: 239.1.1.1}]\n\x04 more",
                {"f:2:1: a control character"});
  expect_errors(std::string_view("\0", 1), {"f:1:1: a control character"});
}

TEST(ConfigurationYaml, RefusesCirclesAndDeepNesting) {
  expect_errors("receivers: &a\n- *a\n", {"f:2:3: an alias to something that contains the alias"});
  expect_errors("receivers: [[[x]", {"f:1:13: YAML syntax: this list or mapping is not closed"});
  // yaml-cpp opens a mapping with each bracket, because a list may be a key.
  expect_errors("receivers: " + std::string(100'000, '['), {"f:1:20: nested too deeply"});
  expect_errors(std::string(100'000, '{'), {"f:1:16: nested too deeply"});
  std::string text;
  for (std::size_t i = 0; i < 20; ++i) text += std::string(i, ' ') + "a:\n";
  expect_errors(text, {"f:17:17: nested too deeply"});
}

TEST(ConfigurationYaml, IsNotBlownUpByAliases) {
  std::string text = "defaults: {labels: &l {x: [1]}}\nreceivers:\n";
  for (int i = 0; i < 1000; ++i) {
    text += "- {name: r" + std::to_string(i) + ", group: 239.1.1.1, labels: *l}\n";
  }
  expect_errors(text, {"f:1:27: label 'x' must be a single value, not a list"});
  // 2 to the 14th lists, had they been expanded.
  text = "receivers:\n- &a0 [x]\n";
  for (int i = 1; i < 14; ++i) {
    text += "- &a" + std::to_string(i) + " [";
    text += "*a" + std::to_string(i - 1) + ", *a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_EQ(errors_of(text).size(), 14U);
}

TEST(ConfigurationYaml, CountsColumnsInCharacters) {
  expect_errors("receivers: [{name: äöü, group: 239.1.1.1, port: 0}]",
                {"f:1:49: port must be a whole number"});
}

TEST(ConfigurationYaml, ShowsControlCharactersInMessagesAndCutsLongOnes) {
  const auto errors = errors_of(sender("count: \"\\e[31m" + std::string(240, 'x') + "\""));
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].find('\x1b'), std::string::npos);
  EXPECT_NE(errors[0].find("\\x1b[31m"), std::string::npos);
  const auto cut = errors_of(sender("interface: " + std::string(5000, 'x')));
  ASSERT_EQ(cut.size(), 1U);
  EXPECT_EQ(cut[0], "f:4:16: interface is too long: 5000 bytes, at most 256");
}

}  // namespace
}  // namespace mcast::agent
