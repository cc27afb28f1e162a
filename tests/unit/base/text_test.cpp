#include "base/text.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace mcast
