#include "base/rate.h"

#include <gtest/gtest.h>

#include "tests/unit/base/vectors.h"

namespace mcast::test {
namespace {

TEST(Rate, AgreesWithEveryVectorOfTheOriginal) {
  const auto vectors = read_vectors("parse-vectors.json")["rates"];
  ASSERT_GE(vectors.size(), 15U);
  for (const auto& vector : vectors) {
    const auto text = vector["rate"].get<std::string>();
    const auto rate = parse_rate(text, vector["size"].get<std::size_t>());
    // The original takes 0 pps and then sends nothing; here it is an error.
    if (vector.contains("error") || vector["pps"].get<double>() == 0) {
      EXPECT_FALSE(rate.has_value()) << text;
      continue;
    }
    ASSERT_TRUE(rate.has_value()) << text << ": " << rate.error().message;
    EXPECT_DOUBLE_EQ(*rate, vector["pps"].get<double>()) << text;
  }
}

TEST(Rate, CountsBitsOfThePayloadOnly) {
  EXPECT_DOUBLE_EQ(parse_rate("8kbps", 100).value(), 10);
  EXPECT_DOUBLE_EQ(parse_rate("8kbps", 200).value(), 5);
  EXPECT_DOUBLE_EQ(parse_rate("10pps", 200).value(), 10);
}

TEST(Rate, RefusesBitsThatComeToLessThanOnePacketASecond) {
  EXPECT_TRUE(parse_rate("1600bps", 200).has_value());
  const auto slow = parse_rate("1599bps", 200);
  ASSERT_FALSE(slow.has_value());
  EXPECT_NE(slow.error().message.find("200 bytes"), std::string::npos) << slow.error().message;
}

TEST(Rate, TakesFractionsOfAPacketASecondInPps) {
  EXPECT_DOUBLE_EQ(parse_rate("0.01pps", 200).value(), 0.01);
}

TEST(Rate, RefusesWhatCannotBeScheduled) {
  EXPECT_TRUE(parse_rate("20Mpps", 200).has_value());
  EXPECT_FALSE(parse_rate("20.1Mpps", 200).has_value());
  EXPECT_FALSE(parse_rate("0pps", 200).has_value());
  EXPECT_FALSE(parse_rate("0.00001pps", 200).has_value());
}

TEST(Rate, RefusesWhatIsNotADecimalNumberAndAUnit) {
  for (const char* text : {"pps", ".", "+1pps", "-1pps", "1e3", "inf", "nan", "nanpps", "0x10pps",
                           "1 2pps", "1.2.3pps", "1,5pps", "25 pp s", "25pps/s", "25packets"}) {
    const auto rate = parse_rate(text, 200);
    ASSERT_FALSE(rate.has_value()) << text;
    EXPECT_NE(rate.error().message.find(text), std::string::npos) << rate.error().message;
  }
}

TEST(Rate, RefusesANumberTooLongForAnything) {
  EXPECT_FALSE(parse_rate(std::string(400, '9') + "pps", 200).has_value());
}

}  // namespace
}  // namespace mcast::test
