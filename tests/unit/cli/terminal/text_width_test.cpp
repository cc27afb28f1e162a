#include "cli/terminal/text_width.h"

#include <gtest/gtest.h>

namespace mcast::cli::test {
namespace {

TEST(TextWidth, CountsColumnsAndNotBytes) {
  EXPECT_EQ(text_width(""), 0);
  EXPECT_EQ(text_width("abc"), 3);
  EXPECT_EQ(text_width("Zürich"), 6);
  EXPECT_EQ(text_width("東京"), 4);
  EXPECT_EQ(text_width("e\u0301"), 1) << "a combining accent has no column of its own";
  EXPECT_EQ(text_width("\xff"), 1);
}

TEST(TextWidth, LetsNothingThroughThatMovesTheCursorOrTurnsTheText) {
  EXPECT_EQ(drawable("eth1", true), "eth1");
  EXPECT_EQ(drawable("Zürich 東京", true), "Zürich 東京");
  EXPECT_EQ(drawable("a\x1b[2Jb\r\n\tc\x7f", true), "a?[2Jb???c?");
  EXPECT_EQ(drawable("a\u0085b\u009b31m", true), "a?b?31m") << "C1 controls";
  EXPECT_EQ(drawable("a\u202Eb\u2066c\u200Dd\uFEFF", true), "a?b?c?d?");
  EXPECT_EQ(drawable(std::string_view("a\0b", 3), true), "a?b");
}

TEST(TextWidth, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(drawable("a\xff\xfe", true), "a??");
  EXPECT_EQ(drawable("\xc3", true), "?") << "cut off";
  EXPECT_EQ(drawable("\xc3(", true), "?(") << "not a continuation";
  EXPECT_EQ(drawable("\xc0\x80", true), "??") << "overlong";
  EXPECT_EQ(drawable("\xe0\x80\x9b", true), "???") << "overlong control character";
  EXPECT_EQ(drawable("\xed\xa0\x80", true), "???") << "surrogate";
  EXPECT_EQ(drawable("\xf4\x90\x80\x80", true), "????") << "beyond U+10FFFF";
  EXPECT_EQ(drawable("\xf0\x9f\x98\x80", true), "\xf0\x9f\x98\x80");
}

TEST(TextWidth, KeepsToAsciiWhereTheLocaleHasNoMore) {
  EXPECT_EQ(drawable("Zürich 東", false), "Z?rich ?");
}

TEST(TextWidth, ShowsThatSomethingWasCut) {
  EXPECT_EQ(fitted("abcdef", 6, true), "abcdef");
  EXPECT_EQ(fitted("abcdef", 5, true), "abcd…");
  EXPECT_EQ(fitted("abc def", 5, true), "abc…");
  EXPECT_EQ(fitted("abcdef", 5, false), "abc..");
  EXPECT_EQ(fitted("abcdef", 1, true), "a");
  EXPECT_EQ(fitted("abcdef", 2, false), "ab");
  EXPECT_EQ(fitted("abcdef", 0, true), "");
  EXPECT_EQ(fitted("abcdef", -1, true), "");
  EXPECT_EQ(fitted("東京都", 5, true), "東京…");
  EXPECT_EQ(fitted("東京都", 4, true), "東…") << "half a character cannot be shown";
  EXPECT_EQ(fitted("東京", 1, true), "");
}

TEST(TextWidth, PadsToColumns) {
  EXPECT_EQ(padded("ab", 4, Align::kLeft, true), "ab  ");
  EXPECT_EQ(padded("ab", 4, Align::kRight, true), "  ab");
  EXPECT_EQ(padded("ü", 3, Align::kLeft, true), "ü  ");
  EXPECT_EQ(padded("東京", 3, Align::kLeft, true), "東…");
  EXPECT_EQ(padded("東京", 2, Align::kRight, true), " …");
  EXPECT_EQ(padded("ab", 0, Align::kLeft, true), "");
}

TEST(TextWidth, BreaksLinesAtSpaces) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("no buffer space", 9, true), (Lines{"no buffer", "space"}));
  EXPECT_EQ(wrapped("no buffer space", 80, true), (Lines{"no buffer space"}));
  EXPECT_EQ(wrapped("a longword", 5, true), (Lines{"a", "long…"}));
  EXPECT_EQ(wrapped("", 5, true), (Lines{""}));
}

TEST(TextWidth, ShowsThatThereWereMoreLines) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("no buffer space is left", 9, true, 2), (Lines{"no buffer", "space is…"}));
  EXPECT_EQ(wrapped("no buffer space is left", 9, false, 1), (Lines{"no buff.."}));
  EXPECT_EQ(wrapped("no buffer space", 9, true, 2), (Lines{"no buffer", "space"}));
}

}  // namespace
}  // namespace mcast::cli::test
