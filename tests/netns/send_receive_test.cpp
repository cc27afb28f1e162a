// mcast-send and mcast-receive by hand and in scripts: JSON, events, counts, exit
// codes.
//
//   sender eth1 --- r0 [router] r1 --- eth1 receiver
//   sender eth1 === [forwarder] === eth1 receiver
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <tuple>

#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/forwarder.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"
#include "tests/netns/truth.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::vector<MulticastRoute> routes(const Net& net) {
  return {{.group = net.group, .source = net.host(1, 1)}};
}

// Ends with the person's Ctrl-C and returns the exit code.
int interrupt(Process& process) {
  process.signal(SIGINT);
  return process.wait_exit(5s).value_or(-1);
}

std::vector<std::string> names_of(const std::vector<json>& events) {
  std::vector<std::string> names;
  for (const json& event : events) names.push_back(event.at("event"));
  return names;
}

class SendAndReceive : public BothFamilies {};
class Events : public BothFamilies {};
class Send : public BothFamilies {};
class FailOnStall : public BothFamilies {};
class PlainLines : public BothFamilies {};

TEST_P(SendAndReceive, CrossAHopAndAgreeInTheirJson) {
  const RoutedPath path(1, routes(net_));
  Process receiver =
      path.receiver.spawn(command("mcast-receive", {net_.group, "-i", "eth1", "--json"}));
  wait_until_joined(receiver);
  const RunResult sent = path.sender.try_run(
      command("mcast-send", {net_.group, "-i", "eth1", "--count", "200", "-r", "200pps", "--ttl",
                             "9", "--dscp", "ef", "--json"}));
  EXPECT_EQ(sent.exit_status, 0) << sent.error;
  EXPECT_EQ(interrupt(receiver), 0);
  const json from = one_json_object(sent.output);
  const json to = one_json_object(receiver.standard_output());
  EXPECT_EQ(json_lines(sent.output), std::vector{from}) << "one line";
  EXPECT_EQ(json_lines(receiver.standard_output()), std::vector{to}) << "one line";
  EXPECT_EQ(from.at("tool"), "mcast-send");
  EXPECT_EQ(from.at("family"), net_.is_v4() ? 4 : 6);
  EXPECT_EQ(from.at("source"), nullptr);
  EXPECT_EQ(from.at("local_address"), net_.host(1, 1));
  EXPECT_EQ(from.at("packets_sent"), 200);
  EXPECT_EQ(from.at("bytes_sent"), 200 * 200);
  EXPECT_EQ(from.at("errors"), 0);
  EXPECT_EQ(from.at("ttl"), 9);
  EXPECT_EQ(from.at("dscp"), 46);
  EXPECT_EQ(from.at("target_pps"), 200);
  EXPECT_EQ(from.at("interface"), "eth1");
  EXPECT_EQ(from.at("duration_requested_s"), 600);
  EXPECT_NEAR(from.at("duration_actual_s"), 1, 0.5);

  EXPECT_EQ(to.at("tool"), "mcast-receive");
  EXPECT_EQ(to.at("group"), net_.group);
  EXPECT_EQ(to.at("family"), net_.is_v4() ? 4 : 6);
  EXPECT_EQ(to.at("source"), nullptr);
  EXPECT_EQ(to.at("packets_recv"), 200);
  EXPECT_EQ(to.at("bytes_recv"), 200 * 200);
  EXPECT_EQ(to.at("packets_lost"), 0);
  EXPECT_EQ(to.at("senders_seen"), 1);
  EXPECT_EQ(to.at("last_orig_ttl"), 9);
  EXPECT_EQ(to.at("last_recv_ttl"), 8);
  EXPECT_EQ(to.at("last_orig_dscp"), 46);
  EXPECT_EQ(to.at("last_recv_dscp"), 46);
  EXPECT_EQ(to.at("hops"), 1);
  EXPECT_EQ(to.at("senders").at(0).at("sender_id"), from.at("sender_id"));
}

