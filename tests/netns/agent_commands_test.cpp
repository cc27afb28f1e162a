// The commands with --agent, on a real agent: their streams are the agent's, and end with
// them.
//
//   sender eth1 --- eth1 host (mcast-agent)
//   sender eth1 === [forwarder] === eth1 host
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tests/netns/agent.h"
#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/forwarder.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Arguments = std::vector<std::string>;
using nlohmann::json;
using testing::HasSubstr;

class AgentCommandsOf : public testing::Test {
 protected:
  explicit AgentCommandsOf(Net net) : net_(std::move(net)) {
    connect(sender_, "eth1", addresses(1, 1), host_, "eth1", addresses(1, 2));
  }

  void start_agent() {
    agent_.emplace(host_, receiver_configuration({.name = "video-a", .group = configured_}));
  }
  [[nodiscard]] Arguments with_agent(const std::string& name, Arguments arguments) const {
    arguments.push_back("--agent=" + agent_->api_socket());
    return command(name, arguments);
  }
  [[nodiscard]] Process start(const std::string& name, const Arguments& arguments) const {
    return host_.spawn(with_agent(name, arguments));
  }
  [[nodiscard]] RunResult run(const std::string& name, const Arguments& arguments) const {
    return host_.try_run(with_agent(name, arguments));
  }
  // From the other end of the cable.
  [[nodiscard]] Process send(const std::string& group, Arguments more = {"-r", "50pps"}) const {
    more.insert(more.begin(), {group, "-i", "eth1", "-q"});
    return sender_.spawn(command("mcast-send", more));
  }
  static int interrupt(Process& process) {
    process.signal(SIGINT);
    return process.wait_exit(5s).value_or(-1);
  }
  // What mcast-status --agent --json says of a receiver.
  [[nodiscard]] std::optional<json> shown(const std::string& name) const {
    const RunResult status = run("mcast-status", {"--json"});
    EXPECT_EQ(status.exit_status, 0) << status.error;
    const json all = one_json_object(status.output);
    for (const json& receiver : all.at("receivers")) {
      if (receiver.at("name") == name) return receiver;
    }
    return std::nullopt;
  }
  [[nodiscard]] bool has_metrics_of(const std::string& name) const {
    return agent_->metrics().count("mcast_receiver_info", {{"stream", name}}) == 1;
  }
  [[nodiscard]] testing::AssertionResult receives(const std::string& name) const {
    return eventually(
        10s, [&] { return shown(name).value_or(json{{"state", ""}}).at("state") == "receiving"; });
  }
  [[nodiscard]] testing::AssertionResult is_gone(const std::string& name,
                                                 std::chrono::milliseconds deadline) const {
    return eventually(deadline, [&] { return !shown(name) && !has_metrics_of(name); });
  }

  const Net net_;
  const std::string group_ = net_.group;
  const std::string configured_ = net_.group_plus(9);
  Namespace sender_{"sender"};
  Namespace host_{"host"};
  std::optional<Agent> agent_;
};

class AgentCommands : public AgentCommandsOf, public testing::WithParamInterface<Net> {
 protected:
  AgentCommands() : AgentCommandsOf(GetParam()) {}
};

// Of time, names and rights: no family takes part.
class AgentCommandsAlone : public AgentCommandsOf {
 protected:
  AgentCommandsAlone() : AgentCommandsOf(ipv4()) {}
};

TEST_P(AgentCommands, ReceiveInTheAgentUntilCtrlC) {
  start_agent();
  const Process sender = send(group_);
  EXPECT_FALSE(shown(group_));
  Process receiver = start("mcast-receive", {group_, "-i", "eth1", "-q"});
  wait_until_joined(receiver);
  ASSERT_TRUE(receives(group_));
  EXPECT_TRUE(has_metrics_of(group_));
  EXPECT_EQ(shown(group_)->at("origin"), "client");
  EXPECT_EQ(interrupt(receiver), 0);
  EXPECT_TRUE(is_gone(group_, 3s));
  EXPECT_THAT(receiver.standard_output(), HasSubstr("first packet, from " + net_.host(1, 1)));
  EXPECT_THAT(receiver.standard_output(), HasSubstr("lost 0 (0.00 %)"));
}

