// TLS and users, as --web.config.file asks for them.
#include "tests/unit/http/http_server_fixture.h"
#include "tests/unit/http/test_certificate.h"

namespace mcast::agent {
namespace {

class HttpServerTlsTest : public HttpServerFixture {
 protected:
  void write_certificate() {
    const TestCertificate made = make_certificate();
    folder_.write("cert.pem", made.certificate);
    folder_.write("key.pem", made.key);
  }
  static std::string tls() {
    return "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n";
  }
  static std::string users() {
    return "basic_auth_users: {anna: " + cheap_bcrypt("geheim") + "}\n";
  }

  void start_with(const std::string& web_config, HttpLimits limits = {}) {
    write_certificate();
    const std::string file = folder_.write("web.yml", web_config);
    auto config = load_web_config(file);
    ASSERT_TRUE(config) << config.error().front().message;
    start({.web_config_file = file,
           .web = std::make_shared<const WebConfig>(std::move(*config)),
           .limits = limits});
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
  EXPECT_EQ(get("/fine").status, 0) << "without TLS";
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

TEST_F(HttpServerTlsTest, LetsWhoEverDoesNotShakeHandsGo) {
  HttpLimits limits;
  limits.deadlines.handshake = milliseconds(50);
  start_with(tls(), limits);
  HttpClient silent = connect();
  EXPECT_TRUE(silent.ends());
  EXPECT_EQ(ask_with_tls(request("GET", "/fine")).status, 200);
}

TEST_F(HttpServerTlsTest, LetsUsersIn) {
  start_with(tls() + users());
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
  start_with(tls() + users());
  EXPECT_EQ(ask_with_tls(post).status, 201);
  EXPECT_EQ(ask_with_tls(request("POST", "/api/v1/receivers", kWrong, "{}")).status, 401);
  start_with(tls());
  EXPECT_EQ(ask_with_tls(post).status, 403) << "TLS alone";
  start_with(users());
  EXPECT_EQ(ask(post).status, 403) << "users alone";
  EXPECT_EQ(ask(request("GET", "/fine", kRight)).status, 200);
  EXPECT_EQ(ask(request("GET", "/fine")).status, 401);
}

TEST_F(HttpServerTlsTest, ChecksManyPasswordsAtATimeOneAfterTheOther) {
  start_with(users());
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
  start_with(tls() + users());
  HttpClient before = connect();
  ASSERT_TRUE(before.begin_tls(folder_.file("cert.pem")));
  EXPECT_EQ(before.ask(request("GET", "/fine", kRight)).status, 200);
  write_certificate();
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", kRight)).status, 0) << "not reloaded yet";
  folder_.write("web.yml", tls() + "basic_auth_users: {eva: " + cheap_bcrypt("x") + "}\n");
  const auto reloaded = server_->reload_web_config();
  ASSERT_TRUE(reloaded) << reloaded.error().front().message;
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", kRight)).status, 401);
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", "Authorization: Basic ZXZhOng=\r\n")).status, 200);
  EXPECT_EQ(before.ask(request("GET", "/fine", kRight)).status, 401) << "on old connections, too";
}

TEST_F(HttpServerTlsTest, KeepsWhatItHasWhenReloadingFails) {
  start_with(tls() + users());
  folder_.write("key.pem", make_certificate().key);
  const auto reloaded = server_->reload_web_config();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().front().line, 1U);
  EXPECT_EQ(ask_with_tls(request("GET", "/fine", kRight)).status, 200);
}

}  // namespace
}  // namespace mcast::agent
