#include "base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast {
namespace {

TEST(Text, KnowsUtf8FromOtherBytes) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("B\xC3\xBChne \xE2\x82\xAC \xF0\x9F\x8E\xA5"));
  EXPECT_FALSE(is_utf8("\xFC"));
  EXPECT_FALSE(is_utf8("\xC0\x80"));          // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_utf8("\xE2\x82"));          // cut
}

TEST(Text, FindsWhatATerminalWouldObey) {
  EXPECT_FALSE(has_control_characters("plain text, B\xC3\xBChne"));
  EXPECT_TRUE(has_control_characters("\x1b[31m"));
  EXPECT_TRUE(has_control_characters("a\nb"));
  EXPECT_TRUE(has_control_characters("\x7F"));
  EXPECT_TRUE(
      has_control_characters("\xC2\x9B"
                             "31m"));  // CSI as U+009B
}

TEST(Text, IsPrintableWhereverItCameFrom) {
  EXPECT_EQ(printable("B\xC3\xBChne"), "B\xC3\xBChne");
  EXPECT_EQ(printable("a\x1b[31m\xFF\n"), "a?[31m??");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "?31m");
  EXPECT_EQ(printable(std::string(200, 'x'), 5), "xxxxx...");
  EXPECT_EQ(printable("xxxxx", 5), "xxxxx");
}

TEST(Text, BytesThatAreNoUtf8AreReplacedOneByOne) {
  EXPECT_EQ(to_utf8("a\xFF\xC3"
                    "b\xC3\xA4"),
            "a\uFFFD\uFFFDb\xC3\xA4");
  EXPECT_EQ(to_utf8("\xED\xA0\x80", "?"), "???");
}

TEST(Text, CodePointsOfEveryLength) {
  EXPECT_EQ(utf8_code_point("A"), U'A');
  EXPECT_EQ(utf8_code_point("\u00E4"), U'\u00E4');
  EXPECT_EQ(utf8_code_point("\u2588"), U'\u2588');
  EXPECT_EQ(utf8_code_point("\U0001F600"), U'\U0001F600');
}

TEST(Text, LowerCaseIsOfAsciiAlone) {
  EXPECT_EQ(ascii_lower("AbZ-09\u00C4"), "abz-09\u00C4");
}

TEST(Text, ListsSoManyAndCountsTheOthers) {
  const std::vector<std::string> names{"a", "b", "c"};
  const auto quoted = [](const std::string& name) { return "<" + name + ">"; };
  EXPECT_EQ(listed(names, quoted), "<a>, <b>, <c>");
  EXPECT_EQ(listed(names, quoted, 3), "<a>, <b>, <c>");
  EXPECT_EQ(listed(names, quoted, 2), "<a>, <b>, 1 more");
  EXPECT_EQ(listed(std::vector<std::string>(), quoted, 2), "");
}

TEST(Text, AShellTakesAWordAsItIs) {
  EXPECT_EQ(shell_word("eth0.5"), "eth0.5");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace mcast