TEST_F(AgentCommandsAlone, StayWhileTheyRunAndEndSoonAfterTheyAreKilled) {
  start_agent();
  Process receiver = start("mcast-receive", {group_, "-i", "eth1", "-q"});
  wait_until_joined(receiver);
  // Longer than a stream lasts that nobody renews.
  EXPECT_TRUE(never(11s, [&] { return !has_metrics_of(group_); }));
  receiver.signal(SIGKILL);
  ASSERT_TRUE(receiver.wait_exit(5s));
  EXPECT_TRUE(has_metrics_of(group_));
  EXPECT_TRUE(is_gone(group_, 13s));
}

TEST_F(AgentCommandsAlone, LeaveADetachedStreamUntilItIsDeleted) {
  start_agent();
  const RunResult detached =
      run("mcast-receive", {group_, "-i", "eth1", "--detach", "--name", "my video"});
  EXPECT_EQ(detached.exit_status, 0) << detached.error;
  EXPECT_THAT(detached.output, HasSubstr("--name 'my video'"));
  EXPECT_EQ(shown("my video").value_or(json{{"origin", ""}}).at("origin"), "detached");
  // The line that it prints ends it.
  const std::string marker = "to end it: ";
  const std::string line = detached.output.substr(detached.output.find(marker) + marker.size());
  const RunResult ended = host_.try_run({"sh", "-c", "PATH=" MCAST_BINARIES ":$PATH; " + line});
  EXPECT_EQ(ended.exit_status, 0) << ended.error;
  EXPECT_TRUE(is_gone("my video", 3s));
}

// By its name, of which a second one of a group has one that a path must escape.
TEST_P(AgentCommands, EndADetachedStreamAndNoConfiguredOne) {
  start_agent();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run("mcast-receive", {group_, "-i", "eth1", "--detach"}).exit_status, 0);
  }
  const std::string second = group_ + "#2";
  ASSERT_TRUE(shown(second));
  EXPECT_EQ(agent_->api("GET", "/api/v1/receivers/" + group_ + "%232").status, 200);
  const RunResult ended = run("mcast-receive", {"--name", second, "--delete"});
  EXPECT_EQ(ended.exit_status, 0) << ended.error;
  EXPECT_EQ(ended.output, "ended " + group_ + "#2\n");
  EXPECT_FALSE(shown(second));
  EXPECT_TRUE(shown(group_));
  const RunResult gone = run("mcast-receive", {"--name", second, "--delete"});
  EXPECT_EQ(gone.exit_status, 1);
  EXPECT_THAT(gone.error, HasSubstr("there is no receiver '" + second + "'"));
  const RunResult refused = run("mcast-receive", {"--name", "video-a", "--delete"});
  EXPECT_EQ(refused.exit_status, 1);
  EXPECT_THAT(refused.error, HasSubstr("'video-a' belongs to the configuration file"));
  EXPECT_TRUE(shown("video-a"));
  EXPECT_EQ(run("mcast-send", {group_, "-i", "eth1", "--detach"}).exit_status, 0);
  EXPECT_EQ(run("mcast-send", {"--name", group_, "--delete"}).exit_status, 0);
}

TEST_P(AgentCommands, NameTheStreamsOfARangeByTheirGroups) {
  start_agent();
  const RunResult detached =
      run("mcast-receive", {configured_, "--groups", "3", "-i", "eth1", "--detach"});
  EXPECT_EQ(detached.exit_status, 0) << detached.error;
  for (unsigned i = 9; i < 12; ++i) EXPECT_TRUE(shown(net_.group_plus(i))) << i;
  const std::string range = configured_ + "-" + net_.group_plus(11);
  EXPECT_THAT(detached.output, HasSubstr("--name " + range));
  const RunResult watched = run("mcast-receive", {"--name", range, "-t", "100ms", "--json"});
  EXPECT_EQ(watched.exit_status, 0) << watched.error;
  EXPECT_EQ(one_json_object(watched.output).at("groups").size(), 3U);
  EXPECT_EQ(run("mcast-receive", {"--name", net_.group_plus(10), "--delete"}).exit_status, 0);
  EXPECT_FALSE(shown(net_.group_plus(10)));
  EXPECT_EQ(run("mcast-receive", {"--name", range, "--delete"}).exit_status, 0);
  EXPECT_FALSE(shown(configured_));
}

