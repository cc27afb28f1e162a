#include "http/answer.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

namespace mcast::agent {
namespace {

std::string unpack(const std::string& packed) {
  std::string out(1 << 20, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string input = packed;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  (void)inflateEnd(&stream);
  return out;
}

std::string body_of(const HttpAnswer& answer) {
  return answer.bytes.substr(answer.bytes.find("\r\n\r\n") + 4);
}

TEST(HttpAnswer, HasStatusLengthAndBody) {
  const HttpAnswer answer = write_answer(
      {.status = 201, .body = "abc", .headers = {{"Location", "/x"}}}, {.keep_alive = true});
  EXPECT_TRUE(answer.bytes.starts_with("HTTP/1.1 201 Created\r\nDate: ")) << answer.bytes;
  EXPECT_TRUE(answer.bytes.contains("\r\nContent-Length: 3\r\n"));
  EXPECT_TRUE(answer.bytes.contains("\r\nLocation: /x\r\n"));
  EXPECT_TRUE(answer.bytes.contains("\r\nConnection: keep-alive\r\n"));
  EXPECT_EQ(body_of(answer), "abc");
  EXPECT_TRUE(answer.keep_alive);
}

TEST(HttpAnswer, OfHeadHasTheLengthAndNoBody) {
  const HttpAnswer answer = write_answer({.body = "abc"}, {.head_only = true});
  EXPECT_TRUE(answer.bytes.contains("\r\nContent-Length: 3\r\n"));
  EXPECT_TRUE(answer.bytes.contains("\r\nConnection: close\r\n"));
  EXPECT_EQ(body_of(answer), "");
}

TEST(HttpAnswer, WithoutContentHasNoLength) {
  const HttpAnswer answer = write_answer({.status = 204}, {});
  EXPECT_FALSE(answer.bytes.contains("\r\nContent-")) << answer.bytes;
}

TEST(HttpAnswer, DoesNotLetAValueBeginAnotherHeader) {
  const HttpAnswer answer = write_answer({.headers = {{"Location", "/x\r\nSet-Cookie: a"}}}, {});
  EXPECT_TRUE(answer.bytes.contains("Location: /x??Set-Cookie: a\r\n")) << answer.bytes;
}

TEST(HttpAnswer, IsCompressedWhereBothSidesWantIt) {
  const std::string text(5000, 'x');
  const HttpAnswer packed = write_answer({.body = text, .compress = true}, {.gzip = true});
  EXPECT_TRUE(packed.bytes.contains("\r\nContent-Encoding: gzip\r\n"));
  EXPECT_LT(packed.bytes.size(), 500U);
  EXPECT_EQ(unpack(body_of(packed)), text);
  EXPECT_EQ(body_of(write_answer({.body = text, .compress = true}, {})), text);
  EXPECT_EQ(body_of(write_answer({.body = text}, {.gzip = true})), text);
}

TEST(HttpAnswer, CarriesTheHeadersOfTheWebConfiguration) {
  const HttpAnswer answer = write_answer({}, {.headers = {{"X-Frame-Options", "deny"}}});
  EXPECT_TRUE(answer.bytes.contains("\r\nX-Frame-Options: deny\r\n"));
  EXPECT_TRUE(answer.bytes.contains("\r\nX-Content-Type-Options: nosniff\r\n"));
}

TEST(HttpAnswer, OfAStreamEndsWithItsConnection) {
  const HttpAnswer answer = write_answer(
      {.body = "first", .more = [] { return std::optional<std::string>(); }}, {.keep_alive = true});
  EXPECT_FALSE(answer.keep_alive);
  EXPECT_FALSE(answer.bytes.contains("Content-Length"));
  EXPECT_EQ(body_of(answer), "first");
  EXPECT_TRUE(answer.more);
}

}  // namespace
}  // namespace mcast::agent
