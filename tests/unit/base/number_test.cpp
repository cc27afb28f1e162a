#include "base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace mcast {
namespace {

TEST(Number, IsTheWholeText) {
  EXPECT_EQ(parse_number<int>("42"), 42);
  EXPECT_EQ(parse_number<int>("-42"), -42);
  EXPECT_EQ(parse_number<std::uint32_t>("beef", 16), 0xBEEFU);
  for (const char* text : {"", " 42", "42 ", "+42", "4x", "0x10", "4.2"}) {
    EXPECT_EQ(parse_number<int>(text), std::nullopt) << text;
  }
}

TEST(Number, FitsOrIsNone) {
  EXPECT_EQ(parse_number<std::uint8_t>("255"), 255);
  EXPECT_EQ(parse_number<std::uint8_t>("256"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint8_t>("-1"), std::nullopt);
}

TEST(Decimal, IsAFractionWithoutExponent) {
  EXPECT_EQ(parse_decimal("1.5"), 1.5);
  EXPECT_EQ(parse_decimal("-3"), -3.0);
  for (const char* text : {"", "1e3", "inf", "nan", "1,5", "1.5 ", "+1"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace mcast
