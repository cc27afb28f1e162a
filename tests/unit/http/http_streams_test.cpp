// Event streams: answers that go on.
#include <sys/socket.h>

#include <list>

#include "tests/unit/http/http_server_fixture.h"
#include "tests/unit/http/test_certificate.h"

namespace mcast::http {
namespace {

// At a time, of each way in.
constexpr std::size_t kMax = 64;

// What all streams send next; each counts while it lives.
class Source {
 public:
  Response open() {
    // Counted by what `more` holds, so that its end is seen.
    auto counted = std::shared_ptr<void>(nullptr, [this](void*) { --open_; });
    ++open_;
    return {.content_type = "text/event-stream",
            .body = ": hello\n\n",
            .more = [this, counted, seen = std::size_t{0}]() mutable { return next(seen); },
            .subscribe = [this](std::function<void()> wake) { return subscribe(std::move(wake)); }};
  }
  void say(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    said_.push_back(text);
    for (const auto& wake : listeners_) wake();
  }
  void end() {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    for (const auto& wake : listeners_) wake();
  }
  // Sends without a pause.
  void flood(const std::string& text) { flood_ = text; }
  [[nodiscard]] int open_streams() const { return open_; }

 private:
  std::shared_ptr<void> subscribe(std::function<void()> wake) {
    const std::scoped_lock lock(mutex_);
    const auto place = listeners_.insert(listeners_.end(), std::move(wake));
    return {nullptr, [this, place](void*) {
              const std::scoped_lock ending(mutex_);
              listeners_.erase(place);
            }};
  }
  std::optional<std::string> next(std::size_t& seen) {
    const std::scoped_lock lock(mutex_);
    if (!flood_.empty()) return flood_;
    if (said_.size() > seen) return said_[seen++];
    if (ended_) return std::nullopt;
    return "";
  }

  std::mutex mutex_;
  std::list<std::function<void()>> listeners_;
  std::vector<std::string> said_;
  std::string flood_;
  bool ended_ = false;
  std::atomic<int> open_ = 0;
};

class HttpStreamsTest : public HttpServerFixture {
 protected:
  void SetUp() override { start({}, with_events()); }
  Routes with_events() {
    Routes all = routes();
    all.get("/api/v1/events", [this](const Request&) { return source_.open(); });
    return all;
  }
  [[nodiscard]] HttpClient listen() const {
    HttpClient client = connect();
    EXPECT_TRUE(client.send(request("GET", "/api/v1/events")));
    return client;
  }

  Source source_;
};

TEST_F(HttpStreamsTest, ArriveAsTheyAreSaid) {
  HttpClient client = listen();
  EXPECT_TRUE(client.receive_until(": hello\n\n"));
  source_.say("data: one\n\n");
  EXPECT_TRUE(client.receive_until("data: one\n\n"));
  source_.say("data: two\n\n");
  EXPECT_TRUE(client.receive_until("data: two\n\n"));
  source_.end();
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(eventually([&] { return source_.open_streams() == 0; }));
}

TEST_F(HttpStreamsTest, OfHeadEndAtOnce) {
  HttpClient client = connect();
  const ClientAnswer answer = client.ask(request("HEAD", "/api/v1/events"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(eventually([&] { return source_.open_streams() == 0; }));
}

TEST_F(HttpStreamsTest, EndWithinASecondOfTheirClient) {
  {
    HttpClient client = listen();
    EXPECT_TRUE(client.receive_until(": hello\n\n"));
    EXPECT_EQ(source_.open_streams(), 1);
  }
  const auto gone = steady_clock::now();
  EXPECT_TRUE(eventually([&] { return source_.open_streams() == 0; }));
  EXPECT_LT(steady_clock::now() - gone, seconds(1));
}

TEST_F(HttpStreamsTest, MayBeSixtyFourAtATime) {
  std::vector<HttpClient> clients;
  for (std::size_t i = 0; i < kMax; ++i) {
    clients.push_back(listen());
    ASSERT_TRUE(clients.back().receive_until(": hello\n\n"));
  }
  const ClientAnswer refused = get("/api/v1/events");
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.body.contains("\"code\":\"too_many\"")) << refused.body;
  // What the refused one had opened may go a moment after its answer.
  EXPECT_TRUE(eventually([&] { return source_.open_streams() == static_cast<int>(kMax); }));
  source_.say("data: x\n\n");
  for (HttpClient& client : clients) EXPECT_TRUE(client.receive_until("data: x\n\n"));
  clients.pop_back();
  EXPECT_TRUE(eventually([&] {
    return get("/fine").status == 200 && source_.open_streams() < static_cast<int>(kMax);
  }));
  HttpClient another = listen();
  EXPECT_TRUE(another.receive_until("data: x\n\n"));
}

TEST_F(HttpStreamsTest, ThatAreReadSlowlyKeepNobodyWaiting) {
  source_.flood(std::string(100'000, 'x'));
  std::vector<HttpClient> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(HttpClient::to_port(port_, 4096));
    ASSERT_TRUE(slow.back().send(request("GET", "/api/v1/events")));
    ASSERT_TRUE(slow.back().receive_until(": hello\n\n"));
  }
  HttpClient quick = listen();
  EXPECT_TRUE(quick.receive_until(std::string(3'000'000, 'x')));
  EXPECT_EQ(get("/fine").status, 200);
  const auto started = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - started, milliseconds(700)) << "in the middle of writing";
  EXPECT_EQ(source_.open_streams(), 0);
}

TEST_F(HttpStreamsTest, EndWhenTheServerStops) {
  HttpClient client = listen();
  EXPECT_TRUE(client.receive_until(": hello\n\n"));
  const auto started = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - started, milliseconds(700));
  EXPECT_EQ(source_.open_streams(), 0);
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpStreamsTest, GoOverTlsAsWell) {
  const TemporaryFolder folder;
  const auto settings = tls_settings(folder);
  ASSERT_TRUE(settings);
  start({.web = settings}, with_events());
  {
    HttpClient client = connect();
    ASSERT_TRUE(client.begin_tls(folder.file("cert.pem")));
    ASSERT_TRUE(client.send(request("GET", "/api/v1/events")));
    EXPECT_TRUE(client.receive_until(": hello\n\n"));
    source_.say("data: one\n\n");
    EXPECT_TRUE(client.receive_until("data: one\n\n"));
  }
  EXPECT_TRUE(eventually([&] { return source_.open_streams() == 0; }));
}

TEST_F(HttpStreamsTest, CountWhileWhatTheySendNextIsAskedForButNotAsRequests) {
  std::atomic<int> asked = 0;
  std::atomic<bool> may_return = false;
  Routes all = routes();
  all.get("/events", [&](const Request&) {
    return Response{.body = ": hello\n\n", .more = [&] {
                      ++asked;
                      (void)eventually([&] { return may_return.load(); });
                      return std::optional<std::string>("");
                    }};
  });
  Server::Setup setup;
  setup.limits.streams = 2;
  setup.limits.requests_of_an_address = 2;
  start(std::move(setup), all);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(connect());
    ASSERT_TRUE(clients.back().send(request("GET", "/events")));
  }
  EXPECT_TRUE(eventually([&] { return asked == 2; }));
  const ClientAnswer refused = get("/events");
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.body.contains("2 clients read events already")) << refused.body;
  EXPECT_EQ(get("/fine").status, 200) << "a proxy asks for all of its viewers";
  may_return = true;
  server_.reset();
}

}  // namespace
}  // namespace mcast::http
