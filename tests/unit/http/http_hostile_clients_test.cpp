// Clients that attack: what the others have of it, and what they get themselves. The medians
// that these tests record are the table in docs/decisions/http-connections.md.
#include <poll.h>
#include <sys/socket.h>

#include "tests/unit/http/http_server_fixture.h"

namespace mcast::http {
namespace {

// anna:geheim and anna:falsch
constexpr std::string_view kRight = "Authorization: Basic YW5uYTpnZWhlaW0=\r\n";
constexpr std::string_view kWrong = "Authorization: Basic YW5uYTpmYWxzY2g=\r\n";

class HttpHostileClientsTest : public HttpServerFixture {
 protected:
  void TearDown() override {
    done_ = true;
    for (std::thread& thread : hostile_) thread.join();
    HttpServerFixture::TearDown();
  }
  // Again and again, on threads of its own, until the test ends.
  void attack(int threads, const std::function<void()>& once) {
    for (int i = 0; i < threads; ++i) {
      hostile_.emplace_back([this, once] {
        while (!done_) once();
      });
    }
  }
  [[nodiscard]] std::string socket() const { return folder_.file("api.sock"); }
  Server::Setup with_socket(std::shared_ptr<const WebSettings> web = {}) {
    Server::Setup setup{.web = std::move(web)};
    auto opened = UnixSocket::open(socket(), "");
    EXPECT_TRUE(opened);
    setup.unix_socket = std::move(*opened);
    return setup;
  }
  [[nodiscard]] HttpClient from(std::uint8_t address) const {
    return HttpClient::to_port(port_, 0, address);
  }
  static std::shared_ptr<WebSettings> users(const std::string& cost) {
    auto web = std::make_shared<WebSettings>();
    web->auth = std::make_shared<BasicAuth>(
        std::map<std::string, std::string>{{"anna", bcrypt("geheim", cost)}});
    return web;
  }

