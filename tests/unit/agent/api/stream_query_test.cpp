#include "agent/api/stream_query.h"

#include <gtest/gtest.h>

namespace mcast::agent {
namespace {

TEST(StreamQuery, WithoutParametersIsForAllStreams) {
  const auto query = parse_stream_query({});
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->names.fit("anything"));
  EXPECT_EQ(query->detail, api::Detail::kSummary);
}

TEST(StreamQuery, TakesNamesAndTheirBeginnings) {
  const auto query =
      parse_stream_query({{"name", "video-*"}, {"name", "audio"}, {"detail", "true"}});
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->names.fit("video-1"));
  EXPECT_TRUE(query->names.fit("video-"));
  EXPECT_TRUE(query->names.fit("audio"));
  EXPECT_FALSE(query->names.fit("audio-1"));
  EXPECT_FALSE(query->names.fit("video"));
  EXPECT_EQ(query->detail, api::Detail::kFull);
}

TEST(StreamQuery, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse_stream_query({{"names", "a"}}).error().field, "names");
  EXPECT_EQ(parse_stream_query({{"detail", "yes"}}).error().field, "detail");
  EXPECT_EQ(parse_event_query({{"name", "a"}}).error().field, "name");
  EXPECT_EQ(expect_no_query({{"x", ""}}).error().status, 400);
  QueryParameters many;
  for (int i = 0; i < 1'001; ++i) many.emplace("name", "a");
  EXPECT_EQ(parse_stream_query(many).error().status, 400);
}

}  // namespace
}  // namespace mcast::agent
