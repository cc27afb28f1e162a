// What a command is told by an agent that is not as it should be.
#include "cli/session/agent_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "cli/session/agent_session.h"
#include "cli/streams/command_main.h"
#include "tests/unit/cli/session/agent_stand_in.h"

namespace mcast::cli {
namespace {

using httplib::Request;
using httplib::Response;
using testing::ElementsAre;
using testing::HasSubstr;

void answer(Response& response, int status, const std::string& body) {
  response.status = status;
  response.set_content(body, "application/json");
}

constexpr const char* kStatus =
    R"({"version":"99.0","host":"lab1","started":"2026-11-26T12:00:00.000000Z",)"
    R"("time":"2026-11-26T12:00:07.000000Z","config":{"file":null,)"
    R"("last_reload_successful":true,"errors":[]},"streams":{"receivers":0,"senders":0}})";

TEST(AgentClient, GetsTheBodyOfASuccess) {
  AgentStandIn agent;
  std::string host;
  agent.server().Get("/api/v1/status", [&](const Request& request, Response& response) {
    host = request.get_header_value("Host");
    answer(response, 200, "{}");
  });
  agent.server().Post("/api/v1/receivers", [](const Request& request, Response& response) {
    answer(response, 201, request.body);
  });
  agent.server().Delete("/api/v1/receivers/a%2Fb",
                        [](const Request&, Response& response) { response.status = 204; });
  agent.start();
  AgentClient client(agent.socket());
  EXPECT_EQ(client.get("/api/v1/status").value_or("-"), "{}");
  EXPECT_EQ(host, "agent");
  EXPECT_EQ(client.post("/api/v1/receivers", "body").value_or("-"), "body");
}

TEST(AgentClient, TellsWhatTheAgentSaysIsWrong) {
  AgentStandIn agent;
  agent.server().Get("/403", [](const Request&, Response& response) {
    answer(response, 403, R"({"error":{"code":"forbidden","message":"not you","field":null}})");
  });
  agent.server().Get("/400", [](const Request&, Response& response) {
    answer(response, 400,
           R"({"error":{"code":"bad_field","message":"must be \u001b less","field":"ttl"}})");
  });
  agent.server().Get("/404", [](const Request&, Response& response) {
    answer(response, 404, R"({"error":{"code":"not_found","message":"none","field":null}})");
  });
  agent.server().Get("/500", [](const Request&, Response& response) {
    response.status = 500;
    response.set_content("oh\nno", "text/plain");
  });
  agent.start();
  AgentClient client(agent.socket());
  EXPECT_EQ(client.get("/403").error().message, "the agent says: not you");
  EXPECT_EQ(client.get("/400").error().message, "the agent says: must be ? less (field 'ttl')");
  EXPECT_EQ(client.get("/404").error().code, ESRCH);
  EXPECT_EQ(client.get("/403").error().code, 0);
  EXPECT_EQ(client.get("/500").error().message, "the agent says: status 500, oh");
}

TEST(AgentClient, SaysThatNobodyIsThere) {
  AgentClient client("/nowhere/api.sock");
  EXPECT_EQ(client.get("/").error().message,
            "no agent answers at /nowhere/api.sock: is mcast-agent running? (or name its socket: "
            "--agent=SOCKET)");
}

TEST(AgentClient, SaysThatNobodyListensAnyMore) {
  AgentStandIn agent;
  agent.start();
  agent.stop();
  AgentClient client(agent.socket());
  EXPECT_THAT(client.get("/").error().message, HasSubstr("nobody listens on it"));
}

TEST(AgentClient, SaysWhoMayUseASocket) {
  EXPECT_THAT(agent_socket_error("/", EACCES).message, HasSubstr("it may be used by root"));
  EXPECT_THAT(agent_socket_error("", ENAMETOOLONG).message, HasSubstr("1 to 107 bytes"));
  EXPECT_THAT(AgentClient(std::string(200, 'x')).get("/").error().message,
              HasSubstr("1 to 107 bytes, not 200"));
}

TEST(AgentClient, FollowsUntilItIsStopped) {
  AgentStandIn agent;
  agent.server().Get("/events", [](const Request& request, Response& response) {
    response.set_chunked_content_provider("text/event-stream",
                                          [id = request.get_header_value("Last-Event-ID")](
                                              std::size_t offset, httplib::DataSink& sink) {
                                            if (offset == 0)
                                              return sink.write(id.data(), id.size());
                                            std::this_thread::yield();
                                            return sink.is_writable();
                                          });
  });
  agent.start();
  AgentClient client(agent.socket());
  std::string got;
  std::atomic<bool> is_there = false;
  std::atomic<bool> is_over = false;
  std::thread follower([&] {
    const auto followed = client.follow("/events", "17", [&](std::string_view bytes) {
      got += bytes;
      is_there = true;
      return true;
    });
    EXPECT_TRUE(followed) << followed.error().message;
    is_over = true;
  });
  while (!is_there) std::this_thread::yield();
  while (!is_over) client.stop();
  follower.join();
  EXPECT_EQ(got, "17");
}

TEST(AgentSession, WarnsOfAnAgentOfAnotherVersion) {
  AgentStandIn agent;
  agent.server().Get("/api/v1/status",
                     [](const Request&, Response& response) { answer(response, 200, kStatus); });
  agent.start();
  AgentClient client(agent.socket());
  EXPECT_THAT(check_agent_version(client).value_or(""),
              HasSubstr("the agent is version 99.0, this is "));
}

TEST(AgentSession, RefusesWhatIsNoAgent) {
  AgentStandIn agent;
  agent.server().Get("/api/v1/status",
                     [](const Request&, Response& response) { answer(response, 200, "<html>"); });
  agent.start();
  AgentClient client(agent.socket());
  EXPECT_THAT(check_agent_version(client).error().message,
              HasSubstr("what answers there is no mcast-agent"));
}

// Stays the whole time of a session, which ends with its DELETE.
TEST(AgentSession, StartsRenewsAndDeletesItsStream) {
  AgentStandIn agent;
  std::atomic<int> deleted = 0;
  agent.server().Get("/api/v1/status",
                     [](const Request&, Response& response) { answer(response, 200, kStatus); });
  agent.server().Post("/api/v1/senders", [](const Request&, Response& response) {
    answer(response, 201, R"({"name":"v","streams":["v"],"renew_within_s":10.0})");
  });
  agent.server().Get("/api/v1/senders", [&](const Request& request, Response& response) {
    EXPECT_EQ(request.get_param_value("name"), "v");
    const std::string other = deleted == 0 ? "v" : "w";
    answer(response, 200,
           R"({"time":"2026-11-26T12:00:00.000000Z","senders":[{"name":")" + other +
               R"(","origin":"client","group":"239.1.1.1","source":null,"interface":"eth1",)"
               R"("port":19779,"rate_pps":25.0,"size":200,"ttl":100,"dscp":0,"loopback":true,)"
               R"("packet_limit":0,"duration_s":0.0,"labels":{},"state":"sending",)"
               R"("state_since":null,"error":null,)"
               R"("local_address":"10.1.1.1","sender_id":"0x00000001","packets":5,"bytes":1000,)"
               R"("skipped":0,"errors":{}}]})");
  });
  agent.server().Delete("/api/v1/senders/v", [&](const Request&, Response& response) {
    ++deleted;
    response.status = 204;
  });
  agent.start();
  std::ostringstream messages;
  CommandLog log("mcast-send", messages);
  const SystemClock clock;
  const AgentSession::Parts parts{.clock = clock, .log = log};
  {
    auto session = AgentSession::start(parts, agent.socket(), AgentStreams::kSenders, {"{}"});
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ((*session)->snapshot().senders.at(0).packets, 5U);
    EXPECT_EQ((*session)->lost(), "");
  }
  EXPECT_EQ(deleted, 1);
  EXPECT_THAT(log.shown(), ElementsAre(HasSubstr("the agent is version 99.0")));
  // A stream that is not there any more is not taken for another.
  const auto session = AgentSession::start(parts, agent.socket(), AgentStreams::kSenders, {"{}"});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().message, "the stream 'v' is gone: somebody has deleted it");
}

}  // namespace
}  // namespace mcast::cli