  TemporaryFolder folder_;
  std::atomic<bool> done_ = false;
  std::vector<std::thread> hostile_;
};

TEST_F(HttpHostileClientsTest, AnswersBesideAFloodOfBlankLines) {
  start(with_socket());
  std::string blank;
  for (int i = 0; i < 32'768; ++i) blank += "\r\n";
  attack(4, [this, blank] {
    HttpClient client = connect();
    while (!done_ && client.send(blank)) {
    }
  });
  expect_answers_in_time();
  expect_in_time("unix", [this] {
    return HttpClient::to_socket(socket()).ask(request("GET", "/fine")).status;
  });
}

TEST_F(HttpHostileClientsTest, AHeadHasOneDeadlineWhateverArrives) {
  Server::Setup setup;
  setup.limits.deadlines.head = milliseconds(150);
  start(std::move(setup));
  HttpClient client = connect();
  const auto started = steady_clock::now();
  while (client.send("\r\n") && steady_clock::now() - started < seconds(5)) {
    HttpClient between = connect();
    ASSERT_EQ(between.ask(request("GET", "/fine")).status, 200);
    char byte = 0;
    if (::recv(client.fd(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0) break;
  }
  EXPECT_LT(steady_clock::now() - started, seconds(1));
  EXPECT_NE(client.receive().status, 200);
}

TEST_F(HttpHostileClientsTest, AnswersBesideHandshakesOfRsa4096) {
  start(with_socket(tls_settings(folder_, make_rsa_certificate())));
  HttpClient scraper = connect();
  ASSERT_TRUE(scraper.begin_tls(folder_.file("cert.pem")));
  attack(4, [this] {
    HttpClient client = from(2);
    (void)client.begin_tls(folder_.file("cert.pem"));
  });
  expect_in_time("tls", [&] { return scraper.ask(request("GET", "/fine")).status; });
  expect_in_time("unix", [this] {
    return HttpClient::to_socket(socket()).ask(request("GET", "/fine")).status;
  });
}

TEST_F(HttpHostileClientsTest, TellNoRightPasswordFromAWrongOneWhileTheQueueIsFull) {
  Server::Setup setup{.web = users("12")};
  setup.limits.password_checks = 1;
  setup.limits.waiting_password_checks = 2;
  start(std::move(setup));
  EXPECT_EQ(from(2).ask(request("GET", "/fine", kRight)).status, 200) << "is remembered";
  // One is checked, two wait.
  std::vector<HttpClient> guesses;
  for (int i = 0; i < 4; ++i) {
    guesses.push_back(from(2));
    ASSERT_TRUE(guesses.back().send(request("GET", "/fine", kWrong)));
    // An answer at once, or none for as long as a thread needs to take it up.
    pollfd polled{.fd = guesses.back().fd(), .events = POLLIN, .revents = 0};
    (void)::poll(&polled, 1, 20);
  }
  EXPECT_EQ(guesses.back().receive().status, 429);
  EXPECT_EQ(from(2).ask(request("GET", "/fine", kWrong)).status, 429);
  EXPECT_EQ(from(2).ask(request("GET", "/fine", kRight)).status, 429);
  // Another address has its turn.
  EXPECT_EQ(from(3).ask(request("GET", "/fine", kRight)).status, 200);
}

TEST_F(HttpHostileClientsTest, KeepNobodyOutWhoIsRememberedThoughTheyFillTheQueue) {
  Server::Setup setup{.web = users("13")};
  setup.limits.password_checks = 1;
  setup.limits.waiting_password_checks = 2;
  start(std::move(setup));
  EXPECT_EQ(from(2).ask(request("GET", "/fine", kRight)).status, 200) << "is remembered";
  std::vector<HttpClient> guesses;
  const auto guess_from = [&](std::uint8_t address) {
    guesses.push_back(from(address));
    ASSERT_TRUE(guesses.back().send(request("GET", "/fine", kWrong)));
    pollfd polled{.fd = guesses.back().fd(), .events = POLLIN, .revents = 0};
    (void)::poll(&polled, 1, 20);
  };
  // One is checked, two wait, each of another address.
  for (std::uint8_t address = 3; address < 6; ++address) guess_from(address);
  EXPECT_EQ(from(2).ask(request("GET", "/fine", kRight)).status, 200);
  // Whoever guesses beside that user finds no room; it counts nevertheless, so that right and
  // wrong are told apart no faster than by guesses that are checked.
  for (int i = 0; i < 2; ++i) guess_from(2);
  EXPECT_EQ(from(2).ask(request("GET", "/fine", kRight)).status, 429);
  EXPECT_EQ(from(2).ask(request("GET", "/fine", kWrong)).status, 429);
  EXPECT_EQ(guesses.back().receive().status, 429);
}

TEST_F(HttpHostileClientsTest, HoldNoEventStreamThatAnotherAddressAsksFor) {
  Routes all = routes();
  all.get("/events", [](const Request&) {
    return Response{.body = "hello\n", .more = [] { return std::optional<std::string>(""); }};
  });
  Server::Setup setup;
  setup.limits.streams = 4;
  start(std::move(setup), all);
  std::vector<HttpClient> greedy;
  for (int i = 0; i < 4; ++i) {
    greedy.push_back(from(2));
    ASSERT_TRUE(greedy.back().send(request("GET", "/events")));
    ASSERT_TRUE(greedy.back().receive_until("hello\n"));
  }
  EXPECT_EQ(from(2).ask(request("GET", "/events")).status, 429);
  HttpClient other = from(3);
  ASSERT_TRUE(other.send(request("GET", "/events")));
  EXPECT_TRUE(other.receive_until("hello\n"));
  EXPECT_TRUE(greedy.front().ends()) << "the oldest of the address that has most";
}

TEST_F(HttpHostileClientsTest, DoNotKeepTheServerFromStoppingWithPasswords) {
  start({.web = users("14")});
  HttpClient client = connect();
  ASSERT_TRUE(client.send(request("GET", "/fine", kWrong)));
  EXPECT_EQ(ask(request("GET", "/fine")).status, 401) << "so the first one is being checked";
  const auto started = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - started, milliseconds(500));
}

// The client's buffer is full when the server wants to say that it may go on.
TEST_F(HttpHostileClientsTest, AreToldToGoOnThoughTheyReadSlowly) {
  Routes all = routes();
  all.get("/medium", [](const Request&) { return Response{.body = std::string(300'000, 'x')}; });
  start({.web = tls_settings(folder_)}, all);
  for (int round = 0; round < 20; ++round) {
    HttpClient client = HttpClient::to_port(port_, 4096);
    ASSERT_TRUE(client.begin_tls(folder_.file("cert.pem")));
    ASSERT_TRUE(
        client.send(request("GET", "/medium") +
                    request("POST", "/-/reload", "Content-Length: 2\r\nExpect: 100-continue\r\n")));
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive().status, 100);
    EXPECT_EQ(client.ask("ab").body, "ab");
  }
}

}  // namespace
}  // namespace mcast::http
