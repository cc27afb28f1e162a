// The live views of mcast-send and mcast-receive themselves, across a hop.
//
//   sender eth1 --- r0 [router] r1 --- eth1 receiver
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"
#include "tests/terminal/tmux.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGroup = "239.0.10.101";
constexpr const char* kSysctl = "net/ipv4/conf/eth1/force_igmp_version";

std::string binary(const std::string& name) {
  return std::string(MCAST_BINARIES) + "/" + name;
}

class CommandView : public testing::Test {
 protected:
  // A command on a terminal, in a namespace of this process.
  [[nodiscard]] static Tmux on_terminal(const Namespace& where, const std::string& name,
                                        const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& environment = {}) {
    std::vector<std::string> program{
        "nsenter",
        "--net=/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(where.fd()),
        "--",
        binary(name),
        kGroup,
        "-i",
        "eth1"};
    program.insert(program.end(), arguments.begin(), arguments.end());
    return Tmux(program, {.environment = environment});
  }
  [[nodiscard]] Process send(const std::vector<std::string>& arguments) const {
    std::vector<std::string> program{binary("mcast-send"), kGroup, "-i", "eth1", "-q"};
    program.insert(program.end(), arguments.begin(), arguments.end());
    return path_.sender.spawn(program);
  }

  RoutedPath path_{
      1, {{.group = kGroup, .source = "10.1.1.1"}, {.group = kGroup, .source = "10.1.1.9"}}};
};

testing::AssertionResult comes_to_show(const Tmux& terminal, const std::string& text) {
  return eventually(10s, [&] { return terminal.shows(text); }, [&] { return terminal.screen(); });
}

// Ends with `status`, and leaves the terminal as it was.
void expect_end(const Tmux& terminal, int status) {
  ASSERT_TRUE(comes_to_show(terminal, Tmux::kAfter));
  EXPECT_EQ(terminal.exit_status(), status);
  EXPECT_EQ(terminal.settings_after(), terminal.settings_before());
  EXPECT_FALSE(terminal.on_alternate_screen());
  EXPECT_TRUE(terminal.cursor_visible());
}

TEST_F(CommandView, OfReceiveFollowsAStreamFromWaitingToStalled) {
  add_address(path_.sender, "eth1", "10.1.1.9/24");
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {"--stall-timeout", "1"});
  ASSERT_TRUE(comes_to_show(terminal, "WAITING"));
  EXPECT_TRUE(terminal.shows("239.0.10.101 (admin-scoped)")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("eth1 (10.1.2.2)")) << terminal.screen();
  ASSERT_TRUE(comes_to_show(terminal, "V3 (confirmed)"));
  {
    const Process first = send({"-r", "100", "--dscp", "ef"});
    ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
    EXPECT_TRUE(comes_to_show(terminal, "TTL          99, sender set 100"));
    EXPECT_TRUE(comes_to_show(terminal, "1 hop away"));
    EXPECT_TRUE(comes_to_show(terminal, "EF (46), preserved"));
    EXPECT_FALSE(terminal.shows("STALLED"));
    const Process second = send({"-r", "100", "--source", "10.1.1.9"});
    ASSERT_TRUE(comes_to_show(terminal, "10.1.1.9"));
    EXPECT_TRUE(terminal.shows("10.1.1.1 ")) << terminal.screen();
    terminal.resize(110, 30);
    ASSERT_TRUE(comes_to_show(terminal, "Rate 79 s"));
    terminal.resize(80, 24);
    ASSERT_TRUE(comes_to_show(terminal, "Rate 49 s"));
  }
  ASSERT_TRUE(comes_to_show(terminal, "STALLED"));
  terminal.press("q");
  expect_end(terminal, 0);
  // What the view showed is gone; the numbers stay.
  EXPECT_TRUE(terminal.shows("received ")) << terminal.screen();
}

TEST_F(CommandView, OfSendShowsWhatIsSentUntilCtrlC) {
  const Tmux terminal =
      on_terminal(path_.sender, "mcast-send", {"-r", "100", "--dscp", "af11", "--ttl", "9"});
  ASSERT_TRUE(comes_to_show(terminal, "SENDING"));
  EXPECT_TRUE(terminal.shows("eth1 (10.1.1.1)")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("AF11 (10)")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("100 pps")) << terminal.screen();
  EXPECT_FALSE(terminal.shows("FAILED")) << terminal.screen();
  link_down(path_.sender, "eth1");
  ASSERT_TRUE(comes_to_show(terminal, "FAILED"));
  link_up(path_.sender, "eth1");
  ASSERT_TRUE(comes_to_show(terminal, "SENDING"));
  terminal.press("C-c");
  expect_end(terminal, 0);
  EXPECT_TRUE(terminal.shows("sent ")) << terminal.screen();
}

