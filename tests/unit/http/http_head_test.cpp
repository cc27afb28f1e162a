#include "http/head.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::agent {
namespace {

const std::string kSmall = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";

std::string with(const std::string& lines) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n";
}

int status_of(const std::string& head) {
  const auto parsed = parse_head(head);
  return parsed ? 200 : parsed.error().status;
}

TEST(HttpHead, EndsWithItsEmptyLine) {
  const auto found = find_head(kSmall + "GET", 0);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, kSmall.size());
}

TEST(HttpHead, HasNoEndUntilItsLastByteIsThere) {
  for (std::size_t size = 0; size < kSmall.size(); ++size) {
    const auto found = find_head(kSmall.substr(0, size), size == 0 ? 0 : size - 1);
    ASSERT_TRUE(found) << size;
    EXPECT_FALSE(*found) << size;
  }
  const auto found = find_head(kSmall, kSmall.size() - 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, kSmall.size());
}

TEST(HttpHead, MayHaveSixteenKibibytesAndNoByteMore) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
  const auto head_of = [&](std::size_t size) {
    return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
  };
  const auto fits = find_head(head_of(kMostHeadBytes), 0);
  ASSERT_TRUE(fits);
  EXPECT_EQ(*fits, kMostHeadBytes);
  const auto too_large = find_head(head_of(kMostHeadBytes + 1), 0);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().status, 431);
}

TEST(HttpHead, IsRefusedAtTheFirstByteThatIsNotHttp) {
  const auto tls = find_head("\x16\x03\x01", 0);
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().status, 400);
  EXPECT_FALSE(find_head("GET / HTTP/1.1\n", 0)) << "a line without CR";
}

TEST(HttpHead, GivesItsParts) {
  const auto head = parse_head(
      "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nX-Y:  a b\t\r\nExpect: "
      "100-continue\r\n"
      "\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/a?b");
  EXPECT_EQ(head->header("x-y"), "a b");
  EXPECT_EQ(head->header("missing"), "");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->has_body());
  EXPECT_TRUE(head->expects_continue);
  EXPECT_TRUE(head->keep_alive);
  EXPECT_FALSE(head->chunked);
}

TEST(HttpHead, KeepsAConnectionOnlyAsItsVersionAndHeadersSay) {
  EXPECT_TRUE(parse_head(kSmall)->keep_alive);
  EXPECT_FALSE(parse_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_FALSE(parse_head(with("Connection: Keep-Alive, Close\r\n"))->keep_alive);
}

TEST(HttpHead, NeedsARequestLineOfThreeParts) {
  for (const char* line :
       {"GET /", "GET  HTTP/1.1", "GET / HTTP/2.0", "GET /a b HTTP/1.1", "G\x01T / HTTP/1.1",
        "GET /\x7F HTTP/1.1", "hello", "", "GET / http/1.1", "GET /\xC3\xA4 HTTP/1.1"}) {
    EXPECT_EQ(status_of(std::string(line) + "\r\nHost: x\r\n\r\n"), 400) << line;
  }
}

TEST(HttpHead, NeedsExactlyOneHostInVersionOneOne) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of(with("Host: y\r\n")), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 200);
}

TEST(HttpHead, RefusesHeadersThatOthersMightReadDifferently) {
  for (const char* lines :
       {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: +1\r\n",
        "Content-Length: -1\r\n", "Content-Length: 1, 1\r\n", "Content-Length: \r\n",
        "Content-Length: 99999999999999999999999\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "X : y\r\n", " X: folded\r\n", ": y\r\n",
        "no colon\r\n", "X: a\rb\r\n", "X: \x01\r\n", "Expect: something\r\n"}) {
    EXPECT_EQ(status_of(with(lines)), 400) << lines;
  }
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(status_of(with("Transfer-Encoding: Chunked\r\n")), 200);
}

TEST(HttpHead, MayHaveAHundredHeaders) {
  std::string lines;
  for (int i = 0; i < 99; ++i) lines += "X: y\r\n";  // and Host
  EXPECT_EQ(status_of(with(lines)), 200);
  EXPECT_EQ(status_of(with(lines + "X: y\r\n")), 431);
}

TEST(HttpHead, FindsTokensInLists) {
  EXPECT_TRUE(names_token("gzip", "gzip"));
  EXPECT_TRUE(names_token("br, GZIP;q=0.5 , x", "gzip"));
  EXPECT_TRUE(names_token("gzip;q=0.001", "gzip"));
  EXPECT_FALSE(names_token("gzip;q=0", "gzip"));
  EXPECT_FALSE(names_token("gzip; q=0.00", "gzip"));
  EXPECT_FALSE(names_token("xgzip, br", "gzip"));
  EXPECT_FALSE(names_token("", "gzip"));
}

}  // namespace
}  // namespace mcast::agent
