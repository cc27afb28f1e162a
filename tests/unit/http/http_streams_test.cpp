// Event streams: answers that go on.
#include "http/streams.h"

#include <sys/socket.h>

#include <condition_variable>

#include "tests/unit/http/http_server_fixture.h"
#include "tests/unit/http/test_certificate.h"

namespace mcast::agent {
namespace {

// What all streams send next; each counts while it lives.
class Source {
 public:
  HttpResponse open(const std::stop_token& stopping) {
    // Counted by what `more` holds, so that its end is seen.
    auto counted = std::shared_ptr<void>(nullptr, [this](void*) { --open_; });
    ++open_;
    return {.content_type = "text/event-stream",
            .body = ": hello\n\n",
            .more = [this, counted, stopping, seen = std::size_t{0}]() mutable {
              return next(seen, stopping);
            }};
  }
  void say(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    said_.push_back(text);
    changed_.notify_all();
  }
  void end() {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  // Sends without a pause.
  void flood(const std::string& text) { flood_ = text; }
  [[nodiscard]] int open() const { return open_; }

 private:
  std::optional<std::string> next(std::size_t& seen, const std::stop_token& stopping) {
    std::unique_lock lock(mutex_);
    if (!flood_.empty()) return flood_;
    (void)changed_.wait_for(lock, stopping, milliseconds(300),
                            [&] { return ended_ || said_.size() > seen; });
    if (said_.size() > seen) return said_[seen++];
    if (ended_) return std::nullopt;
    return "";
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
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
    all.get("/api/v1/events",
            [this](const HttpRequest& request) { return source_.open(request.stopping); });
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
  EXPECT_TRUE(eventually([&] { return source_.open() == 0; }));
}

TEST_F(HttpStreamsTest, OfHeadEndAtOnce) {
  HttpClient client = connect();
  const ClientAnswer answer = client.ask(request("HEAD", "/api/v1/events"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(eventually([&] { return source_.open() == 0; }));
}

TEST_F(HttpStreamsTest, EndWithinASecondOfTheirClient) {
  {
    HttpClient client = listen();
    EXPECT_TRUE(client.receive_until(": hello\n\n"));
    EXPECT_EQ(source_.open(), 1);
  }
  const auto gone = steady_clock::now();
  EXPECT_TRUE(eventually([&] { return source_.open() == 0; }));
  EXPECT_LT(steady_clock::now() - gone, seconds(1));
}

TEST_F(HttpStreamsTest, MayBeSixtyFourAtATime) {
  std::vector<HttpClient> clients;
  for (std::size_t i = 0; i < HttpStreams::kMost; ++i) {
    clients.push_back(listen());
    ASSERT_TRUE(clients.back().receive_until(": hello\n\n"));
  }
  const ClientAnswer refused = get("/api/v1/events");
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.body.contains("\"code\":\"too_many\"")) << refused.body;
  // What the refused one had opened may go a moment after its answer.
  EXPECT_TRUE(eventually([&] { return source_.open() == static_cast<int>(HttpStreams::kMost); }));
  source_.say("data: x\n\n");
  for (HttpClient& client : clients) EXPECT_TRUE(client.receive_until("data: x\n\n"));
  clients.pop_back();
  EXPECT_TRUE(eventually([&] {
    return get("/fine").status == 200 && source_.open() < static_cast<int>(HttpStreams::kMost);
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
  EXPECT_EQ(source_.open(), 0);
}

TEST_F(HttpStreamsTest, EndWhenTheServerStops) {
  HttpClient client = listen();
  EXPECT_TRUE(client.receive_until(": hello\n\n"));
  const auto started = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - started, milliseconds(700));
  EXPECT_EQ(source_.open(), 0);
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpStreamsTest, GoOverTlsAsWell) {
  const TemporaryFolder folder;
  const TestCertificate made = make_certificate();
  folder.write("cert.pem", made.certificate);
  folder.write("key.pem", made.key);
  auto config = parse_web_config("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n",
                                 folder.path());
  ASSERT_TRUE(config);
  start({.web = std::make_shared<const WebConfig>(std::move(*config))}, with_events());
  {
    HttpClient client = connect();
    ASSERT_TRUE(client.begin_tls(folder.file("cert.pem")));
    ASSERT_TRUE(client.send(request("GET", "/api/v1/events")));
    EXPECT_TRUE(client.receive_until(": hello\n\n"));
    source_.say("data: one\n\n");
    EXPECT_TRUE(client.receive_until("data: one\n\n"));
  }
  EXPECT_TRUE(eventually([&] { return source_.open() == 0; }));
}

}  // namespace
}  // namespace mcast::agent
