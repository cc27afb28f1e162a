#include "http/target.h"

#include <gtest/gtest.h>

namespace mcast::agent {
namespace {

using Segments = std::vector<std::string>;

TEST(HttpTarget, IsDecodedSegmentBySegment) {
  const auto target = parse_target("/api/v1/receivers/a%20b%3F+%c3%A4");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/v1/receivers/a b?+\xC3\xA4");
  EXPECT_EQ(target->segments, (Segments{"api", "v1", "receivers", "a b?+\xC3\xA4"}));
  EXPECT_EQ(parse_target("/")->segments, Segments{""});
  EXPECT_EQ(parse_target("/a/")->segments, (Segments{"a", ""}));
}

TEST(HttpTarget, HasItsQueryDecodedAndInOrder) {
  const auto target = parse_target("/a?name=x+y&name=%26&flag&=z&&e=f=g");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->query,
            (std::multimap<std::string, std::string>{
                {"name", "x y"}, {"name", "&"}, {"flag", ""}, {"", "z"}, {"e", "f=g"}}));
  EXPECT_TRUE(parse_target("/?")->query.empty());
  EXPECT_EQ(parse_target("/?a=1")->segments, Segments{""});
}

TEST(HttpTarget, MayNameTheHostAsProxiesDo) {
  EXPECT_EQ(parse_target("http://host:1/a?b")->path, "/a");
  EXPECT_EQ(parse_target("https://host")->path, "/");
}

TEST(HttpTarget, IsRefusedWithEscapesThatAreNone) {
  for (const char* text : {"/%", "/%4", "/%zz", "/%4", "/%+1", "/%00", "/a%2Fb", "/?a=%", "/?%00=a",
                           "/#a", "*", "a", "ftp://host/"}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().status, 400);
  }
}

}  // namespace
}  // namespace mcast::agent
