#include "base/dscp.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/base/vectors.h"

namespace mcast::test {
namespace {

TEST(Dscp, AgreesWithEveryVectorOfTheOriginal) {
  const auto vectors = read_vectors("parse-vectors.json")["dscps"];
  ASSERT_GE(vectors.size(), 15U);
  for (const auto& vector : vectors) {
    const auto text = vector["dscp"].get<std::string>();
    const auto dscp = parse_dscp(text);
    if (vector.contains("error")) {
      EXPECT_FALSE(dscp.has_value()) << text;
      continue;
    }
    ASSERT_TRUE(dscp.has_value()) << text << ": " << dscp.error().message;
    EXPECT_EQ(*dscp, vector["value"].get<int>()) << text;
  }
}

TEST(Dscp, KnowsEveryNameOfTheOriginal) {
  const auto names = read_vectors("parse-vectors.json")["names"];
  ASSERT_EQ(names.size(), 22U);
  for (const auto& [name, value] : names.items()) {
    EXPECT_EQ(parse_dscp(name).value_or(255), value.get<int>()) << name;
  }
}

TEST(Dscp, ListsEveryNameAsItIsWritten) {
  const std::vector<std::string> names = dscp_names();
  EXPECT_EQ(names.size(), 22U);
  EXPECT_EQ(names.front(), "be");
  for (const std::string& name : names) EXPECT_TRUE(parse_dscp(name).has_value()) << name;
}

TEST(Dscp, RefusesWhatIsNoCodePoint) {
  for (const char* text : {"cs8", "af14", "af51", "0x", "0x40", "0xg", "4 6", "46.0", "+46",
                           "ef ef", "99999999999999999999"}) {
    const auto dscp = parse_dscp(text);
    ASSERT_FALSE(dscp.has_value()) << text;
    EXPECT_NE(dscp.error().message.find(text), std::string::npos) << dscp.error().message;
  }
}

TEST(Dscp, IsDescribedByNameAndNumberWhereItHasAName) {
  EXPECT_EQ(describe_dscp(46), "EF (46)");
  EXPECT_EQ(describe_dscp(0), "BE (0)");
  EXPECT_EQ(describe_dscp(10), "AF11 (10)");
  EXPECT_EQ(describe_dscp(44), "44");
  EXPECT_EQ(describe_dscp(63), "63");
}

}  // namespace
}  // namespace mcast::test
