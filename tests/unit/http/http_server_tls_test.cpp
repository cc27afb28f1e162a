// TLS and users, as --web.config.file asks for them.
#include "tests/unit/http/http_server_fixture.h"
#include "tests/unit/http/test_certificate.h"

namespace mcast::http {
namespace {

class HttpServerTlsTest : public HttpServerFixture {
 protected:
  std::shared_ptr<WebSettings> tls() { return tls_settings(folder_); }
  static std::shared_ptr<BasicAuth> users() {
    return std::make_shared<BasicAuth>(
        std::map<std::string, std::string>{{"anna", cheap_bcrypt("geheim")}});
  }
  std::shared_ptr<WebSettings> tls_and_users() {
    auto settings = tls();
    settings->auth = users();
    return settings;
  }
  static std::shared_ptr<WebSettings> users_alone() {
    auto settings = std::make_shared<WebSettings>();
    settings->auth = users();
    return settings;
  }

  void start_with(std::shared_ptr<const WebSettings> web, const Limits& limits = {}) {
    ASSERT_TRUE(web);
    start({.web = std::move(web), .limits = limits});
  }
  ClientAnswer ask_with_tls(std::string_view text) {
    HttpClient client = connect();
    if (!client.begin_tls(folder_.file("cert.pem"))) return {};
    return client.ask(text);
  }

  // anna:geheim and anna:falsch
  static constexpr std::string_view kRight = "Authorization: Basic YW5uYTpnZWhlaW0=\r\n";
  static constexpr std::string_view kWrong = "Authorization: Basic YW5uYTpmYWxzY2g=\r\n";
  TemporaryFolder folder_;
};

TEST_F(HttpServerTlsTest, ServesThoseWhoTrustItsCertificate) {
  start_with(tls());
  EXPECT_EQ(ask_with_tls(request("GET", "/fine")).body, "fine\n");
  folder_.write("other.pem", make_certificate().certificate);
  HttpClient other = connect();
  EXPECT_FALSE(other.begin_tls(folder_.file("other.pem")));
  const ClientAnswer plain = get("/fine");
  EXPECT_EQ(plain.status, 400);
  EXPECT_EQ(plain.body, "this port speaks TLS: ask it with https://\n");
}

TEST_F(HttpServerTlsTest, SendsLargeAnswersAndKeepsTheConnection) {
  start_with(tls());
  HttpClient client = connect();
  ASSERT_TRUE(client.begin_tls(folder_.file("cert.pem")));
  EXPECT_EQ(client.ask(request("GET", "/large")).body.size(), std::size_t{8} << 20U);
  ASSERT_TRUE(client.send(request("GET", "/fine") + request("GET", "/missing")));
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.receive().status, 404);
  const std::string body(100'000, 'x');
  EXPECT_EQ(client.ask(request("POST", "/-/reload", "", body)).body, body);
}

TEST_F(HttpServerTlsTest, LetsClientsGoThatDoNotShakeHands) {
  Limits limits;
  limits.deadlines.handshake = milliseconds(50);
  start_with(tls(), limits);
  HttpClient silent = connect();
  EXPECT_TRUE(silent.ends());
  EXPECT_EQ(ask_with_tls(request("GET", "/fine")).status, 200);
}

TEST_F(HttpServerTlsTest, LetsUsersIn) {
  start_with(tls_and_users());
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", kRight)).status, 200);
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", kRight)).status, 200) << "remembered";
  const ClientAnswer wrong = ask_with_tls(request("GET", "/fine", kWrong));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_TRUE(wrong.head.contains("WWW-Authenticate: Basic realm=\"mcast-agent\""));
  const ClientAnswer missing = ask_with_tls(request("GET", "/api/v1/receivers/a"));
  EXPECT_EQ(missing.status, 401);
  EXPECT_TRUE(missing.body.contains("\"code\":\"unauthorized\"")) << missing.body;
  EXPECT_EQ(ask_with_tls(request("GET", "/no-such-path")).status, 401) << "paths stay unknown";
}

TEST_F(HttpServerTlsTest, AllowsWritingWithTlsAndUsersAlone) {
  const std::string post = request("POST", "/api/v1/receivers", kRight, "{}");
  start_with(tls_and_users());
  EXPECT_EQ(ask_with_tls(post).status, 201);
  EXPECT_EQ(ask_with_tls(request("POST", "/api/v1/receivers", kWrong, "{}")).status, 401);
  start_with(tls());
  EXPECT_EQ(ask_with_tls(post).status, 403) << "TLS alone";
  start_with(users_alone());
  EXPECT_EQ(ask(post).status, 403) << "users alone";
  EXPECT_EQ(ask(request("GET", "/fine", kRight)).status, 200);
  EXPECT_EQ(ask(request("GET", "/fine")).status, 401);
}

TEST_F(HttpServerTlsTest, ChecksManyPasswordsAtATimeOneAfterTheOther) {
  start_with(users_alone());
  std::vector<HttpClient> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(connect());
    ASSERT_TRUE(clients.back().send(request("GET", "/fine", i % 2 == 0 ? kRight : kWrong)));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i].receive().status, i % 2 == 0 ? 200 : 401);
  }
}

TEST_F(HttpServerTlsTest, TakesANewCertificateAndNewUsersWhenReloaded) {
  start_with(tls_and_users());
  HttpClient before = connect();
  ASSERT_TRUE(before.begin_tls(folder_.file("cert.pem")));
  EXPECT_EQ(before.ask(request("GET", "/fine", kRight)).status, 200);
  // A certificate that clients trust from now on, and that the server has not got yet.
  auto renewed = tls();
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", kRight)).status, 0);
  renewed->auth =
      std::make_shared<BasicAuth>(std::map<std::string, std::string>{{"eva", cheap_bcrypt("x")}});
  server_->set_web(renewed);
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", kRight)).status, 401);
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", "Authorization: Basic ZXZhOng=\r\n")).status, 200);
  EXPECT_EQ(before.ask(request("GET", "/fine", kRight)).status, 401) << "on old connections, too";
}

}  // namespace
}  // namespace mcast::http
