// The text of the list, there and back, and what is refused.
#include "streams/running_streams.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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
    "mcast-streams 2\n"
    "receiver 239.0.10.101 * 2 19779 configured video a\n"
    "receiver 232.5.5.5 10.1.1.1 3 5000 configured größer\n"
    "sender 239.1.1.1 10.1.1.2 2 19779 detached 16 200 25000 tone\n"
    "end 3\n";

const HeldSender kSender{.stream = "tone",
                         .group = IpAddress::parse("239.1.1.1").value(),
                         .source = IpAddress::parse("10.1.1.2").value(),
                         .ifindex = 2,
                         .port = 19779,
                         .origin = StreamOrigin::kDetached,
                         .ttl = 16,
                         .size = 200,
                         .packets_per_second = 25};
const HeldStreams kAll{.joins = {kAny, kOne}, .senders = {kSender}};

TEST(StreamRegisterText, HasALineAStream) {
  EXPECT_EQ(encode_stream_register(kAll), kText);
  EXPECT_EQ(encode_stream_register({}), "mcast-streams 2\nend 0\n");
}

TEST(StreamRegisterText, ComesBackAsItWas) {
  EXPECT_EQ(decode_stream_register(kText).value(), kAll);
  EXPECT_EQ(decode_stream_register("mcast-streams 2\nend 0\n").value(), HeldStreams());
}

TEST(StreamRegisterText, CarriesIpv6) {
  HeldJoin join = kOne;
  join.group = IpAddress::parse("ff3e::5").value();
  join.source = IpAddress::parse("2001:db8::1").value();
  EXPECT_EQ(decode_stream_register(encode_stream_register({.joins = {join}})).value().joins,
            std::vector{join});
}

TEST(StreamRegisterText, OfANameWithALineBreakIsStillOneLine) {
  HeldJoin join = kAny;
  join.stream = "a\nend 0";
  EXPECT_EQ(
      decode_stream_register(encode_stream_register({.joins = {join}})).value().joins.at(0).stream,
      "a?end 0");
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
        EXPECT_EQ(joins->joins.size() + joins->senders.size(), 3U) << forged;
      }
    }
  }
}

TEST(StreamRegisterText, IsRefusedWithTheLine) {
  const auto line = [](const std::string& join) {
    return "mcast-streams 2\n" + join + "\nend 1\n";
  };
  ASSERT_TRUE(decode_stream_register(line("receiver 239.1.1.1 * 2 19779 client a")));
  ASSERT_TRUE(decode_stream_register(line("sender 239.1.1.1 * 2 19779 client 1 200 5000 a")));
  const std::string r = "receiver ";
  const std::string s = "sender 239.1.1.1 * 2 19779 client ";
  for (const std::string& join :
       std::vector<std::string>{std::string(),
                                r + "239.1.1.1",
                                r + "239.1.1.1 * 2 19779 client",
                                r + "239.1.1.1 * 2 19779 client ",
                                r + "239.1.1.1 * 2 19779 nobody a",
                                "239.1.1.1 * 2 19779 client a",
                                "relay 239.1.1.1 * 2 19779 client a",
                                r + "10.1.1.1 * 2 19779 client a",
                                r + "239.1.1 * 2 19779 client a",
                                r + "239.1.1.1 239.1.1.2 2 19779 client a",
                                r + "239.1.1.1 ::1 2 19779 client a",
                                r + "239.1.1.1 x 2 19779 client a",
                                r + "239.1.1.1 * 0 19779 client a",
                                r + "239.1.1.1 * -1 19779 client a",
                                r + "239.1.1.1 * 99999999999 19779 client a",
                                r + "239.1.1.1 * 2 0 client a",
                                r + "239.1.1.1 * 2 65536 client a",
                                r + "239.1.1.1 * 2 +1 client a",
                                r + "239.1.1.1 * 2x 1 client a",
                                r + "239.1.1.1  * 2 1 client a",
                                s + "a",
                                s + "256 200 5000 a",
                                s + "-1 200 5000 a",
                                s + "1 65501 5000 a",
                                s + "1 200 x a",
                                s + "1 200 5000",
                                s + "1 200 5000 "}) {
    const auto joins = decode_stream_register(line(join));
    ASSERT_FALSE(joins) << join;
    EXPECT_NE(joins.error().message.find("line 2"), std::string::npos) << joins.error().message;
  }
  EXPECT_FALSE(
      decode_stream_register(line("receiver 239.1.1.1 * 2 1 client " + std::string(257, 'a'))));
  EXPECT_FALSE(decode_stream_register("mcast-streams 3\nend 0\n"));
  EXPECT_FALSE(decode_stream_register("mcast-streams 2\nend 1\n"));
  EXPECT_FALSE(decode_stream_register("mcast-streams 2\nend 0\nend 0\n"));
  EXPECT_FALSE(decode_stream_register("mcast-streams 2\nend \n"));
  EXPECT_FALSE(decode_stream_register(std::string(100, '\n')));
}

TEST(StreamRegisterText, ThatIsHugeIsRefused) {
  EXPECT_FALSE(decode_stream_register(std::string((std::size_t{16} << 20U) + 1, 'x')));
}

}  // namespace
}  // namespace mcast