TEST_P(SendAndReceive, NothingArrivesInAnotherGroupOrWithTooSmallATtl) {
  const RoutedPath path(1, routes(net_));
  Process other =
      path.receiver.spawn(command("mcast-receive", {net_.other_group, "-i", "eth1", "--json"}));
  Process same =
      path.receiver.spawn(command("mcast-receive", {net_.group, "-i", "eth1", "--json"}));
  wait_until_joined(other);
  wait_until_joined(same);
  path.sender.run(command("mcast-send",
                          {net_.group, "-i", "eth1", "--count", "100", "-r", "200", "--ttl", "1"}));
  EXPECT_EQ(interrupt(other), 0);
  EXPECT_EQ(interrupt(same), 0);
  for (const Process* receiver : {&other, &same}) {
    const json result = one_json_object(receiver->standard_output());
    EXPECT_EQ(result.at("packets_recv"), 0);
    EXPECT_EQ(result.at("state"), "waiting");
    EXPECT_EQ(result.at("last_recv_ttl"), nullptr);
  }
}

TEST_P(SendAndReceive, JoinASourceAndHearNobodyElse) {
  const std::string group = net_.ssm_group;
  const std::string wanted = net_.host(1, 9);
  const RoutedPath path(
      1, {{.group = group, .source = net_.host(1, 1)}, {.group = group, .source = wanted}});
  add_address(path.sender, "eth1", net_.interface_address(1, 9));
  Process receiver =
      path.receiver.spawn(command("mcast-receive", {group, wanted, "-i", "eth1", "--json"}));
  wait_until_joined(receiver);
  for (const std::string& source : {net_.host(1, 1), wanted}) {
    path.sender.run(command(
        "mcast-send", {group, "-i", "eth1", "--source", source, "--count", "50", "-r", "200"}));
  }
  EXPECT_EQ(interrupt(receiver), 0);
  const json result = one_json_object(receiver.standard_output());
  EXPECT_EQ(result.at("source"), wanted);
  EXPECT_EQ(result.at("packets_recv"), 50);
  ASSERT_EQ(result.at("senders").size(), 1U);
  EXPECT_EQ(result.at("senders").at(0).at("source"), wanted);
}

TEST_P(SendAndReceive, TheReceiversJsonIsTheForwardersTruth) {
  std::mt19937_64 random(4);
  const Namespace sending("sender");
  const Namespace receiving("receiver");
  const Forwarder forwarder(sending, addresses(1, 1), receiving, addresses(1, 2),
                            [&](std::uint64_t index) {
                              if (index == 0) return Treatment{};
                              const auto draw = random() % 20;
                              return Treatment{.copies = draw == 0 ? 0U : (draw == 1 ? 2U : 1U),
                                               .held_for = draw == 2 ? 3U : 0U};
                            });
  Process receiver =
      receiving.spawn(command("mcast-receive", {net_.group, "-i", "eth1", "--json", "-t", "5"}));
  wait_until_joined(receiver);
  sending.run(command("mcast-send", {net_.group, "-i", "eth1", "--count", "2000", "-r", "1kpps"}));
  EXPECT_EQ(receiver.wait_exit(10s), 0);
  ASSERT_EQ(forwarder.missed(), 0U);
  const Truth truth = truth_of(forwarder.forwarded());
  EXPECT_GT(truth.lost, 50U);
  const json result = one_json_object(receiver.standard_output());
  EXPECT_EQ(result.at("packets_recv"), truth.packets);
  EXPECT_EQ(result.at("packets_lost"), truth.lost);
  EXPECT_EQ(result.at("duplicates"), truth.duplicates);
  EXPECT_EQ(result.at("reordered"), truth.reordered);
  EXPECT_NEAR(result.at("elapsed_s"), 5, 0.2);
}

TEST_P(SendAndReceive, WhatIsMissingAtTheEndCountsAsLost) {
  const Namespace sending("sender");
  const Namespace receiving("receiver");
  // The gap is seen moments before the end: no timeout has passed.
  const Forwarder forwarder(
      sending, addresses(1, 1), receiving, addresses(1, 2),
      [](std::uint64_t index) { return Treatment{.copies = index >= 90 && index < 95 ? 0U : 1U}; });
  Process receiver = receiving.spawn(
      command("mcast-receive", {net_.group, "-i", "eth1", "--json", "--count", "95"}));
  wait_until_joined(receiver);
  sending.run(command("mcast-send", {net_.group, "-i", "eth1", "--count", "100", "-r", "500"}));
  EXPECT_EQ(receiver.wait_exit(5s), 0);
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("packets_lost"), 5);
}

