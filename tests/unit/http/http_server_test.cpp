// Over loopback sockets: the server has to be seen at work.
#include "http/server.h"

#include "tests/unit/http/http_server_fixture.h"

namespace mcast::http {
namespace {

class HttpServerTest : public HttpServerFixture {
 protected:
  void SetUp() override { start(); }
};

TEST_F(HttpServerTest, AnswersGetAndHead) {
  const ClientAnswer answer = get("/fine");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "fine\n");
  HttpClient client = connect();
  const ClientAnswer head = client.ask(request("HEAD", "/fine", "Connection: close\r\n"));
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.head.contains("Content-Length: 5\r\n")) << head.head;
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpServerTest, GivesTailAndQueryDecoded) {
  EXPECT_EQ(get("/api/v1/receivers/a%20b?detail=true&name=x%26y").body, "a b detail=true name=x&y");
  EXPECT_EQ(get("/api/v1/receivers/a/b").status, 404);
}

TEST_F(HttpServerTest, TellsMissingFromNotAllowed) {
  EXPECT_EQ(get("/missing").status, 404);
  const ClientAnswer answer = ask(request("DELETE", "/fine"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_TRUE(answer.head.contains("Allow: GET, HEAD\r\n"));
}

TEST_F(HttpServerTest, KeepsTheReasonOfAFailureToItself) {
  const ClientAnswer answer = get("/bad");
  EXPECT_EQ(answer.status, 500);
  EXPECT_FALSE(answer.body.contains("secret"));
  const std::scoped_lock lock(mutex_);
  EXPECT_EQ(error_, "a secret");
}

TEST_F(HttpServerTest, ServesManyRequestsOfAConnectionInTheirOrder) {
  HttpClient client = connect();
  std::string all;
  for (int i = 0; i < 100; ++i) all += request("GET", "/api/v1/receivers/" + std::to_string(i));
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.receive().body, std::to_string(i));
  EXPECT_EQ(client.ask(request("GET", "/missing")).status, 404) << "and goes on after an error";
  EXPECT_EQ(client.ask(request("GET", "/fine")).status, 200);
}

TEST_F(HttpServerTest, TakesARequestByteByByte) {
  HttpClient client = connect();
  for (const char c : request("POST", "/-/reload", "", "body")) {
    ASSERT_TRUE(client.send(std::string_view(&c, 1)));
  }
  EXPECT_EQ(client.receive().body, "body");
}

TEST_F(HttpServerTest, ClosesAfterTheAnswerWhenAsked) {
  HttpClient client = connect();
  EXPECT_EQ(client.ask(request("GET", "/fine", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(client.ends());
  HttpClient old = connect();
  EXPECT_EQ(old.ask("GET /fine HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(old.ends());
}

TEST_F(HttpServerTest, CompressesForThoseWhoAcceptIt) {
  const ClientAnswer packed = ask(request("GET", "/large", "Accept-Encoding: br, gzip\r\n"));
  EXPECT_TRUE(packed.head.contains("Content-Encoding: gzip"));
  EXPECT_LT(packed.body.size(), std::size_t{1} << 20U);
  EXPECT_FALSE(
      ask(request("GET", "/large", "Accept-Encoding: br\r\n")).head.contains("Content-Encoding"));
}

TEST_F(HttpServerTest, RefusesWritingOverPlainTcp) {
  const ClientAnswer answer = ask(request("POST", "/api/v1/receivers", "", "{}"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(answer.body.contains("\"code\":\"forbidden\"")) << answer.body;
  EXPECT_TRUE(answer.body.contains("TLS and basic_auth_users"));
}

TEST_F(HttpServerTest, SaysWhoAsks) {
  EXPECT_TRUE(get("/peer").body.starts_with("127.0.0.1:"));
}

TEST_F(HttpServerTest, HasJsonErrorsBelowTheApiForBrokenRequestsToo) {
  EXPECT_TRUE(
      ask("GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n").body.contains("\"code\":\"bad_request\""));
  EXPECT_TRUE(
      ask("GET /api/v1/x HTTP/9\r\nHost: x\r\n\r\n").body.contains("\"code\":\"bad_request\""));
  EXPECT_FALSE(ask("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n").body.contains("{"));
}

TEST_F(HttpServerTest, StopsInTimeThoughClientsHoldTheirConnections) {
  HttpClient idle = connect();
  HttpClient half = connect();
  ASSERT_TRUE(half.send("GET /fi"));
  HttpClient slow = HttpClient::to_port(port_, 4096);
  ASSERT_TRUE(slow.send(request("GET", "/large")));
  EXPECT_EQ(get("/fine").status, 200);
  const auto started = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - started, milliseconds(700));
  EXPECT_TRUE(idle.ends());
  EXPECT_FALSE(connect().connected());
}

TEST_F(HttpServerTest, StopsInTimeThoughAHandlerThrowsWhatIsNoException) {
  Routes all = routes();
  all.get("/worse", [](const Request&) -> Response { throw 42; });
  start({}, all);
  EXPECT_NE(get("/worse").status, 200);
  EXPECT_EQ(get("/fine").status, 200);
  const auto started = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - started, milliseconds(700));
}

TEST_F(HttpServerTest, SaysThatAnAddressIsTaken) {
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  const auto second = Server::listen({.addresses = {address}}, Routes(), {});
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().message.contains(address));
  EXPECT_TRUE(second.error().message.contains("in use")) << second.error().message;
}

}  // namespace
}  // namespace mcast::http
