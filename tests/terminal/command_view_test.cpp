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
#include "tests/netns/packet_filter.h"
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
                                        const std::vector<std::string>& environment = {},
                                        TmuxOptions options = {}) {
    std::vector<std::string> program{
        "nsenter",
        "--net=/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(where.fd()),
        "--",
        binary(name),
        kGroup,
        "-i",
        "eth1"};
    program.insert(program.end(), arguments.begin(), arguments.end());
    options.environment = environment;
    return Tmux(program, options);
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

TEST_F(CommandView, OfReceiveFollowsAStreamFromWaitingToItsEnd) {
  add_address(path_.sender, "eth1", "10.1.1.9/24");
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {"--stall-timeout", "1"});
  ASSERT_TRUE(comes_to_show(terminal, "WAITING"));
  EXPECT_TRUE(terminal.shows("239.0.10.101 (admin-scoped)")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("eth1 (10.1.2.2)")) << terminal.screen();
  ASSERT_TRUE(comes_to_show(terminal, "IGMPv3 (in use)"));
  {
    const Process first = send({"-r", "100", "--dscp", "ef"});
    ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
    EXPECT_TRUE(comes_to_show(terminal, "TTL          99, sender set 100"));
    EXPECT_TRUE(comes_to_show(terminal, "Hops         1"));
    EXPECT_TRUE(comes_to_show(terminal, "EF (46), preserved"));
    EXPECT_FALSE(terminal.shows("STALLED"));
    const Process second = send({"-r", "100", "--source", "10.1.1.9"});
    ASSERT_TRUE(comes_to_show(terminal, "10.1.1.9"));
    EXPECT_TRUE(terminal.shows("10.1.1.1 ")) << terminal.screen();
    terminal.resize(110, 30);
    ASSERT_TRUE(comes_to_show(terminal, "Rate, last 72 s"));
    terminal.resize(80, 24);
    ASSERT_TRUE(comes_to_show(terminal, "Rate, last 42 s"));
  }
  // On SIGTERM a sender says that it ends.
  ASSERT_TRUE(comes_to_show(terminal, "ENDED"));
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

// The group in the first row of the table.
std::string first_group(const Tmux& terminal) {
  const std::string shown = terminal.screen();
  const std::size_t heading = shown.find("\nGroup");
  const std::size_t row = shown.find('\n', heading + 1) + 1;
  return shown.substr(row, shown.find(' ', row) - row);
}
testing::AssertionResult comes_to_begin_with(const Tmux& terminal, const std::string& group) {
  return eventually(
      10s, [&] { return first_group(terminal) == group; }, [&] { return terminal.screen(); });
}

// What the keys do to a view of 50 groups, of which one is received.
void expect_keys_work(const Tmux& terminal) {
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING 1 of 50"));
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.102"));
  terminal.press("j");
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.103"));
  terminal.press("Down");
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.104"));
  terminal.press("Up");
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.103"));
  terminal.press("End");
  ASSERT_TRUE(comes_to_show(terminal, " to 50 of 50 groups"));
  const std::string last = first_group(terminal);
  terminal.press("PageUp");
  ASSERT_TRUE(eventually(10s, [&] { return first_group(terminal) != last; }));
  terminal.press("Home");
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.102"));
  terminal.press("s");
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.101"));
  ASSERT_TRUE(comes_to_show(terminal, "Group↓"));
  terminal.press("r");
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.150"));
  terminal.press("p");
  ASSERT_TRUE(comes_to_show(terminal, "PAUSED"));
  terminal.press("r");
  ASSERT_TRUE(comes_to_begin_with(terminal, "239.0.10.101")) << "also while it stands still";
  terminal.press("p");
  ASSERT_TRUE(eventually(10s, [&] { return !terminal.shows("PAUSED"); }));
  terminal.press("z");
  ASSERT_TRUE(comes_to_show(terminal, "  since "));
  terminal.press("?");
  ASSERT_TRUE(comes_to_show(terminal, "mcast-receive: keys"));
  terminal.press("x");
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING 1 of 50"));
}

class CommandViewKeys : public CommandView, public testing::WithParamInterface<TmuxOptions> {};

TEST_P(CommandViewKeys, ScrollSortPauseResetAndHelp) {
  const Process sender = send({"-r", "100"});
  const Tmux terminal =
      on_terminal(path_.receiver, "mcast-receive", {"--groups", "50"}, {}, GetParam());
  expect_keys_work(terminal);
  // The rest of a table is shown where there is height.
  if (GetParam().rows == 60) {
    EXPECT_TRUE(terminal.shows("239.0.10.130")) << terminal.screen();
  }
  terminal.press("q");
  expect_end(terminal, 0);
}

INSTANTIATE_TEST_SUITE_P(Sizes, CommandViewKeys,
                         testing::Values(TmuxOptions{.columns = 80, .rows = 24},
                                         TmuxOptions{.columns = 120, .rows = 40},
                                         TmuxOptions{.columns = 200, .rows = 60}),
                         [](const auto& size) {
                           return "At" + std::to_string(size.param.columns) + "x" +
                                  std::to_string(size.param.rows);
                         });

TEST_F(CommandView, OfAnAgentsStreamsHasTheSameKeys) {
  Agent agent(path_.receiver, kWatchesAlone);
  const Process sender = send({"-r", "100"});
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive",
                                    {"--groups", "50", "--agent=" + agent.api_socket()});
  expect_keys_work(terminal);
  terminal.press("q");
  expect_end(terminal, 0);
}

