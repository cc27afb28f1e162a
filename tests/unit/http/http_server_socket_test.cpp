// The Unix socket: who may use it, and what for.
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/http/http_server_fixture.h"

namespace mcast::http {
namespace {

constexpr uid_t kNobody = 65534;
constexpr gid_t kGroup = 4711;

class HttpServerSocketTest : public HttpServerFixture {
 protected:
  void SetUp() override {
    auto opened = UnixSocket::open(path(), ::geteuid() == 0 ? std::to_string(kGroup) : "");
    ASSERT_TRUE(opened) << opened.error().message;
    Server::Setup setup;
    setup.unix_socket = std::move(*opened);
    setup.limits.unix_connections = 4;
    setup.limits.tcp_connections = 8;
    start(std::move(setup));
  }
  [[nodiscard]] std::string path() const { return folder_.file("api.sock"); }
  [[nodiscard]] ClientAnswer ask_socket(std::string_view text) const {
    return HttpClient::to_socket(path()).ask(text);
  }
  // The status that user nobody gets, in this group besides its own.
  [[nodiscard]] int status_for_nobody(gid_t group) const {
    // The file's mode would do by itself; what is tested here is the second lock.
    EXPECT_EQ(::chmod(path().c_str(), 0666), 0);
    EXPECT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgroups(1, &group) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) {
        ::_exit(1);
      }
      const ClientAnswer answer = ask_socket(request("GET", "/fine"));
      ::_exit(answer.status == 403 && answer.body.contains("uid 65534") ? 43 : answer.status / 10);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WEXITSTATUS(status) == 43 ? 403 : WEXITSTATUS(status) * 10;
  }

  TemporaryFolder folder_;
};

TEST_F(HttpServerSocketTest, ReadsAndWrites) {
  EXPECT_EQ(ask_socket(request("GET", "/fine")).body, "fine\n");
  const ClientAnswer answer = ask_socket(request("POST", "/api/v1/receivers", "", "{}"));
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_TRUE(
      ask_socket(request("GET", "/peer")).body.contains("pid " + std::to_string(::getpid())));
}

TEST_F(HttpServerSocketTest, IsNamedToThoseWhoMayNotWriteOverTcp) {
  EXPECT_TRUE(ask(request("POST", "/api/v1/receivers", "", "{}")).body.contains(path()));
}

TEST_F(HttpServerSocketTest, IsForItsGroupAndForNobodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
  EXPECT_EQ(status_for_nobody(kGroup), 200);
  EXPECT_EQ(status_for_nobody(kGroup + 1), 403);
}

TEST_F(HttpServerSocketTest, AnswersBesideAFloodOnTcp) {
  std::vector<HttpClient> flood;
  flood.reserve(100);
  for (int i = 0; i < 100; ++i) flood.push_back(connect());
  EXPECT_EQ(ask_socket(request("GET", "/fine")).status, 200);
}

TEST_F(HttpServerSocketTest, IsGoneWhenTheServerStops) {
  HttpClient idle = HttpClient::to_socket(path());
  EXPECT_EQ(idle.ask(request("GET", "/fine")).status, 200);
  server_->stop();
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_TRUE(idle.ends());
}

}  // namespace
}  // namespace mcast::http
