// Over loopback sockets: the server has to be seen at work.
#include "agent/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "agent/listen_address.h"
#include "base/file_descriptor.h"

namespace mcast::agent {
namespace {

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    Routes routes;
    routes.get("/fine", [](const HttpRequest&) { return HttpResponse{.body = "fine\n"}; });
    routes.get("/bad",
               [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("a secret"); });
    auto server = HttpServer::listen(std::array<std::string, 1>{"127.0.0.1:0"}, routes,
                                     [this](std::string_view what) { error_ = what; });
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    port_ = parse_listen_address(server_->bound().front())->port;
  }

  [[nodiscard]] FileDescriptor connect() const {
    FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    constexpr timeval kTimeout{.tv_sec = 5, .tv_usec = 0};
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return socket;
  }

  [[nodiscard]] std::string ask(const std::string& method, const std::string& path) const {
    const FileDescriptor socket = connect();
    const std::string request =
        method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    (void)::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
    std::string answer;
    std::array<char, 4096> buffer{};
    for (ssize_t length = 0;
         (length = ::recv(socket.get(), buffer.data(), buffer.size(), 0)) > 0;) {
      answer.append(buffer.data(), static_cast<std::size_t>(length));
    }
    return answer;
  }

  std::string error_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, AnswersGetAndHead) {
  EXPECT_TRUE(ask("GET", "/fine").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(ask("GET", "/fine").ends_with("\r\n\r\nfine\n"));
  const std::string head = ask("HEAD", "/fine");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, TellsMissingFromNotAllowed) {
  EXPECT_TRUE(ask("GET", "/missing").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(ask("DELETE", "/fine").starts_with("HTTP/1.1 405"));
}

TEST_F(HttpServerTest, KeepsTheReasonOfAFailureToItself) {
  const std::string answer = ask("GET", "/bad");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500"));
  EXPECT_EQ(answer.find("secret"), std::string::npos);
  EXPECT_EQ(error_, "a secret");
}

TEST_F(HttpServerTest, AnswersWhileAHundredConnectionsSayNothing) {
  // Connecting counts: a full backlog costs seconds there, not in the answer.
  const auto started = std::chrono::steady_clock::now();
  std::vector<FileDescriptor> idle;
  for (int i = 0; i < 100; ++i) idle.push_back(connect());
  EXPECT_TRUE(ask("GET", "/fine").starts_with("HTTP/1.1 200"));
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(1));
}

TEST_F(HttpServerTest, StopsInTimeThoughClientsHoldTheirConnections) {
  const FileDescriptor idle = connect();
  const FileDescriptor half = connect();
  ASSERT_EQ(::send(half.get(), "GET /fi", 7, MSG_NOSIGNAL), 7);
  EXPECT_TRUE(ask("GET", "/fine").starts_with("HTTP/1.1 200"));
  const auto started = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(700));
}

TEST_F(HttpServerTest, SaysThatAnAddressIsTaken) {
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  const auto second = HttpServer::listen(std::array{address}, Routes(), {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(address), std::string::npos);
  EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;
}

}  // namespace
}  // namespace mcast::agent