TEST_P(AgentCommands, ReceiveGroupsThatHaveNothingToDoWithEachOther) {
  start_agent();
  const std::string far = net_.group_plus(0x40404);
  const std::string both =
      group_ + "," + with_port(IpAddress::parse(far).value(), std::uint16_t{5004});
  const Process sender = send(both);
  Process receiver = start("mcast-receive", {both, "-i", "eth1", "--json"});
  wait_until_joined(receiver);
  ASSERT_TRUE(receives(group_));
  ASSERT_TRUE(receives(far));
  EXPECT_EQ(shown(far)->at("port"), 5004);
  EXPECT_EQ(interrupt(receiver), 0) << receiver.standard_error();
  const json summary = one_json_object(receiver.standard_output());
  ASSERT_EQ(summary.at("groups").size(), 2U);
  EXPECT_TRUE(is_gone(group_, 3s));
  EXPECT_TRUE(is_gone(far, 3s));
}

// What nobody gives on the command line is as the agent's defaults have it; and what cannot
// start is not left behind.
TEST_P(AgentCommands, TakeTheDefaultsOfTheAgentAndSayWhatFailsAtOnce) {
  agent_.emplace(host_,
                 "defaults: {interface: eth1, port: 5004, labels: {site: lab1}}\n"
                 "receivers: [{name: video-a, group: " +
                     quoted(configured_) + "}]\n");
  EXPECT_EQ(run("mcast-receive", {group_, "--detach"}).exit_status, 0);
  const auto taken = shown(group_);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->at("interface"), "eth1");
  EXPECT_EQ(taken->at("port"), 5004);
  EXPECT_EQ(taken->at("labels"), (json{{"site", "lab1"}}));
  for (const char* name : {"mcast-receive", "mcast-send"}) {
    for (const Arguments& more : {Arguments{"--detach"}, Arguments{"-t", "1"}}) {
      Arguments arguments{net_.group_plus(7), "-i", "nope"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const RunResult failed = run(name, arguments);
      EXPECT_EQ(failed.exit_status, 1) << name << " " << more.front();
      EXPECT_EQ(failed.output, "");
      EXPECT_EQ(failed.error,
                std::string(name) + ": the agent says: interface 'nope' does not exist\n");
    }
  }
  EXPECT_FALSE(shown(net_.group_plus(7)));
}

TEST_F(AgentCommandsAlone, PrintTheAgentsAnswerToADetachedStreamAsJson) {
  start_agent();
  const RunResult detached = run("mcast-send", {group_, "-i", "eth1", "--detach", "--json"});
  EXPECT_EQ(detached.exit_status, 0) << detached.error;
  const json answer = one_json_object(detached.output);
  EXPECT_EQ(answer.at("name"), group_);
  EXPECT_EQ(answer.at("renew_within_s"), nullptr);
}

TEST_P(AgentCommands, WatchAConfiguredStreamWithoutTouchingIt) {
  start_agent();
  const Process sender = send(configured_);
  ASSERT_TRUE(receives("video-a"));
  const char* const file = net_.is_v4() ? "igmp" : "igmp6";
  const std::string groups = host_.proc_net(file);
  const std::uint64_t before = shown("video-a")->at("senders").at(0).at("packets");
  Process watcher = start("mcast-receive", {"--name", "video-a", "--json"});
  wait_until_joined(watcher);
  EXPECT_EQ(interrupt(watcher), 0);
  const json summary = one_json_object(watcher.standard_output());
  EXPECT_EQ(summary.at("name"), "video-a");
  const auto after = shown("video-a");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->at("origin"), "configured");
  EXPECT_GE(after->at("senders").at(0).at("packets").get<std::uint64_t>(), before);
  EXPECT_EQ(after->at("stalls"), 0);
  EXPECT_EQ(host_.proc_net(file).substr(0, 300), groups.substr(0, 300));
}

