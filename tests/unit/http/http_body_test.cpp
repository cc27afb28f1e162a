#include "http/body.h"

#include <gtest/gtest.h>

namespace mcast::agent {
namespace {

HttpBody sized(std::uint64_t bytes) {
  HttpHead head;
  head.content_length = bytes;
  return HttpBody(head);
}

HttpBody chunked() {
  HttpHead head;
  head.chunked = true;
  return HttpBody(head);
}

const std::string kChunks = "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";

// The status of the fault, 200 when it is complete, 0 when more is needed.
int status_of(HttpBody body, std::string input) {
  const auto complete = body.take(input);
  if (!complete) return complete.error().status;
  return *complete ? 200 : 0;
}

TEST(HttpBody, TakesWhatBelongsToItAndLeavesTheNextRequest) {
  HttpBody body = sized(3);
  std::string input = "abcGET";
  EXPECT_TRUE(*body.take(input));
  EXPECT_EQ(body.text(), "abc");
  EXPECT_EQ(input, "GET");
}

TEST(HttpBody, ComesByteByByteAsWellAsAtOnce) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{5}, kChunks.size()}) {
    HttpBody body = chunked();
    std::string input;
    bool complete = false;
    for (std::size_t at = 0; at < kChunks.size(); at += step) {
      EXPECT_FALSE(complete);
      input += kChunks.substr(at, step);
      const auto taken = body.take(input);
      ASSERT_TRUE(taken) << taken.error().message;
      complete = *taken;
    }
    EXPECT_TRUE(complete);
    EXPECT_EQ(body.text(), "abc0123456789");
    EXPECT_EQ(input, "");
  }
}

TEST(HttpBody, IsBoundedInChunks) {
  HttpBody body = chunked();
  std::string input = "100000\r\n" + std::string(kMostBodyBytes, 'x') + "\r\n";
  EXPECT_FALSE(*body.take(input));
  EXPECT_EQ(body.text().size(), kMostBodyBytes);
  input = "1\r\n";
  const auto more = body.take(input);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().status, 413);
  EXPECT_EQ(status_of(chunked(), "100001\r\n"), 413) << "before any of it is read";
}

TEST(HttpBody, RefusesChunksThatAreNone) {
  for (const char* text : {"x\r\n", "\r\n", "-1\r\n", "0x3\r\n", " 3\r\n", "3\r\nabcd\r\n",
                           "fffffffffffffffff\r\n", "3 \r\n"}) {
    EXPECT_EQ(status_of(chunked(), text), 400) << text;
  }
  EXPECT_EQ(status_of(chunked(), std::string(300, '1')), 400);
}

// Programs in front of this one may see their ends elsewhere, and so another request.
TEST(HttpBody, TakesNeitherExtensionsOfChunksNorTrailers) {
  for (const char* text : {"1;x=y\r\n", "2;\nxx\r\nab\r\n0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n",
                           "0\r\nX: y\nGET / HTTP/1.1\r\n\r\n"}) {
    EXPECT_EQ(status_of(chunked(), text), 400) << text;
  }
}

TEST(HttpBody, OfNothingIsComplete) {
  EXPECT_EQ(status_of(HttpBody(), "GET"), 200);
  EXPECT_EQ(status_of(sized(0), ""), 200);
  EXPECT_EQ(status_of(sized(1), ""), 0);
}

}  // namespace
}  // namespace mcast::agent