TEST_F(CommandView, HasNoColourWithNoColor) {
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {}, {"NO_COLOR=1"});
  ASSERT_TRUE(comes_to_show(terminal, "WAITING"));
  for (const char* const colour : {"\x1b[31m", "\x1b[32m", "\x1b[33m"}) {
    EXPECT_EQ(terminal.styled_screen().find(colour), std::string::npos);
  }
}

TEST_F(CommandView, IsNotDrawnOnADumbTerminal) {
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {}, {"TERM=dumb"});
  ASSERT_TRUE(comes_to_show(terminal, "joined (*, 239.0.10.101) on eth1"));
  EXPECT_FALSE(terminal.on_alternate_screen());
}

// The packets come in on eth1, and the route back to their source leaves by lan2.
TEST_F(CommandView, OfReceiveSaysWhyNothingArrivesUntilItDoes) {
  add_address(path_.sender, "eth1", "10.1.1.9/24");
  connect(path_.receiver, "lan2", "10.7.0.1/24", path_.sender, "lan2", "10.7.0.2/24");
  add_route(path_.receiver, "10.1.1.9", "10.7.0.2");
  path_.receiver.set_sysctl("net.ipv4.conf.eth1.rp_filter", "1");
  const Process sender = send({"-r", "50", "--source", "10.1.1.9"});
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {});
  ASSERT_TRUE(comes_to_show(terminal, "WAITING"));
  EXPECT_FALSE(terminal.shows("Why?")) << terminal.screen();
  ASSERT_TRUE(comes_to_show(terminal, "Why?  looking"));
  ASSERT_TRUE(comes_to_show(terminal, "Why?  reverse_path_filter: packets of 10.1.1.9 come in on"));
  EXPECT_TRUE(terminal.shows("Try   sysctl -w net.ipv4.conf.eth1.rp_filter=2"))
      << terminal.screen();
  path_.receiver.set_sysctl("net.ipv4.conf.eth1.rp_filter", "2");
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  EXPECT_FALSE(terminal.shows("Why?")) << terminal.screen();
  EXPECT_FALSE(terminal.shows("Try ")) << terminal.screen();
  terminal.press("q");
  expect_end(terminal, 0);
}

class CommandViewEnds : public CommandView, public testing::WithParamInterface<int> {};

TEST_P(CommandViewEnds, AndGivesTerminalAndIgmpVersionBack) {
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {"--igmp-version", "2"});
  ASSERT_TRUE(comes_to_show(terminal, "V2 (confirmed)"));
  EXPECT_EQ(path_.receiver.sysctl(kSysctl), "2");
  const auto pid = terminal.pid();
  ASSERT_TRUE(pid);
  ::kill(*pid, GetParam());
  const bool is_crash = GetParam() == SIGSEGV || GetParam() == SIGABRT;
  expect_end(terminal, is_crash ? 128 + GetParam() : 0);
  EXPECT_EQ(path_.receiver.sysctl(kSysctl), "0");
}

INSTANTIATE_TEST_SUITE_P(Signals, CommandViewEnds,
                         testing::Values(SIGTERM, SIGHUP, SIGSEGV, SIGABRT),
                         [](const auto& signal) {
                           return std::string("By") + ::sigabbrev_np(signal.param);
                         });

TEST_F(CommandView, OfAStreamInAnAgentIsTheSameAndEndsWhenTheAgentDoes) {
  Agent agent(path_.receiver, kWatchesAlone);
  const Tmux terminal =
      on_terminal(path_.receiver, "mcast-receive", {"--agent=" + agent.api_socket()});
  ASSERT_TRUE(comes_to_show(terminal, "WAITING"));
  const Process sender = send({"-r", "100", "--dscp", "ef"});
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  EXPECT_TRUE(comes_to_show(terminal, "1 hop away"));
  EXPECT_TRUE(comes_to_show(terminal, "EF (46), preserved"));
  EXPECT_EQ(agent.metrics().count("mcast_receiver_info", {{"stream", kGroup}}), 1U);
  agent.process().signal(SIGKILL);
  expect_end(terminal, 1);
  EXPECT_TRUE(terminal.shows("mcast-receive: the agent has gone away")) << terminal.screen();
}

}  // namespace
}  // namespace mcast::test
