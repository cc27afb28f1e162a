// The text of the list, there and back, and what is refused.
#include "streams/running_streams.h"

#include <gtest/gtest.h>

namespace mcast {
namespace {

const HeldJoin kAny{.stream = "video a",
                    .group = IpAddress::v4(0xEF000A65),
                    .source = std::nullopt,
                    .ifindex = 2,
                    .port = 19779};
const HeldJoin kOne{.stream = "größer",
                    .group = IpAddress::v4(0xE8050505),
                    .source = IpAddress::v4(0x0A010101),
                    .ifindex = 3,
                    .port = 5000};

constexpr std::string_view kText =
    "mcast-streams 1\n"
    "239.0.10.101 * 2 19779 video a\n"
    "232.5.5.5 10.1.1.1 3 5000 größer\n"
    "end 2\n";

TEST(StreamRegisterText, HasALineAJoin) {
  EXPECT_EQ(encode_stream_register({kAny, kOne}), kText);
  EXPECT_EQ(encode_stream_register({}), "mcast-streams 1\nend 0\n");
}

TEST(StreamRegisterText, ComesBackAsItWas) {
  EXPECT_EQ(decode_stream_register(kText).value(), (std::vector{kAny, kOne}));
  EXPECT_TRUE(decode_stream_register("mcast-streams 1\nend 0\n").value().empty());
}

TEST(StreamRegisterText, CarriesIpv6) {
  HeldJoin join = kOne;
  join.group = IpAddress::parse("ff3e::5").value();
  join.source = IpAddress::parse("2001:db8::1").value();
  EXPECT_EQ(decode_stream_register(encode_stream_register({join})).value(), std::vector{join});
}

TEST(StreamRegisterText, OfANameWithALineBreakIsStillOneLine) {
  HeldJoin join = kAny;
  join.stream = "a\nend 0";
  EXPECT_EQ(decode_stream_register(encode_stream_register({join})).value().at(0).stream, "a?end 0");
}

TEST(StreamRegisterText, CutAnywhereIsRefused) {
  for (std::size_t length = 0; length < kText.size(); ++length) {
    EXPECT_FALSE(decode_stream_register(std::string(kText.substr(0, length)))) << length;
  }
}

TEST(StreamRegisterText, WithAnyByteForgedIsAnErrorOrAValue) {
  for (std::size_t i = 0; i < kText.size(); ++i) {
    for (const int value : {0, 9, 10, 32, 48, 57, 127, 255}) {
      std::string forged(kText);
      forged[i] = static_cast<char>(value);
      const auto joins = decode_stream_register(forged);
      if (joins) {
        EXPECT_EQ(joins->size(), 2U) << forged;
      }
    }
  }
}

TEST(StreamRegisterText, IsRefusedWithTheLine) {
  const auto line = [](const std::string& join) {
    return "mcast-streams 1\n" + join + "\nend 1\n";
  };
  ASSERT_TRUE(decode_stream_register(line("239.1.1.1 * 2 19779 a")));
  for (const std::string join :
       {"", "239.1.1.1", "239.1.1.1 * 2 19779", "239.1.1.1 * 2 19779 ", "10.1.1.1 * 2 19779 a",
        "239.1.1 * 2 19779 a", "239.1.1.1 239.1.1.2 2 19779 a", "239.1.1.1 ::1 2 19779 a",
        "239.1.1.1 x 2 19779 a", "239.1.1.1 * 0 19779 a", "239.1.1.1 * -1 19779 a",
        "239.1.1.1 * 99999999999 19779 a", "239.1.1.1 * 2 0 a", "239.1.1.1 * 2 65536 a",
        "239.1.1.1 * 2 +1 a", "239.1.1.1 * 2x 1 a", "239.1.1.1  * 2 1 a"}) {
    const auto joins = decode_stream_register(line(join));
    ASSERT_FALSE(joins) << join;
    EXPECT_NE(joins.error().message.find("line 2"), std::string::npos) << joins.error().message;
  }
  EXPECT_FALSE(decode_stream_register(line("239.1.1.1 * 2 1 " + std::string(257, 'a'))));
  EXPECT_FALSE(decode_stream_register("mcast-streams 2\nend 0\n"));
  EXPECT_FALSE(decode_stream_register("mcast-streams 1\nend 1\n"));
  EXPECT_FALSE(decode_stream_register("mcast-streams 1\nend 0\nend 0\n"));
  EXPECT_FALSE(decode_stream_register("mcast-streams 1\nend \n"));
  EXPECT_FALSE(decode_stream_register(std::string(100, '\n')));
}

TEST(StreamRegisterText, ThatIsHugeIsRefused) {
  EXPECT_FALSE(decode_stream_register(std::string((std::size_t{16} << 20U) + 1, 'x')));
}

}  // namespace
}  // namespace mcast