// A lab's CI judges the time of the command, not what was last week.
TEST_F(AgentCommandsAlone, CountOfAWatchedStreamWhatCameSinceTheCommandBegan) {
  start_agent();
  {
    Process earlier = send(configured_, {"-r", "500pps", "-c", "500"});
    EXPECT_EQ(earlier.wait_exit(5s), 0);
  }
  ASSERT_TRUE(eventually(5s, [&] {
    const auto video = shown("video-a");
    return video && !video->at("senders").empty() &&
           video->at("senders").at(0).at("packets") == 500;
  }));
  const RunResult silent =
      run("mcast-receive", {"--name", "video-a", "-t", "500ms", "--json", "--fail-on-loss"});
  EXPECT_EQ(silent.exit_status, 3) << silent.error;
  EXPECT_EQ(one_json_object(silent.output).at("packets_recv"), 0);
  const Process sender = send(configured_);
  ASSERT_TRUE(receives("video-a"));
  const RunResult watched = run("mcast-receive", {"--name", "video-a", "-t", "2s", "--json"});
  EXPECT_EQ(watched.exit_status, 0) << watched.error;
  const json summary = one_json_object(watched.output);
  const double rate =
      summary.at("packets_recv").get<double>() / summary.at("elapsed_s").get<double>();
  EXPECT_GT(rate, 30) << summary;
  EXPECT_LT(rate, 70) << summary;
  EXPECT_EQ(summary.at("packets_lost"), 0);
}

TEST_F(AgentCommandsAlone, DoNotWatchAStreamThatIsNotThere) {
  start_agent();
  const RunResult watched = run("mcast-receive", {"--name", "video"});
  EXPECT_EQ(watched.exit_status, 1);
  EXPECT_EQ(watched.error, "mcast-receive: the agent receives no stream 'video'; it has video-a\n");
}

TEST_F(AgentCommandsAlone, SayThatTheirStreamWasDeletedByAnother) {
  start_agent();
  Process receiver = start("mcast-receive", {group_, "-i", "eth1", "-q"});
  wait_until_joined(receiver);
  (void)host_.run({"curl", "-s", "-X", "DELETE", "--unix-socket", agent_->api_socket(),
                   "http://agent/api/v1/receivers/" + group_});
  EXPECT_EQ(receiver.wait_exit(10s), 1);
  EXPECT_EQ(receiver.standard_error(),
            "mcast-receive: the stream '" + group_ + "' is gone: somebody has deleted it\n");
}

TEST_F(AgentCommandsAlone, SayThatTheAgentWentAway) {
  start_agent();
  Process receiver = start("mcast-receive", {group_, "-i", "eth1", "-q"});
  // Another group: how many packets of its own host a receiver knew of last is anybody's guess.
  Process sender = start("mcast-send", {net_.other_group, "-i", "eth1", "-q"});
  wait_until_joined(receiver);
  ASSERT_TRUE(eventually(
      10s, [&] { return sender.standard_output().find("sending to") != std::string::npos; }));
  agent_->process().signal(SIGKILL);
  for (Process* process : {&receiver, &sender}) {
    EXPECT_EQ(process->wait_exit(10s), 1);
    EXPECT_THAT(process->standard_error(), HasSubstr(": the agent has gone away: "));
    EXPECT_EQ(std::ranges::count(process->standard_error(), '\n'), 1) << process->standard_error();
  }
  EXPECT_THAT(receiver.standard_output(), HasSubstr("\nreceived 0 packets"));
}

TEST_F(AgentCommandsAlone, SayThatThereIsNoAgent) {
  for (const char* name : {"mcast-receive", "mcast-send", "mcast-status"}) {
    Arguments arguments{"--agent=/nowhere/api.sock"};
    if (std::string(name) != "mcast-status") arguments.emplace_back(group_);
    const RunResult result = host_.try_run(command(name, arguments));
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(result.error, std::string(name) +
                                ": no agent answers at /nowhere/api.sock: is mcast-agent running? "
                                "(or name its socket: --agent=SOCKET)\n");
  }
}

TEST_F(AgentCommandsAlone, SayThatTheyMayNotUseTheAgent) {
  start_agent();
  // The directory is the test's own; what keeps nobody out is the socket.
  (void)host_.run(
      {"chmod", "755", agent_->api_socket().substr(0, agent_->api_socket().rfind('/'))});
  Arguments arguments{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  const Arguments receive = with_agent("mcast-receive", {group_});
  arguments.insert(arguments.end(), receive.begin(), receive.end());
  const RunResult result = host_.try_run(arguments);
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.error, HasSubstr("no permission to use the agent at "));
  EXPECT_EQ(std::ranges::count(result.error, '\n'), 1) << result.error;
}

TEST_P(AgentCommands, SendSoManyPacketsAndEnd) {
  start_agent();
  Process receiver =
      sender_.spawn(command("mcast-receive", {group_, "-i", "eth1", "--json", "-c", "10"}));
  wait_until_joined(receiver);
  const RunResult sent =
      run("mcast-send", {group_, "-i", "eth1", "--count", "10", "-r", "100pps", "--json"});
  EXPECT_EQ(sent.exit_status, 0) << sent.error;
  EXPECT_EQ(one_json_object(sent.output).at("packets_sent"), 10);
  EXPECT_EQ(receiver.wait_exit(10s), 0);
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("packets_recv"), 10);
}

