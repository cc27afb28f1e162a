#include "agent/logfmt_log.h"

#include <gtest/gtest.h>

namespace mcast::agent {
namespace {

TEST(Logfmt, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(logfmt("joined", {{"stream", "video-a"}, {"reason", "no route"}, {"empty", ""}}),
            R"(msg=joined stream=video-a reason="no route" empty="")");
}

TEST(Logfmt, KeepsALineALine) {
  EXPECT_EQ(logfmt("a\nb", {{"k", "x=\"y\"\\"}, {"c", "\x1b[0m"}}),
            R"(msg="a\nb" k="x=\"y\"\\" c="\x1b[0m")");
}

TEST(LogLevel, IsOneOfFour) {
  EXPECT_EQ(parse_log_level("warn"), LogLevel::kWarning);
  EXPECT_FALSE(parse_log_level("loud"));
  EXPECT_FALSE(parse_log_level(""));
}

}  // namespace
}  // namespace mcast::agent
