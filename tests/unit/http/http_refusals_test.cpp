// What is refused of a request, as a client sees it, and what is not.
#include "tests/unit/http/http_server_fixture.h"

namespace mcast::http {
namespace {

class HttpRefusalsTest : public HttpServerFixture {
 protected:
  void SetUp() override {
    Routes all = routes();
    const auto says = [](const std::string& text) {
      return [text](const Request& request) {
        return Response{.body = text + " " + request.path + " " + request.tail};
      };
    };
    all.get("/", says("root"));
    all.get("/api/v1/receivers/special", says("special"));
    all.post("/api/v1/receivers/*/renew", says("renew"), Access::kAnybody);
    all.get("/query", [](const Request& request) {
      std::string text;
      for (const auto& [name, value] : request.query) {
        text.append(name).append("=").append(value).append(";");
      }
      return Response{.body = text};
    });
    all.get("/packed", [](const Request&) {
      return Response{.body = std::string(5000, 'x'), .compress = true};
    });
    all.get("/split", [](const Request&) {
      return Response{.headers = {{"Location", "/x\r\nSet-Cookie: a"}}};
    });
    all.get("/empty", [](const Request&) { return Response{.status = 204}; });
    start({}, all);
  }
  static std::string with(std::string_view lines) {
    return "POST /-/reload HTTP/1.1\r\nHost: here:1\r\n" + std::string(lines) + "\r\n";
  }
  // A chunked body, of which more may be to come.
  [[nodiscard]] int status_of_chunks(std::string_view chunks) const {
    return ask(with("Transfer-Encoding: chunked\r\n") + std::string(chunks)).status;
  }
};

TEST_F(HttpRefusalsTest, ARequestLineHasThreeParts) {
  for (const char* line :
       {"GET /", "GET  HTTP/1.1", "GET / HTTP/2.0", "GET /a b HTTP/1.1", "G\x01T / HTTP/1.1",
        "GET /\x7F HTTP/1.1", "hello", "GET / http/1.1", "GET /\xC3\xA4 HTTP/1.1", "GET / HTTP/1.2",
        "GET / HTTP/0.9", " GET / HTTP/1.1", "GET\t/ HTTP/1.1"}) {
    EXPECT_EQ(ask(std::string(line) + "\r\nHost: x\r\n\r\n").status, 400) << line;
  }
  EXPECT_EQ(ask("GET / HTTP/1.1\nHost: x\n\n").status, 400) << "lines without CR";
  EXPECT_EQ(ask("\r\n\r\n" + request("GET", "/fine")).status, 200) << "behind blank lines";
}

TEST_F(HttpRefusalsTest, ThereIsOneHost) {
  EXPECT_EQ(ask("GET / HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n").status, 400);
  EXPECT_EQ(ask("GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n").status, 400);
  EXPECT_EQ(ask("GET / HTTP/1.0\r\n\r\n").status, 200);
}

TEST_F(HttpRefusalsTest, HeadersCannotBeReadInTwoWays) {
  for (const char* lines : {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                            "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
                            "Content-Length: 1\r\nContent-Length: 1\r\n",
                            "Content-Length: +1\r\n",
                            "Content-Length: -1\r\n",
                            "Content-Length: 1, 1\r\n",
                            "Content-Length: \r\n",
                            "Content-Length: 99999999999999999999999\r\n",
                            "Transfer-Encoding: gzip\r\n",
                            "Transfer-Encoding: identity\r\n",
                            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                            "Transfer-Encoding: gzip, chunked\r\n",
                            "X : y\r\n",
                            " X: folded\r\n",
                            "X: y\r\n folded\r\n",
                            "X:\r\n\tfolded\r\n",
                            ": y\r\n",
                            "no colon\r\n",
                            "X: a\rb\r\n",
                            "X: a\nY: b\r\n",
                            "X: \x01\r\n",
                            "Expect: something\r\n"}) {
    EXPECT_EQ(ask(with(lines)).status, 400) << lines;
  }
  EXPECT_EQ(ask("POST /-/reload HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status,
            400);
  EXPECT_EQ(ask(with("Transfer-Encoding: Chunked\r\n") + "0\r\n\r\n").status, 200);
}

TEST_F(HttpRefusalsTest, WhatIsBehindAHeadThatCannotBeReadIsNoRequest) {
  for (const char* lines : {"X : y\r\n", "X: y\r\n folded\r\n", "Content-Length: x\r\n"}) {
    HttpClient client = connect();
    ASSERT_TRUE(client.send(with(lines) + request("GET", "/fine")));
    EXPECT_EQ(client.receive().status, 400) << lines;
    EXPECT_TRUE(client.ends()) << lines;
  }
}

TEST_F(HttpRefusalsTest, AHeadHasSixteenKibibytesAndAHundredHeaders) {
  const std::string begin = "GET /fine HTTP/1.1\r\nHost: x\r\nX: ";
  const auto head_of = [&](std::size_t size) {
    return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(ask(head_of(std::size_t{16} << 10U)).status, 200);
  EXPECT_EQ(ask(head_of((std::size_t{16} << 10U) + 1)).status, 431);
  std::string lines;
  for (int i = 0; i < 99; ++i) lines += "X: y\r\n";  // and Host
  EXPECT_EQ(ask(with(lines)).status, 200);
  EXPECT_EQ(ask(with(lines + "X: y\r\n")).status, 431);
}

TEST_F(HttpRefusalsTest, ChunksHaveASizeAndNothingElse) {
  EXPECT_EQ(
      ask(with("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n").body,
      "abc0123456789");
  // Programs in front of this one may see the ends of extensions and trailers elsewhere, and
  // so another request.
  for (const char* text :
       {"x\r\n", "\r\n", "-1\r\n", "0x3\r\n\r\n", " 3\r\n", "3\r\nabcd\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n", "3 \r\n", "1;x=y\r\n", "2;\nxx\r\nab\r\n0\r\n\r\n",
        "0\r\nTrailer: x\r\n\r\n", "0\r\nX: y\nGET / HTTP/1.1\r\n\r\n", "1\nx\r\n", "1\rx"}) {
    EXPECT_EQ(status_of_chunks(text), 400) << text;
  }
  EXPECT_EQ(status_of_chunks(std::string(300, '1')), 400);
  EXPECT_EQ(status_of_chunks("100001\r\n"), 413) << "before any of it is read";
}

// Boost 1.81 and 1.83 assert here.
TEST_F(HttpRefusalsTest, TheLastChunkMayComeInPieces) {
  for (const std::string_view before : {"", "1\r\nx\r\n"}) {
    HttpClient client = connect();
    ASSERT_TRUE(client.send(with("Transfer-Encoding: chunked\r\n") + std::string(before)));
    for (const std::string_view piece : {"0\r\n", "\r", "\n"}) {
      ASSERT_TRUE(client.send(piece));
      // It has been read once another connection is served.
      EXPECT_EQ(get("/fine").status, 200);
    }
    EXPECT_EQ(client.receive().body, before.empty() ? "" : "x");
    EXPECT_EQ(client.ask(request("GET", "/fine")).status, 200) << "and the next request is found";
  }
}

TEST_F(HttpRefusalsTest, ATargetIsAPathThatIsDecodedOnce) {
  for (const char* text : {"/%", "/%4", "/%zz", "/%+1", "/%00", "/a%2Fb", "/?a=%", "/?%00=a", "/#a",
                           "*", "a", "ftp://host/", "http://host#a"}) {
    EXPECT_EQ(get(text).status, 400) << text;
  }
  EXPECT_EQ(get("/api/v1/receivers/a%20b%3F+%c3%A4").body, "a b?+\xC3\xA4");
  EXPECT_EQ(get("/query?name=x+y&name=%26&flag&=z&&e=f=g").body, "=z;e=f=g;flag=;name=x y;name=&;");
  EXPECT_EQ(get("/?a=1").body, "root / ");
}

TEST_F(HttpRefusalsTest, ATargetMayNameTheHostAsProxiesDo) {
  EXPECT_EQ(get("http://host:1/fine?b").body, "fine\n");
  EXPECT_EQ(get("https://host").body, "root / ");
  // The host ends at the query: what looks like a path is in it.
  EXPECT_EQ(get("http://h?x/fine").body, "root / ");
}

TEST_F(HttpRefusalsTest, APatternFitsWholePaths) {
  for (const char* path : {"/x", "/api/v1/receivers/", "/api/v1/receivers/a/b", "/api/v1", "//",
                           "/api/v1/receivers/a/renew/", "/fine/"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(get("/api/v1/receivers/special").body, "special /api/v1/receivers/special ");
  EXPECT_EQ(ask(request("POST", "/api/v1/receivers/*/renew")).body,
            "renew /api/v1/receivers/*/renew *");
  EXPECT_TRUE(ask(request("PUT", "/-/reload")).head.contains("\r\nAllow: POST\r\n"));
}

TEST_F(HttpRefusalsTest, ErrorsAreJsonBelowTheApiAlone) {
  const ClientAnswer json = get("/api/v1/nothing");
  EXPECT_TRUE(json.head.contains("\r\nContent-Type: application/json\r\n"));
  EXPECT_EQ(json.body,
            "{\"error\":{\"code\":\"not_found\",\"message\":\"not found: /api/v1/nothing\","
            "\"field\":null}}\n");
  EXPECT_EQ(get("/nothing").body, "not found: /nothing\n");
}

TEST_F(HttpRefusalsTest, PagesOfOtherHostsChangeNothing) {
  for (const char* lines :
       {"Origin: http://evil\r\n", "Origin: http://here:2\r\n", "Origin: null\r\n",
        "Origin: http://here:1\r\nOrigin: http://evil\r\n", "Sec-Fetch-Site: cross-site\r\n"}) {
    EXPECT_EQ(ask(with(lines)).status, 403) << lines;
  }
  EXPECT_EQ(ask(with("Origin: http://HERE:1\r\nSec-Fetch-Site: same-origin\r\n")).status, 200);
  EXPECT_EQ(ask(request("GET", "/fine", "Origin: http://evil\r\n")).status, 200);
}

TEST_F(HttpRefusalsTest, ReadersHaveNoBody) {
  EXPECT_EQ(ask(request("GET", "/fine", "Content-Length: 1\r\n")).status, 400);
  EXPECT_EQ(ask(request("GET", "/fine", "Transfer-Encoding: chunked\r\n")).status, 400);
  EXPECT_EQ(ask(request("GET", "/fine", "Content-Length: 0\r\n")).status, 200);
}

TEST_F(HttpRefusalsTest, AConnectionStaysOnlyAsItsVersionAndHeadersSay) {
  HttpClient client = connect();
  EXPECT_TRUE(client.ask(request("GET", "/fine")).head.contains("Connection: keep-alive"));
  EXPECT_TRUE(client.ask(request("GET", "/fine", "Connection: Keep-Alive, Close\r\n"))
                  .head.contains("Connection: close"));
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(ask("GET /fine HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                  .head.contains("Connection: close"));
}

TEST_F(HttpRefusalsTest, AnAnswerHasWhatItsRequestAsksFor) {
  const ClientAnswer answer = get("/fine");
  EXPECT_TRUE(answer.head.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << answer.head;
  EXPECT_TRUE(answer.head.contains("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_TRUE(get("/split").head.contains("Location: /x??Set-Cookie: a\r\n"));
  EXPECT_FALSE(get("/empty").head.contains("\r\nContent-")) << "204 has no content";
  for (const auto& [accepted, packed] :
       {std::pair("gzip", true), std::pair("br, GZIP;q=0.5 , x", true),
        std::pair("gzip;q=0.001", true), std::pair("gzip;q=0", false),
        std::pair("gzip; q=0.00", false), std::pair("xgzip, br", false), std::pair("", false)}) {
    const std::string line = "Accept-Encoding: " + std::string(accepted) + "\r\n";
    EXPECT_EQ(ask(request("GET", "/packed", line)).head.contains("Content-Encoding: gzip"), packed)
        << accepted;
  }
}

}  // namespace
}  // namespace mcast::http
