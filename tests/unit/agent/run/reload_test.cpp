// A reload with a bad file changes nothing.
#include "agent/run/reload.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>

#include "agent/configuration/configuration.h"
#include "agent/events/event_hub.h"
#include "base/file_descriptor.h"
#include "http/socket.h"
#include "netlink/forcing/forced_versions.h"
#include "probe/event_queue.h"
#include "tests/unit/http/temporary_folder.h"
#include "tests/unit/http/test_certificate.h"

namespace mcast::agent {
namespace {

class SilentLog final : public Log {
 public:
  void write(LogLevel /*level*/, std::string_view /*message*/, Fields /*fields*/) override {}
};

class ReloadTest : public testing::Test {
 protected:
  void SetUp() override {
    http::Routes routes;
    routes.get("/fine", [](const http::Request&) { return http::Response{.body = "fine\n"}; });
    auto web = load_web_config(web_file_);
    ASSERT_TRUE(web);
    auto server =
        http::Server::listen({.addresses = {"127.0.0.1:0"},
                              .web = std::make_shared<const http::WebSettings>(std::move(*web))},
                             routes, [](std::string_view) {});
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    auto network = NetworkWatch::start({.receivers = *receive_,
                                        .senders = *send_,
                                        .decode_errors = decode_errors_,
                                        .clock = clock_,
                                        .log = log_,
                                        .origin = {},
                                        .on_membership = {}},
                                       {});
    ASSERT_TRUE(network) << network.error().message;
    network_ = std::move(*network);
    reload_ = std::make_unique<Reload>(
        Reload::Parts{
            .streams = set_, .network = *network_, .feed = feed_, .clock = clock_, .log = log_},
        file_);
    reload_->set_web_server(*server_, web_file_);
  }

  // The answer's first line to a request as anna:geheim.
  [[nodiscard]] std::string first_line() const {
    const auto listening = http::parse_listen_address(server_->bound().front());
    const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listening->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return "no connection";
    }
    const std::string text =
        "GET /fine HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Authorization: Basic YW5uYTpnZWhlaW0=\r\n\r\n";
    (void)::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    std::string answer;
    std::array<char, 4096> bytes{};
    ssize_t taken = 0;
    while ((taken = ::recv(socket.get(), bytes.data(), bytes.size(), 0)) > 0) {
      answer.append(bytes.data(), static_cast<std::size_t>(taken));
    }
    return answer.substr(0, answer.find('\r'));
  }
  static std::string users(const std::string& password) {
    return "basic_auth_users:\n  anna: " + http::cheap_bcrypt(password) + "\n";
  }
  static std::string receiver(const std::string& name) {
    return "receivers:\n  - name: " + name + "\n    group: 239.1.1.1\n";
  }
  [[nodiscard]] std::size_t streams() const { return receive_->snapshot().size(); }

  http::TemporaryFolder folder_;
  std::string file_ = folder_.write("agent.yml", "receivers: []\n");
  std::string web_file_ = folder_.write("web.yml", users("geheim"));
  SilentLog log_;
  SystemClock clock_;
  EventQueue events_;
  EventHub hub_;
  EventFeed feed_{hub_, log_, clock_};
  DecodeErrors decode_errors_{log_, clock_};
  std::unique_ptr<ReceiveEngine> receive_ = *ReceiveEngine::start(clock_, events_);
  std::unique_ptr<SendEngine> send_ = *SendEngine::start(clock_, [] { return 7U; });
  netlink::ForcedVersions forced_versions_{"/nowhere", "/nowhere"};
  StreamSupervisor supervisor_{
      {.links = [] { return std::vector<netlink::Link>{}; },
       .addresses = [] { return std::vector<netlink::InterfaceAddress>{}; },
       .route = [](const IpAddress&, const std::optional<IpAddress>&) -> Result<netlink::Route> {
         return fail("no route");
       }},
      {.receive_engine = *receive_,
       .send_engine = *send_,
       .forced_versions = forced_versions_,
       .log = log_}};
  StreamSet set_{supervisor_, [](const StreamChange&) {}};
  std::unique_ptr<NetworkWatch> network_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Reload> reload_;
};

TEST_F(ReloadTest, KeepsWhatItHasWhenTheWebConfigurationIsBad) {
  EXPECT_EQ(first_line(), "HTTP/1.1 200 OK");
  folder_.write("agent.yml", receiver("a"));
  folder_.write("web.yml", "tls_server_config:\n  cert_file: missing.pem\n  key_file: k.pem\n");
  const auto errors = reload_->run();
  ASSERT_FALSE(errors.empty());
  EXPECT_TRUE(errors.front().starts_with(web_file_ + ":")) << errors.front();
  EXPECT_EQ(first_line(), "HTTP/1.1 200 OK") << "the users of before";
  EXPECT_EQ(streams(), 0U) << "nor is anything of the other file applied";
  EXPECT_FALSE(reload_->state().successful);

  folder_.write("web.yml", users("other"));
  EXPECT_TRUE(reload_->run().empty());
  EXPECT_EQ(first_line(), "HTTP/1.1 401 Unauthorized");
  EXPECT_EQ(streams(), 1U);
  EXPECT_TRUE(reload_->state().successful);
}

TEST_F(ReloadTest, KeepsTheUsersWhenTheOtherFileIsBad) {
  folder_.write("agent.yml", "receivers: 1\n");
  folder_.write("web.yml", users("other"));
  EXPECT_FALSE(reload_->run().empty());
  EXPECT_EQ(first_line(), "HTTP/1.1 200 OK");
}

// What an error quotes may be anything.
TEST_F(ReloadTest, GoesOnWhereAnErrorIsNoUtf8) {
  folder_.write("agent.yml", "receivers:\n  - name: a\n    group: \"\xFF\xC3\"\n\xFE: 1\n");
  EXPECT_FALSE(reload_->run().empty());
  feed_.on_failed_reload({"a\xFF"});
  const auto told = hub_.take(0, 10).events;
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told.back().data.contains(R"("errors":["a?"])")) << told.back().data;
}

}  // namespace
}  // namespace mcast::agent
