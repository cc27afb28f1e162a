#include "agent/api/api.h"

#include <gtest/gtest.h>

namespace mcast::agent {
namespace {

const std::vector<std::string_view> kOfLists{"name", "detail"};

TEST(StreamQuery, WithoutParametersIsForAllStreams) {
  const auto query = parse_query({}, kOfLists);
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->fits("anything"));
  EXPECT_EQ(query->detail, api::Detail::kSummary);
}

TEST(StreamQuery, TakesNamesAndTheirBeginnings) {
  const auto query =
      parse_query({{"name", "video-*"}, {"name", "audio"}, {"detail", "true"}}, kOfLists);
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->fits("video-1"));
  EXPECT_TRUE(query->fits("video-"));
  EXPECT_TRUE(query->fits("audio"));
  EXPECT_FALSE(query->fits("audio-1"));
  EXPECT_FALSE(query->fits("video"));
  EXPECT_EQ(query->detail, api::Detail::kFull);
}

TEST(StreamQuery, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse_query({{"names", "a"}}, kOfLists).error().field, "names");
  EXPECT_EQ(parse_query({{"detail", "yes"}}, kOfLists).error().field, "detail");
  EXPECT_EQ(parse_query({{"name", "a"}}, {"stream"}).error().field, "name");
  EXPECT_EQ(parse_query({{"x", ""}}, {}).error().status, 400);
  std::multimap<std::string, std::string> many;
  for (int i = 0; i < 1'001; ++i) many.emplace("name", "a");
  EXPECT_EQ(parse_query(many, kOfLists).error().status, 400);
}

}  // namespace
}  // namespace mcast::agent
