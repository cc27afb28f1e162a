#include "cli/terminal/layout.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcast::cli::test {
namespace {

Block block(const std::string& text, std::size_t rows, bool apart = false,
            Place place = Place::kInOrder) {
  return block_of(std::vector<Line>(rows, Line{{text, Style::kPlain}}), apart, place);
}

std::string picture(const std::vector<Block>& blocks, int columns, int rows) {
  return plain_text(stacked(blocks, {.columns = columns, .rows = rows}));
}

TEST(Layout, CutsAtTheBottom) {
  const std::vector<Block> blocks{block("a", 1), block("b", 2), block("c", 1)};
  EXPECT_EQ(picture(blocks, 10, 4), "a\nb\nb\nc\n");
  EXPECT_EQ(picture(blocks, 10, 3), "a\nb\nb\n");
  EXPECT_EQ(picture(blocks, 10, 1), "a\n");
  EXPECT_EQ(picture(blocks, 10, 0), "");
  EXPECT_EQ(picture(blocks, 0, 4), "");
  EXPECT_EQ(picture(blocks, -1, -1), "");
}

TEST(Layout, PutsBelowWhatMattersLessWhereThereIsNoRoomForEverything) {
  const std::vector<Block> blocks{block("a", 1), block("b", 2, false, Place::kLastIfShort),
                                  block("c", 2)};
  EXPECT_EQ(picture(blocks, 10, 5), "a\nb\nb\nc\nc\n");
  EXPECT_EQ(picture(blocks, 10, 4), "a\nc\nc\nb\n");
}

TEST(Layout, LeavesOutWholeWhatIsOnlyForSpareRoom) {
  const std::vector<Block> blocks{block("a", 1), block("b", 2, false, Place::kWhereSpare),
                                  block("c", 1)};
  EXPECT_EQ(picture(blocks, 10, 4), "a\nb\nb\nc\n");
  EXPECT_EQ(picture(blocks, 10, 3), "a\nc\n");
}

TEST(Layout, PutsBlankLinesWhereEverythingFitsWithThem) {
  const std::vector<Block> blocks{block("a", 1, true), block("", 0, true), block("b", 1, true),
                                  block("c", 1, true)};
  EXPECT_EQ(picture(blocks, 10, 3), "a\nb\nc\n");
  EXPECT_EQ(picture(blocks, 10, 4), "a\nb\nc\n");
  EXPECT_EQ(picture(blocks, 10, 6), "a\n\nb\n\nc\n") << "and none above the first";
  EXPECT_EQ(picture({block("a", 20), block("b", 3, true), block("c", 1, true)}, 10, 24),
            plain_text({std::vector<Line>(20, Line{{"a", Style::kPlain}})}) + "\nb\nb\nb\n")
      << "in 24 rows always";
}

// A list of so many rows below a heading.
Block list_of(std::size_t rows, std::size_t first = 0) {
  Block list = block("head", 1);
  list.rows = rows;
  list.least = 1;
  list.scrolled_to = first;
  list.list = [](std::size_t from, std::size_t count) {
    std::vector<Line> lines;
    for (std::size_t i = from; i < from + count; ++i) lines.push_back({{std::to_string(i)}});
    return lines;
  };
  return list;
}

TEST(Layout, GivesTheRestToBlocksThatHaveMoreToSay) {
  const std::vector<Block> blocks{block("a", 1), list_of(3), block("c", 1)};
  EXPECT_EQ(picture(blocks, 10, 3), "a\nhead\nc\n");
  EXPECT_EQ(picture(blocks, 10, 5), "a\nhead\n0\n1\nc\n");
  EXPECT_EQ(picture(blocks, 10, 9), "a\nhead\n0\n1\n2\nc\n");
}

TEST(Layout, SaysHowManyRowsOfATableAreNotShown) {
  Block table = list_of(10);
  table.rest = [](std::size_t, std::size_t shown) { return std::to_string(10 - shown) + " more"; };
  EXPECT_EQ(picture({table}, 10, 4), "head\n0\n1\n8 more\n");
  EXPECT_EQ(picture({table}, 10, 2), "head\n0\n");
  EXPECT_EQ(picture({table}, 10, 1), "10 more\n");
}

TEST(Layout, ScrollsAListNoFurtherThanToItsEnd) {
  const auto shown = [](std::size_t first, int rows) {
    return stacked({block("a", 1), list_of(10, first)}, {.columns = 10, .rows = rows});
  };
  EXPECT_EQ(plain_text(shown(4, 4)), "a\nhead\n4\n5\n");
  EXPECT_EQ(plain_text(shown(9, 4)), "a\nhead\n8\n9\n");
  EXPECT_EQ(plain_text(shown(9, 20)), plain_text(shown(0, 20)));
  const Screen::List list = shown(99, 4).list;
  EXPECT_EQ(list.first, 8U);
  EXPECT_EQ(list.shown, 2U);
  EXPECT_EQ(list.rows, 10U);
  EXPECT_EQ(stacked({block("a", 1)}, {}).list, Screen::List{});
}

TEST(Layout, CutsLinesWithAnEllipsisAlsoBetweenTwoSpans) {
  const Line line{{"abc", Style::kPlain}, {"def", Style::kBad}};
  const std::vector<Block> blocks{block_of({line}, false)};
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
  const std::vector<Cells> rows{{{"a"}, {"1"}, {"2"}}};
  const auto text = [&](int width) {
    return plain_text({table_lines(columns, rows, {.columns = width}, false)});
  };
  EXPECT_EQ(text(17), "Group   Lost Hops\na          1    2\n");
  EXPECT_EQ(text(16), "Group  Hops\na         2\n");
  EXPECT_EQ(text(10), "Group\na\n");
  EXPECT_EQ(text(1), "Group\na\n");
}

TEST(Layout, WidensColumnsToTheirWidestCellUnlessTheyStandStill) {
  const std::vector<Column> columns{{"G", 2, Align::kLeft}, {"Lost", 2}};
  const std::vector<Cells> rows{{{"abcdef"}, {"1"}}, {{"a"}, {"12345"}}};
  EXPECT_EQ(plain_text({table_lines(columns, rows, {})}),
            "G       Lost\nabcdef     1\na      12345\n");
  EXPECT_EQ(plain_text({table_lines(columns, rows, {}, false)}), "G  L…\na…  1\na  1…\n");
}

}  // namespace
}  // namespace mcast::cli::test
