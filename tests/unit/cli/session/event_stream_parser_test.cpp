// Server-sent events, in pieces of any size.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/session/agent_events.h"

namespace mcast::cli {
namespace {

using Messages = std::vector<AgentEvent>;

TEST(EventStreamParser, GivesEventsWhereverTheBytesAreCut) {
  const std::string text =
      "retry: 1000\nid: 7\n: hello\n\nid: 8\nevent: stall\ndata: {\"a\": 1}\n\n: nothing new\n\n"
      "id: 9\r\nevent:burst\r\ndata:b\r\n\r\nid: 10\revent: join\rdata: c\r\r";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EventStreamParser parser;
    Messages messages;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      ASSERT_TRUE(parser.feed(std::string_view(text).substr(at, piece), messages));
    }
    ASSERT_EQ(messages.size(), 3U) << piece;
    EXPECT_EQ(messages[0].event, "stall");
    EXPECT_EQ(messages[0].data, "{\"a\": 1}");
    EXPECT_EQ(messages[1].event, "burst");
    EXPECT_EQ(messages[1].data, "b");
    EXPECT_EQ(messages[2].event, "join");
    EXPECT_EQ(parser.last_id(), "10");
  }
}

TEST(EventStreamParser, KnowsTheIdBeforeThereIsAnEvent) {
  EventStreamParser parser;
  Messages messages;
  ASSERT_TRUE(parser.feed("id: 42\n", messages));
  EXPECT_EQ(parser.last_id(), "");
  ASSERT_TRUE(parser.feed("\n", messages));
  EXPECT_EQ(parser.last_id(), "42");
  EXPECT_TRUE(messages.empty());
}

TEST(EventStreamParser, JoinsLinesOfDataAndForgetsAnEventWithout) {
  EventStreamParser parser;
  Messages messages;
  ASSERT_TRUE(
      parser.feed("event: lost\n\n\xEF\xBB\xBF"
                  "data\ndata: 1\ndata:\ndata:  2\n\n",
                  messages));
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].event, "message");
  EXPECT_EQ(messages[0].data, "1\n\n 2");
}

TEST(EventStreamParser, GivesUpWhatDoesNotEnd) {
  EventStreamParser parser;
  Messages messages;
  const std::string piece(EventStreamParser::kMaxBytes / 4, 'x');
  bool is_fine = true;
  for (int i = 0; i < 6 && is_fine; ++i) is_fine = parser.feed(piece, messages);
  EXPECT_FALSE(is_fine);

  EventStreamParser of_many_lines;
  is_fine = true;
  for (int i = 0; i < 6 && is_fine; ++i) {
    is_fine = of_many_lines.feed("data: " + piece + "\n", messages);
  }
  EXPECT_FALSE(is_fine);
  EXPECT_TRUE(messages.empty());
}

}  // namespace
}  // namespace mcast::cli
