#include "cli/terminal/layout.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::cli::test {
namespace {

Block block(const std::string& text, std::size_t rows, int importance, bool apart = false) {
  return block_of(std::vector<Line>(rows, Line{{text, Style::kPlain}}), importance, apart);
}

std::string picture(const std::vector<Block>& blocks, int columns, int rows) {
  return plain_text(stacked(blocks, {.columns = columns, .rows = rows}));
}

TEST(Layout, LeavesOutTheLeastImportantRowsFirst) {
  const std::vector<Block> blocks{block("a", 1, 2), block("b", 2, 1), block("c", 1, 3)};
  EXPECT_EQ(picture(blocks, 10, 4), "a\nb\nb\nc\n");
  EXPECT_EQ(picture(blocks, 10, 3), "a\nb\nc\n");
  EXPECT_EQ(picture(blocks, 10, 2), "a\nc\n");
  EXPECT_EQ(picture(blocks, 10, 1), "c\n");
  EXPECT_EQ(picture(blocks, 10, 0), "");
  EXPECT_EQ(picture(blocks, 0, 4), "");
  EXPECT_EQ(picture(blocks, -1, -1), "");
}

TEST(Layout, PutsBlankLinesWhereThereIsRoom) {
  const std::vector<Block> blocks{block("a", 1, 3, true), block("b", 1, 1, true),
                                  block("c", 1, 2, true)};
  EXPECT_EQ(picture(blocks, 10, 3), "a\nb\nc\n");
  EXPECT_EQ(picture(blocks, 10, 4), "a\nb\n\nc\n") << "by importance, and none above the first";
  EXPECT_EQ(picture(blocks, 10, 5), "a\n\nb\n\nc\n");
  EXPECT_EQ(picture(blocks, 10, 9), "a\n\nb\n\nc\n");
}

TEST(Layout, GivesTheRestToBlocksThatHaveMoreToSay) {
  Block growing = block("b", 5, 1);
  growing.least = 1;
  const std::vector<Block> blocks{block("a", 1, 2), growing};
  EXPECT_EQ(picture(blocks, 10, 2), "a\nb\n");
  EXPECT_EQ(picture(blocks, 10, 4), "a\nb\nb\nb\n");
  EXPECT_EQ(picture(blocks, 10, 9), "a\nb\nb\nb\nb\nb\n");
}

TEST(Layout, CutsLinesWithAnEllipsisAlsoBetweenTwoSpans) {
  const Line line{{"abc", Style::kPlain}, {"def", Style::kBad}};
  const std::vector<Block> blocks{block_of({line}, 1, false)};
  EXPECT_EQ(picture(blocks, 6, 1), "abcdef\n");
  EXPECT_EQ(picture(blocks, 5, 1), "abcd…\n");
  EXPECT_EQ(picture(blocks, 3, 1), "ab…\n");
  EXPECT_EQ(picture(blocks, 2, 1), "a…\n");
}

TEST(Layout, PutsFieldsSideBySideWhereThatIsWideEnough) {
  const std::vector<Field> fields{{"One", {"1", Style::kPlain}},
                                  {"Two", {"2", Style::kPlain}},
                                  {"Three", {"3", Style::kPlain}}};
  const auto text = [&](int columns) {
    return plain_text({field_lines(fields, {.columns = columns})});
  };
  EXPECT_EQ(text(80),
            "One          1                             Two          2\n"
            "Three        3\n");
  EXPECT_EQ(text(60), "One          1\nTwo          2\nThree        3\n");
}

TEST(Layout, LeavesOutTheLeastImportantColumnsFirst) {
  const std::vector<Column> columns{
      {"Group", 6, Align::kLeft, 3}, {"Lost", 5, Align::kRight, 1}, {"Hops", 4, Align::kRight, 2}};
  const std::vector<Span> cells{{"a", Style::kPlain}, {"1", Style::kPlain}, {"2", Style::kPlain}};
  const auto text = [&](int width) {
    const ScreenSize size{.columns = width};
    const auto shown = fitting_columns(columns, width);
    return plain_text(
        {{table_heading(columns, shown, size), table_row(columns, shown, cells, size)}});
  };
  EXPECT_EQ(text(17), "Group   Lost Hops\na          1    2\n");
  EXPECT_EQ(text(16), "Group  Hops\na         2\n");
  EXPECT_EQ(text(10), "Group\na\n");
  EXPECT_EQ(text(1), "Group\na\n");
}

}  // namespace
}  // namespace mcast::cli::test