TEST_P(SendAndReceive, EndAfterExactlyAsManyPacketsAsAskedFor) {
  const RoutedPath path(0, {});
  Process receiver = path.receiver.spawn(
      command("mcast-receive", {net_.group, "-i", "eth1", "--json", "--count", "37"}));
  wait_until_joined(receiver);
  Process sender =
      path.sender.spawn(command("mcast-send", {net_.group, "-i", "eth1", "-r", "2kpps", "-q"}));
  EXPECT_EQ(receiver.wait_exit(5s), 0);
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("packets_recv"), 37);
  EXPECT_TRUE(sender.running());
}

TEST_P(SendAndReceive, RunManyGroupsInOneProcess) {
  const RoutedPath path(0, {});
  // Their last byte overflows.
  const IpAddress first =
      net_.is_v4() ? IpAddress::v4(0xEF0000FA) : IpAddress::parse("ff1e::8000:fffa").value();
  const std::string from_group = first.to_string();
  Process receiver = path.receiver.spawn(command(
      "mcast-receive", {from_group, "--groups", "50", "-i", "eth1", "--json", "--count", "10"}));
  wait_until_joined(receiver);
  const RunResult sent =
      path.sender.try_run(command("mcast-send", {from_group, "--groups", "50", "-i", "eth1",
                                                 "--count", "10", "-r", "50pps", "--json"}));
  EXPECT_EQ(sent.exit_status, 0);
  EXPECT_EQ(receiver.wait_exit(5s), 0);
  const json from = one_json_object(sent.output);
  EXPECT_EQ(from.at("packets_sent"), 500);
  EXPECT_EQ(from.at("groups").size(), 50U);
  const json to = one_json_object(receiver.standard_output());
  EXPECT_EQ(to.at("packets_recv"), 500);
  ASSERT_EQ(to.at("groups").size(), 50U);
  EXPECT_EQ(to.at("groups").at(49).at("group"), first.plus(49).to_string());
  for (const json& group : to.at("groups")) EXPECT_EQ(group.at("packets_recv"), 10);
}

TEST_P(Events, AreLinesOfJsonAsThingsHappen) {
  const RoutedPath path(1, routes(net_));
  Process receiver = path.receiver.spawn(
      command("mcast-receive", {net_.group, "-i", "eth1", "--events", "--stall-timeout", "0.3"}));
  wait_until_joined(receiver);
  Process sender =
      path.sender.spawn(command("mcast-send", {net_.group, "-i", "eth1", "-r", "100", "-q"}));
  const auto happened = [&](const char* name) {
    const auto names = names_of(json_lines(receiver.standard_output()));
    return std::ranges::find(names, name) != names.end();
  };
  ASSERT_TRUE(eventually(5s, [&] { return happened("first-packet"); }));
  EXPECT_FALSE(happened("stall"));
  EXPECT_FALSE(happened("remark"));
  link_down(path.routers[0], "r1");
  ASSERT_TRUE(eventually(5s, [&] { return happened("stall"); }));
  EXPECT_FALSE(happened("recovery"));
  link_up(path.routers[0], "r1");
  ASSERT_TRUE(eventually(5s, [&] { return happened("recovery") && happened("burst"); }));
  filter(path.routers[0], net_, "forward",
         net_.to_group() + " " + net_.nft + " dscp set af11\n" + net_.to_group() + " " +
             net_.nft_hops + " set 7");
  ASSERT_TRUE(eventually(5s, [&] { return happened("remark") && happened("ttl-change"); }));
  EXPECT_EQ(interrupt(sender), 0);
  EXPECT_EQ(interrupt(receiver), 0);
  for (const json& event : json_lines(receiver.standard_output())) {
    EXPECT_EQ(event.at("stream"), net_.group);
    if (event.at("event") == "remark") {
      EXPECT_EQ(event.at("sent_dscp"), 0);
      EXPECT_EQ(event.at("dscp"), 10);
    }
    if (event.at("event") == "burst") {
      EXPECT_EQ(event.at("sender"), net_.host(1, 1));
      EXPECT_GT(event.at("interruption_s"), 0.3);
    }
  }
}

