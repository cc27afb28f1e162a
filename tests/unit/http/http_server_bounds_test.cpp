// Clients that are slow, many, or send what they should not; and those beside them,
// who are answered.
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>

#include "tests/unit/http/http_server_fixture.h"

namespace mcast::http {
namespace {

constexpr std::size_t kMany = 1000;
std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class HttpServerBoundsTest : public HttpServerFixture {
 protected:
  static Server::Setup setup(const Deadlines& deadlines) {
    Server::Setup setup;
    setup.limits.deadlines = deadlines;
    return setup;
  }

  std::vector<HttpClient> connect_many() {
    std::vector<HttpClient> clients;
    for (std::size_t i = 0; i < kMany; ++i) {
      clients.push_back(connect());
      EXPECT_TRUE(clients.back().connected());
    }
    return clients;
  }

  // Both ends of a thousand connections.
  void SetUp() override {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < 4096) {
      limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
      (void)::setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < 4096) GTEST_SKIP() << "too few descriptors";
  }
};

TEST_F(HttpServerBoundsTest, AnswersBesideAThousandConnectionsThatSayNothing) {
  start(setup({.first_byte = seconds(60)}));
  const auto started = steady_clock::now();
  const std::vector<HttpClient> idle = connect_many();
  EXPECT_LT(steady_clock::now() - started, kInTime) << "connecting counts: none lost its SYN";
  expect_answers_in_time();
}

TEST_F(HttpServerBoundsTest, AnswersBesideAThousandClientsThatSendByteByByte) {
  start(setup({.head = seconds(60)}));
  std::vector<HttpClient> slow = connect_many();
  const std::string text = request("GET", "/fine");
  std::size_t sent = 0;
  expect_answers_in_time([&] {
    // Ten requests of ours to a byte of each of them.
    if (sent % 10 == 0) {
      for (HttpClient& client : slow)
        (void)client.send(std::string_view(text).substr(sent / 10, 1));
    }
    ++sent;
  });
}

TEST_F(HttpServerBoundsTest, AnswersBesideClientsThatSendBodiesOrReadSlowly) {
  Server::Setup with = setup({.body = seconds(60), .answer = seconds(60)});
  with.limits.answer_bytes = std::size_t{1} << 30U;
  start(std::move(with));
  std::vector<HttpClient> slow;
  // More than there are workers.
  for (int i = 0; i < 30; ++i) {
    slow.push_back(connect());
    ASSERT_TRUE(
        slow.back().send("POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"));
    slow.push_back(HttpClient::to_port(port_, 4096));
    ASSERT_TRUE(slow.back().send(request("GET", "/large")));
    ASSERT_TRUE(slow.back().receive_until("HTTP/1.1 200"));
  }
  expect_answers_in_time();
}

TEST_F(HttpServerBoundsTest, AnswersBesideAClientThatAsksWithoutAPause) {
  start();
  std::string many;
  for (int i = 0; i < 1000; ++i) many += request("GET", "/missing");
  std::atomic<bool> done = false;
  HttpClient greedy = connect();
  std::thread asks([&] {
    while (!done) {
      if (!greedy.send(many)) break;
      for (int i = 0; i < 1000 && !done; ++i) {
        if (greedy.receive().status != 404) break;
      }
    }
  });
  expect_answers_in_time();
  done = true;
  asks.join();
}

TEST_F(HttpServerBoundsTest, AnswersWhereAllConnectionsOweABodyOrDoNotReadTheirAnswer) {
  Server::Setup with = setup({.body = seconds(60), .answer = seconds(60)});
  with.limits.tcp_connections = 8;
  start(std::move(with));
  std::vector<HttpClient> slow;
  for (int i = 0; i < 8; ++i) {
    if (i % 2 == 0) {
      slow.push_back(connect());
      ASSERT_TRUE(
          slow.back().send("POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"));
    } else {
      slow.push_back(HttpClient::to_port(port_, 4096));
      ASSERT_TRUE(slow.back().send(request("GET", "/large")));
      ASSERT_TRUE(slow.back().receive_until("HTTP/1.1 200"));
    }
  }
  for (int i = 0; i < 8; ++i) EXPECT_EQ(get("/fine").status, 200);
}

TEST_F(HttpServerBoundsTest, LetsTheOldestIdleConnectionGoForANewOne) {
  Server::Setup with;
  with.limits.tcp_connections = 10;
  start(std::move(with));
  std::vector<HttpClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(connect());
    EXPECT_EQ(clients.back().ask(request("GET", "/fine")).status, 200);
  }
  // The first one is not the one that has been idle for longest any more.
  EXPECT_EQ(clients[0].ask(request("GET", "/fine")).status, 200);
  EXPECT_EQ(get("/fine").status, 200);
  EXPECT_TRUE(clients[1].ends());
  EXPECT_EQ(clients[0].ask(request("GET", "/fine")).status, 200);
}