TEST_F(AgentCommandsAlone, EndWhenAllPacketsOfAllGroupsAreThere) {
  start_agent();
  Process receiver =
      start("mcast-receive", {group_, "-i", "eth1", "--groups", "3", "--count", "5", "--json"});
  wait_until_joined(receiver);
  const Process sender = send(group_, {"--groups", "3", "-r", "50pps"});
  EXPECT_EQ(receiver.wait_exit(10s), 0);
  const json summary = one_json_object(receiver.standard_output());
  EXPECT_EQ(summary.at("packets_recv"), 15);
  EXPECT_EQ(summary.at("groups").size(), 3U);
  EXPECT_TRUE(is_gone(group_ + "-1", 3s));
}

TEST_P(AgentCommands, PrintEventsFromTheFirstPacketOn) {
  start_agent();
  Process sender = send(group_);
  Process receiver =
      start("mcast-receive", {group_, "-i", "eth1", "--events", "--stall-timeout", "0.3"});
  const auto has = [&](const std::string& event) {
    return receiver.standard_output().find("{\"event\":\"" + event + "\"") != std::string::npos;
  };
  ASSERT_TRUE(eventually(10s, [&] { return has("first-packet"); }));
  sender.signal(SIGKILL);
  ASSERT_TRUE(eventually(10s, [&] { return has("stall"); }));
  EXPECT_EQ(interrupt(receiver), 0);
  for (const json& event : json_lines(receiver.standard_output())) {
    EXPECT_EQ(event.at("stream"), group_);
    EXPECT_EQ(event.at("group"), group_);
  }
}

TEST_P(AgentCommands, SayWhyNothingArrivesAsTheAgentFoundOut) {
  start_agent();
  Process receiver = start("mcast-receive", {group_, "-i", "eth1", "-q"});
  EXPECT_TRUE(eventually(
      20s,
      [&] {
        return receiver.standard_output().find("mcast-receive: why nothing arrives: ") !=
               std::string::npos;
      },
      [&] { return receiver.standard_output(); }));
  EXPECT_TRUE(eventually(10s, [&] {
    return run("mcast-status", {}).output.find(group_ + " gets nothing: ") != std::string::npos;
  }));
}

TEST_P(AgentCommands, WatchTheEventsOfTheAgent) {
  start_agent();
  Process status = start("mcast-status", {"--watch"});
  ASSERT_TRUE(eventually(
      10s, [&] { return status.standard_output().find("INTERFACE") != std::string::npos; }));
  Process receiver = start("mcast-receive", {group_, "-i", "eth1", "-q"});
  EXPECT_TRUE(eventually(
      10s,
      [&] {
        return status.standard_output().find(std::string("join: interface eth1, group ") +
                                             group_) != std::string::npos;
      },
      [&] { return status.standard_output(); }));
  EXPECT_EQ(interrupt(status), 0);
}

INSTANTIATE_TEST_SUITE_P(, AgentCommands, both_families(), net_name);

class AgentCommandsFailOnLoss : public BothFamilies {};

TEST_P(AgentCommandsFailOnLoss, ExitWith3WhenTheAgentCountsLoss) {
  Namespace sender("sender");
  Namespace host("host");
  const Forwarder cable(sender, addresses(1, 1), host, addresses(1, 2), [](std::uint64_t index) {
    return Treatment{.copies = index % 10 == 5 ? 0U : 1U};
  });
  const Agent agent(host, kWatchesAlone);
  const Process sending =
      sender.spawn(command("mcast-send", {net_.group, "-i", "eth1", "-q", "-r", "200pps"}));
  const auto receive = [&](const std::string& percent) {
    return host
        .try_run(command("mcast-receive",
                         {net_.group, "-i", "eth1", "-t", "3", "--agent=" + agent.api_socket(),
                          "-q", "--fail-on-loss=" + percent}))
        .exit_status;
  };
  EXPECT_EQ(receive("2"), 3);
  EXPECT_EQ(receive("50"), 0);
}

INSTANTIATE_TEST_SUITE_P(, AgentCommandsFailOnLoss, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
