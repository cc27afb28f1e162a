// The agent as a program: starts, errors, HTTP, the end.
//
//   host eth1 --- eth1 peer
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/http.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

class AgentProgram : public testing::Test {
 protected:
  AgentProgram() { connect(host_, "eth1", addresses(1, 1), peer_, "eth1", addresses(1, 2)); }

  RunResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), agent_binary());
    return host_.try_run(arguments);
  }

  Namespace host_{"host"};
  Namespace peer_{"peer"};
  TemporaryDirectory directory_;
};

TEST_F(AgentProgram, PrintsEveryErrorOfABadFileWithItsPlaceAndExitsWithTwo) {
  const std::string file = directory_.write("bad.yml",
                                            "senders:\n"
                                            "  - name: a\n"
                                            "    group: 10.0.0.1\n"
                                            "    rate: 0pps\n"
                                            "    colour: red\n"
                                            "receivers:\n"
                                            "  - name: b\n"
                                            "    group: 239.1.1.1\n"
                                            "    group: 239.1.1.2\n"
                                            "    stall_timeout: soon\n");
  for (const bool check : {true, false}) {
    std::vector<std::string> arguments{"--config.file=" + file};
    if (check) arguments.emplace_back("--config.check");
    const RunResult result = run(arguments);
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_EQ(result.output, "");
    for (const char* place : {":3:", ":4:", ":5:", ":9:", ":10:"}) {
      EXPECT_NE(result.error.find(file + place), std::string::npos) << place << result.error;
    }
  }
}

TEST_F(AgentProgram, ChecksAGoodFileAndDoesNotStart) {
  const std::string file = directory_.write("good.yml", receiver_configuration({.more = ""}));
  const RunResult result = run({"--config.file=" + file, "--config.check"});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.error, "");
}

TEST_F(AgentProgram, RefusesWrongArgumentsWithTwo) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--no-such-option"},
                                             {"stray"},
                                             {"--config.file"},
                                             {"--config.check"},
                                             {"--log.level=loud"},
                                             {"--config.file=/does/not/exist"}}) {
    const RunResult result = run(arguments);
    EXPECT_EQ(result.exit_status, 2) << arguments.front();
    EXPECT_NE(result.error, "") << arguments.front();
  }
}

TEST_F(AgentProgram, SaysWhichAddressIsTakenAndExitsWithOne) {
  const Agent first(host_, receiver_configuration({.more = ""}));
  const std::string file = directory_.write("good.yml", receiver_configuration({.more = ""}));
  const RunResult result = run({"--config.file=" + file, "--web.listen-address=127.0.0.1:19779"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_NE(result.error.find("127.0.0.1:19779"), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("in use"), std::string::npos) << result.error;
}

TEST_F(AgentProgram, RunsTheOtherStreamsWhenOneCannotStartAndTriesItAgain) {
  const Agent agent(host_,
                    "senders:\n"
                    "  - {name: video, group: 239.0.10.101, interface: eth1}\n"
                    "receivers:\n"
                    "  - {name: video, group: 239.0.10.101, interface: eth1}\n"
                    "  - {name: absent, group: 239.0.10.102, interface: eth9}\n"
                    "  - {name: nowhere, group: 239.0.10.103}\n");
  const auto state = [&](const char* stream, const char* name) {
    return agent.metrics().value("mcast_receiver_state", {{"stream", stream}, {"state", name}});
  };
  EXPECT_TRUE(eventually(3s, [&] { return state("video", "receiving") == 1; }));
  EXPECT_EQ(state("absent", "failed"), 1);
  EXPECT_EQ(state("nowhere", "failed"), 1);
  EXPECT_NE(
      agent.log().find("stream=absent kind=receiver reason=\"interface 'eth9' does not exist\""),
      std::string::npos)
      << agent.log();
  EXPECT_NE(agent.log().find("no route to 239.0.10.103"), std::string::npos) << agent.log();
  connect(host_, "eth9", "10.9.0.1/24", peer_, "eth9", "10.9.0.2/24");
  EXPECT_TRUE(eventually(3s, [&] { return state("absent", "waiting") == 1; }));
  add_route(host_, "239.0.0.0/8", "", "eth9");
  EXPECT_TRUE(eventually(3s, [&] { return state("nowhere", "waiting") == 1; }));
}

class AgentMetrics : public AgentProgram, public testing::WithParamInterface<Net> {};

TEST_P(AgentMetrics, AreServedAsPrometheusWantsThem) {
  const Agent agent(host_, receiver_configuration({.group = GetParam().group, .more = ""}));
  const HttpAnswer plain = http_get(host_, "/metrics");
  EXPECT_EQ(plain.status, 200);
  EXPECT_NE(plain.head.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
            std::string::npos);
  EXPECT_EQ(plain.head.find("Content-Encoding"), std::string::npos);
  const HttpAnswer packed = http_get(host_, "/metrics", 19779, "Accept-Encoding: gzip\r\n");
  EXPECT_NE(packed.head.find("Content-Encoding: gzip"), std::string::npos);
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_TRUE(http_get(host_, "/metrics/").body.contains("mcast_agent_build_info"));
  EXPECT_EQ(http_get(host_, "/").status, 200);
  EXPECT_EQ(http_get(host_, "/-/healthy").status, 200);
  EXPECT_EQ(http_get(host_, "/no/such/path").status, 404);
  EXPECT_EQ(host_.try_run({"promtool", "check", "metrics"}, {.input = plain.body}).error, "");
}

INSTANTIATE_TEST_SUITE_P(, AgentMetrics, both_families(), net_name);

TEST_F(AgentProgram, TakesAsManyDescriptorsAsItMay) {
  const Agent agent(host_, receiver_configuration({.more = ""}), {},
                    {"prlimit", "--nofile=256:4096"});
  EXPECT_EQ(agent.metrics().value("process_max_fds"), 4096);
}

TEST_F(AgentProgram, EndsWithinASecondThoughAClientHoldsItsConnection) {
  Agent agent(host_, receiver_configuration({.more = ""}));
  const FileDescriptor idle = host_.socket(AF_INET, SOCK_STREAM);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(19779);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(idle.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::send(idle.get(), "GET /metr", 9, MSG_NOSIGNAL), 9);
  const auto stopped = agent.stop();
  EXPECT_EQ(stopped.exit_status, 0);
  EXPECT_LT(stopped.took, 1s);
}

}  // namespace
}  // namespace mcast::test