TEST_F(HttpServerBoundsTest, LetsConnectionsGoThatDoNothingOrTakeTooLong) {
  start(setup({.first_byte = milliseconds(50),
               .idle = milliseconds(100),
               .head = milliseconds(150),
               .body = milliseconds(150),
               .answer = milliseconds(200)}));
  HttpClient silent = connect();
  EXPECT_TRUE(silent.ends());

  HttpClient idle = connect();
  EXPECT_EQ(idle.ask(request("GET", "/fine")).status, 200);
  EXPECT_TRUE(idle.ends());

  HttpClient half_head = connect();
  ASSERT_TRUE(half_head.send("GET /fine HTT"));
  EXPECT_EQ(half_head.receive().status, 408);
  EXPECT_TRUE(half_head.ends());

  HttpClient half_body = connect();
  ASSERT_TRUE(half_body.send("POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"));
  EXPECT_EQ(half_body.receive().status, 408);

  // Seen by the server's descriptor: what the kernel holds, the client may still read.
  const std::size_t before = open_descriptors();
  HttpClient does_not_read = HttpClient::to_port(port_, 4096);
  ASSERT_TRUE(does_not_read.send(request("GET", "/large")));
  ASSERT_TRUE(does_not_read.receive_until("HTTP/1.1 200"));
  EXPECT_TRUE(eventually([&] { return open_descriptors() <= before + 1; }));
  EXPECT_LT(does_not_read.receive().body.size(), std::size_t{8} << 20U);
}