TEST_F(CommandView, TakesHalfAndStrangeSequencesOnTheTerminalWithoutHarm) {
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {});
  ASSERT_TRUE(comes_to_show(terminal, "WAITING"));
  for (const char* const bytes :
       {"1b", "1b 5b", "1b 5b 31", "1b 4f", "1b 5b 32 30 30 7e", "1b 5b 39 39 39 39 39 39 7e",
        "1b 5d 30 3b 71", "00", "80 ff fe", "1b 5b 4d 20 20 20", "1b 50 71", "1b 71", "c3 28"}) {
    terminal.type_bytes(bytes);
  }
  terminal.press("?");
  ASSERT_TRUE(comes_to_show(terminal, "mcast-receive: keys"));
  terminal.press("Escape");
  ASSERT_TRUE(comes_to_show(terminal, "WAITING"));
  terminal.press("q");
  expect_end(terminal, 0);
}

// An outage is one in every part of the picture, from its first seconds on, and where it was after.
TEST_F(CommandView, ShowsAnOutageWhileItHappensAndWhereItWas) {
  const Tmux terminal =
      on_terminal(path_.receiver, "mcast-receive", {}, {}, {.columns = 120, .rows = 40});
  const Process sender = send({"-r", "100"});
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  ASSERT_TRUE(comes_to_show(terminal, "Lost         0 (0.00 %)"));
  nft(path_.receiver,
      "table netdev cut {\n  chain ingress {\n"
      "    type filter hook ingress device eth1 priority 0; policy accept;\n"
      "    ip daddr 239.0.10.101 drop\n  }\n}\n");
  ASSERT_TRUE(comes_to_show(terminal, "packets overdue"));
  ASSERT_TRUE(comes_to_show(terminal, "STALLED"));
  EXPECT_FALSE(terminal.shows("Loss 10 s    0.00 %")) << terminal.screen();
  EXPECT_FALSE(terminal.shows("Lost         0 ")) << terminal.screen();
  EXPECT_TRUE(terminal.shows(" s so far")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("peak 100.00 %")) << terminal.screen();
  RecordProperty("outage", terminal.screen());
  path_.receiver.run({"nft", "delete", "table", "netdev", "cut"});
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  ASSERT_TRUE(comes_to_show(terminal, "packets lost"));
  ASSERT_TRUE(comes_to_show(terminal, "Stalls       1"));
  // The two newest seconds, or more, are without loss.
  ASSERT_TRUE(comes_to_show(terminal, "··\n")) << terminal.screen();
  RecordProperty("after", terminal.screen());
  terminal.press("q");
  expect_end(terminal, 0);
}

class CommandViewEnds : public CommandView, public testing::WithParamInterface<int> {};

TEST_P(CommandViewEnds, AndGivesTerminalAndIgmpVersionBack) {
  const Tmux terminal = on_terminal(path_.receiver, "mcast-receive", {"--igmp-version", "2"});
  ASSERT_TRUE(comes_to_show(terminal, "IGMPv2 (forced, in use)"));
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
  EXPECT_TRUE(comes_to_show(terminal, "Hops         1"));
  EXPECT_TRUE(comes_to_show(terminal, "EF (46), preserved"));
  EXPECT_EQ(agent.metrics().count("mcast_receiver_info", {{"stream", kGroup}}), 1U);
  agent.process().signal(SIGKILL);
  expect_end(terminal, 1);
  EXPECT_TRUE(terminal.shows("mcast-receive: the agent has gone away")) << terminal.screen();
}

}  // namespace
}  // namespace mcast::test
