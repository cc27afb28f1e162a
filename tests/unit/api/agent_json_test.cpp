#include "api/agent_json.h"

#include <gtest/gtest.h>

namespace mcast::api {
namespace {

TEST(ErrorJson, HasCodeMessageAndField) {
  EXPECT_EQ(
      error_json("bad_field", "no such group", "group"),
      "{\"error\":{\"code\":\"bad_field\",\"message\":\"no such group\",\"field\":\"group\"}}\n");
  EXPECT_EQ(error_json("not_found", "gone"),
            "{\"error\":{\"code\":\"not_found\",\"message\":\"gone\",\"field\":null}}\n");
}

TEST(ErrorJson, IsJsonWhateverTheMessageHolds) {
  const std::string text = error_json("bad_request", "a\"\\\n\x01\xFF");
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
  EXPECT_EQ(text.find('\xFF'), std::string::npos);
}

TEST(ErrorJson, KnowsACodeForEachStatus) {
  EXPECT_EQ(error_code(404), "not_found");
  EXPECT_EQ(error_code(431), "too_large");
  EXPECT_EQ(error_code(500), "internal");
  EXPECT_EQ(error_code(599), "internal");
}

}  // namespace
}  // namespace mcast::api