TEST_F(HttpServerBoundsTest, ResetsAConnectionWhoseAnswerIsNotRead) {
  start(setup({.answer = milliseconds(100)}));
  const std::size_t before = open_descriptors();
  HttpClient client = HttpClient::to_port(port_, 4096);
  ASSERT_TRUE(client.send(request("GET", "/large")));
  ASSERT_TRUE(client.receive_until("HTTP/1.1 200"));
  EXPECT_TRUE(eventually([&] { return open_descriptors() <= before + 1; }));
  // The kernel keeps nothing of it to send.
  std::array<char, 65'536> bytes{};
  ssize_t taken = 0;
  while ((taken = ::recv(client.fd(), bytes.data(), bytes.size(), 0)) > 0) {
  }
  EXPECT_EQ(taken, -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST_F(HttpServerBoundsTest, RefusesHeadsThatAreTooLargeOrNone) {
  start();
  EXPECT_EQ(get("/" + std::string(64 << 10, 'x')).status, 431);
  EXPECT_TRUE(get("/api/" + std::string(64 << 10, 'x')).body.contains("\"code\":\"too_large\""));
  EXPECT_EQ(ask(std::string(64 << 10, 'x')).status, 431);
  EXPECT_EQ(ask("\x16\x03\x01").status, 400);
  EXPECT_EQ(ask("hello\r\n\r\n").status, 400);
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += "X: y\r\n";
  EXPECT_EQ(ask(request("GET", "/fine", headers)).status, 431);
  EXPECT_EQ(ask(request("POST", "/-/reload", "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"))
                .status,
            400);
}

TEST_F(HttpServerBoundsTest, TakesBodiesOfAMebibyteAndNoByteMore) {
  start();
  const std::string body((std::size_t{1} << 20U), 'x');
  EXPECT_EQ(ask(request("POST", "/-/reload", "", body)).body, body);
  // By its head alone, before any of it is sent.
  EXPECT_EQ(ask(request("POST", "/-/reload", "Content-Length: 1048577\r\n")).status, 413);
  HttpClient chunks = connect();
  ASSERT_TRUE(chunks.send(request("POST", "/-/reload", "Transfer-Encoding: chunked\r\n")));
  ASSERT_TRUE(chunks.send("100000\r\n" + body + "\r\n"));
  EXPECT_EQ(chunks.ask("1\r\nx\r\n").status, 413);
  // A client that sends on though it was refused reads why.
  EXPECT_EQ(ask(request("POST", "/api/v1/receivers", "", body)).status, 403);
}

TEST_F(HttpServerBoundsTest, TellsAClientThatItsBodyIsWanted) {
  start();
  HttpClient client = connect();
  ASSERT_TRUE(
      client.send(request("POST", "/-/reload", "Content-Length: 2\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(client.receive().status, 100);
  EXPECT_EQ(client.ask("ab").body, "ab");
  // And one whose body is not, at once.
  EXPECT_EQ(ask(request("POST", "/x", "Content-Length: 2\r\nExpect: 100-continue\r\n")).status,
            404);
}

TEST_F(HttpServerBoundsTest, BoundsTheBodiesOfAllClientsTogether) {
  Server::Setup with;
  with.limits.body_bytes = 1000;
  start(std::move(with));
  HttpClient first = connect();
  ASSERT_TRUE(
      first.send(request("POST", "/-/reload", "Content-Length: 800\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(first.receive().status, 100);
  EXPECT_EQ(ask(request("POST", "/-/reload", "", std::string(300, 'x'))).status, 429);
  EXPECT_EQ(first.ask(std::string(800, 'x')).status, 200);
  EXPECT_EQ(ask(request("POST", "/-/reload", "", std::string(300, 'x'))).status, 200);
}

TEST_F(HttpServerBoundsTest, GivesAnAddressHalfOfTheBytesOfBodies) {
  Server::Setup with;
  with.limits.body_bytes = 1000;
  start(std::move(with));
  const std::string wanted =
      request("POST", "/-/reload", "Content-Length: 300\r\nExpect: 100-continue\r\n");
  HttpClient first = HttpClient::to_port(port_, 0, 2);
  EXPECT_EQ(first.ask(wanted).status, 100);
  EXPECT_EQ(HttpClient::to_port(port_, 0, 2).ask(wanted).status, 429);
  EXPECT_EQ(HttpClient::to_port(port_, 0, 3).ask(wanted).status, 100);
  EXPECT_EQ(first.ask(std::string(300, 'x')).status, 200);
}

TEST_F(HttpServerBoundsTest, SaysWhetherTheAddressAsksForTooMuchOrAllDo) {
  std::atomic<int> asked = 0;
  std::atomic<bool> may_return = false;
  Routes all = routes();
  all.get("/slow", [&](const Request&) {
    ++asked;
    (void)eventually([&] { return may_return.load(); });
    return Response{};
  });
  Server::Setup with;
  with.limits.requests_of_an_address = 1;
  with.limits.waiting_requests = 1;
  start(std::move(with), all);
  std::vector<HttpClient> slow;
  // Four are at work, one waits.
  for (std::uint8_t address = 2; address < 7; ++address) {
    slow.push_back(HttpClient::to_port(port_, 0, address));
    ASSERT_TRUE(slow.back().send(request("GET", "/slow")));
    EXPECT_TRUE(eventually([&] { return asked == std::min<int>(address - 1, 4); }));
  }
  // The last one has been read once another connection is served.
  EXPECT_EQ(get("/%").status, 400);
  EXPECT_EQ(HttpClient::to_port(port_, 0, 2).ask(request("GET", "/fine")).body,
            "too many requests of this address at a time\n");
  EXPECT_EQ(HttpClient::to_port(port_, 0, 9).ask(request("GET", "/fine")).body,
            "too many requests at a time\n");
  may_return = true;
  for (HttpClient& client : slow) EXPECT_EQ(client.receive().status, 200);
  server_.reset();
}

TEST_F(HttpServerBoundsTest, BoundsTheAnswersThatNobodyReads) {
  Server::Setup with;
  with.limits.answer_bytes = std::size_t{20} << 20U;
  start(std::move(with));
  std::vector<HttpClient> slow;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(HttpClient::to_port(port_, 4096));
    ASSERT_TRUE(slow.back().send(request("GET", "/large")));
    ASSERT_TRUE(slow.back().receive_until("HTTP/1.1 200"));
  }
  EXPECT_LT(slow.front().receive().body.size(), std::size_t{8} << 20U) << "the oldest is cut off";
  EXPECT_EQ(slow.back().receive().body.size(), std::size_t{8} << 20U);
}

}  // namespace
}  // namespace mcast::http