TEST_P(Events, SayThatAnInterfaceWentAwayAndCameBack) {
  const Namespace sending("sender");
  const Namespace receiving("receiver");
  connect(sending, "eth1", addresses(1, 1), receiving, "eth1", addresses(1, 2));
  Process receiver =
      receiving.spawn(command("mcast-receive", {net_.group, "-i", "eth1", "--events", "--json"}));
  wait_until_joined(receiver);
  delete_link(receiving, "eth1");
  const auto happened = [&](const char* name) {
    return receiver.standard_output().find(name) != std::string::npos;
  };
  ASSERT_TRUE(eventually(5s, [&] { return happened("\"failed\""); }));
  EXPECT_TRUE(happened("interface 'eth1'"));
  connect(sending, "eth1", addresses(1, 1), receiving, "eth1", addresses(1, 2));
  ASSERT_TRUE(eventually(5s, [&] { return happened("\"joined\""); }));
  sending.run(command("mcast-send", {net_.group, "-i", "eth1", "--count", "20", "-r", "100"}));
  EXPECT_EQ(interrupt(receiver), 0);
  // With both, the summary is the last line.
  EXPECT_EQ(json_lines(receiver.standard_output()).back().at("packets_recv"), 20);
}

// 0 packets, 10 % lost, none lost: what each condition says of it.
struct Condition {
  const char* name;
  std::vector<std::string> arguments;
  const char* drop;  // an nftables match of packets to drop, "" for none
  int exit_status;
};

class FailOn : public testing::TestWithParam<std::tuple<Net, Condition>> {};

TEST_P(FailOn, EndsWithTheCodeThatWasAskedFor) {
  const auto& [net, condition] = GetParam();
  const RoutedPath path(1, routes(net));
  if (*condition.drop != '\0') {
    filter(path.routers[0], net, "forward",
           net.to_group() + " udp dport 19779 " + condition.drop + " drop");
  }
  std::vector<std::string> arguments{net.group, "-i", "eth1", "--json"};
  arguments.insert(arguments.end(), condition.arguments.begin(), condition.arguments.end());
  Process receiver = path.receiver.spawn(command("mcast-receive", arguments));
  wait_until_joined(receiver);
  path.sender.run(command("mcast-send", {net.group, "-i", "eth1", "--count", "300", "-r", "500"}));
  EXPECT_EQ(interrupt(receiver), condition.exit_status) << receiver.standard_error();
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("group"), net.group);
  EXPECT_EQ(receiver.standard_error().find(" % (") != std::string::npos ||
                receiver.standard_error().find("no packet arrived") != std::string::npos,
            condition.exit_status == 3)
      << receiver.standard_error();
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, FailOn,
    testing::Combine(
        both_families(),
        testing::Values(
            Condition{"LossIsMetByATenth", {"--fail-on-loss"}, "numgen inc mod 10 5", 3},
            Condition{"LossAboveFiveIsMetByATenth", {"--fail-on-loss=5"}, "numgen inc mod 10 5", 3},
            Condition{"LossAboveTwentyIsNot", {"--fail-on-loss=20"}, "numgen inc mod 10 5", 0},
            Condition{"LossIsNotMetByNone", {"--fail-on-loss"}, "", 0},
            Condition{"StallIsNotMetByLoss", {"--fail-on-stall"}, "numgen inc mod 10 5", 0},
            Condition{"LossIsMetByNothingAtAll", {"--fail-on-loss=100"}, "meta length > 0", 3},
            Condition{"StallIsMetByNothingAtAll", {"--fail-on-stall"}, "meta length > 0", 3},
            Condition{"NothingIsMetWhenNothingWasAsked", {}, "meta length > 0", 0})),
    [](const auto& parameter) {
      return std::get<Net>(parameter.param).name + std::get<Condition>(parameter.param).name;
    });

// What is printed goes nowhere: told, and no success; but a reader that has gone away knows.
TEST(Output, ThatCannotBeWrittenIsToldAndAReaderThatIsGoneEndsTheCommand) {
  const RoutedPath path(0, {});
  const std::string group = ipv4().group;
  const auto shell = [&](const std::string& name, const std::vector<std::string>& arguments,
                         const std::string& redirection) {
    std::string line;
    for (const std::string& word : command(name, arguments)) line += word + " ";
    return path.receiver.try_run({"bash", "-o", "pipefail", "-c", line + redirection});
  };
  for (const auto& [name, arguments] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"mcast-receive", {group, "-i", "eth1", "-t", "100ms", "--json"}},
           {"mcast-send", {group, "-i", "eth1", "-t", "100ms", "--json"}},
           {"mcast-status", {"--json"}},
           {"mcast-status", {"--why", group, "--for", "100ms"}},
           {"mcast-receive", {"--help"}}}) {
    const RunResult full = shell(name, arguments, "> /dev/full");
    EXPECT_NE(full.exit_status, 0) << name;
    EXPECT_NE(full.error.find(name + ": cannot write to stdout: No space left on device"),
              std::string::npos)
        << full.error;
  }
  const auto began = std::chrono::steady_clock::now();
  for (const auto& [name, arguments] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"mcast-receive", {group, "-i", "eth1", "--events", "-t", "60"}},
           {"mcast-receive", {group, "-i", "eth1", "-q", "-t", "60"}},
           {"mcast-send", {group, "-i", "eth1", "-q", "-t", "60"}},
           {"mcast-status", {"--watch"}}}) {
    const RunResult left = shell(name, arguments, "| true");
    EXPECT_EQ(left.error.find("cannot write"), std::string::npos) << left.error;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 30s);
}

TEST_P(Send, SaysThatItsPacketsAreFragmentedUnlessItIsQuiet) {
  const RoutedPath path(0, {});
  const auto send = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all{net_.group, "-i", "eth1", "-c", "1", "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return path.sender.try_run(command("mcast-send", all)).error;
  };
  const std::string said = send({"--size", "9000"});
  EXPECT_TRUE(said.starts_with(
      "mcast-send: packets are fragmented: with IP and UDP headers they have " +
      std::to_string(9008 + net_.ip_header) + " bytes, and the MTU of eth1 is 1500\n"))
      << said;
  EXPECT_EQ(send({"--size", "9000", "-q"}).find("fragmented"), std::string::npos);
  EXPECT_EQ(send({"--size", std::to_string(1492 - net_.ip_header)}).find("fragmented"),
            std::string::npos);
}

TEST_P(FailOnStall, EndsWithThreeAfterAStall) {
  const RoutedPath path(0, {});
  Process receiver = path.receiver.spawn(
      command("mcast-receive", {net_.group, "-i", "eth1", "--json", "--fail-on-stall",
                                "--stall-timeout", "0.2", "-t", "3"}));
  wait_until_joined(receiver);
  // Too small to say that they end.
  path.sender.run(command(
      "mcast-send", {net_.group, "-i", "eth1", "--count", "20", "-r", "100", "--size", "32"}));
  EXPECT_EQ(receiver.wait_exit(6s), 3);
  EXPECT_NE(receiver.standard_error().find("stalled 1 time"), std::string::npos)
      << receiver.standard_error();
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("gaps"), 1);
}

TEST_P(PlainLines, SayWhatHappensAndEndWithASummary) {
  const RoutedPath path(1, routes(net_));
  Process receiver = path.receiver.spawn(command("mcast-receive", {net_.group, "-i", "eth1"}));
  wait_until_joined(receiver);
  const std::string sent = path.sender.run(
      command("mcast-send", {net_.group, "-i", "eth1", "--count", "50", "-r", "200"}));
  EXPECT_TRUE(sent.starts_with("sending to " + net_.group + " port 19779 from " + net_.host(1, 1) +
                               " on eth1: 200 pps"))
      << sent;
  EXPECT_NE(sent.find("sent 50 packets (10000 bytes)"), std::string::npos) << sent;
  EXPECT_EQ(interrupt(receiver), 0);
  const std::string lines = receiver.standard_output();
  EXPECT_TRUE(lines.starts_with("joined (*, " + net_.group + ") on eth1, port 19779, " +
                                net_.protocol + "v" + std::to_string(net_.newest_version) + "\n"))
      << lines;
  EXPECT_NE(lines.find("first packet, from " + net_.host(1, 1)), std::string::npos) << lines;
  EXPECT_NE(lines.find("received 50 packets (10000 bytes)"), std::string::npos) << lines;
  EXPECT_NE(lines.find("1 hop, DSCP BE (0)"), std::string::npos) << lines;
  EXPECT_EQ(lines.find('\x1b'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(, SendAndReceive, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, Events, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, Send, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, FailOnStall, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, PlainLines, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
