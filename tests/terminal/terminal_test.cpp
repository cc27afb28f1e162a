// The live view on a terminal: drawn, resized, in colour or not, and gone without a
// trace whatever ended the program.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "tests/netns/eventually.h"
#include "tests/terminal/tmux.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> demo(const std::string& scenario) {
  return {MCAST_VIEW_DEMO, scenario};
}

testing::AssertionResult comes_to_show(const Tmux& terminal, const std::string& text) {
  return eventually(10s, [&] { return terminal.shows(text); }, [&] { return terminal.screen(); });
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Whether a colour is set anywhere: SGR 30 to 38, 40 to 48, and the bright ones.
bool has_colour(const std::string& styled) {
  for (std::size_t at = styled.find("\x1b["); at != std::string::npos;
       at = styled.find("\x1b[", at + 1)) {
    std::istringstream codes(styled.substr(at + 2, styled.find('m', at) - at - 2));
    for (std::string code; std::getline(codes, code, ';');) {
      const int number = code.empty() ? 0 : std::stoi(code);
      if ((number >= 30 && number <= 38) || (number >= 40 && number <= 48) || number >= 90) {
        return true;
      }
    }
  }
  return false;
}

// After the program ended with `status`, the terminal is as it was before.
void expect_restored(const Tmux& terminal, int status) {
  ASSERT_TRUE(comes_to_show(terminal, Tmux::kAfter));
  EXPECT_EQ(terminal.exit_status(), status);
  EXPECT_FALSE(terminal.settings_before().empty());
  EXPECT_EQ(terminal.settings_after(), terminal.settings_before());
  EXPECT_FALSE(terminal.on_alternate_screen());
  EXPECT_TRUE(terminal.cursor_visible());
  EXPECT_TRUE(terminal.shows(Tmux::kBefore)) << terminal.screen();
  EXPECT_FALSE(terminal.shows("RECEIVING")) << terminal.screen();
  EXPECT_EQ(terminal.styled_screen().find('\x1b'), std::string::npos)
      << "text is written with attributes of the view";
}

TEST(Terminal, DrawsThePictureAt80x24WithoutACursor) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  EXPECT_TRUE(terminal.on_alternate_screen());
  EXPECT_FALSE(terminal.cursor_visible());
  const auto lines = lines_of(terminal.screen());
  ASSERT_GE(lines.size(), 23U);
  EXPECT_EQ(lines[0],
            "mcast-receive  239.0.10.101 (admin-scoped)                               q: quit");
  EXPECT_EQ(lines[3], "Join         ASM (*,G), any source         Interface    eth1 (10.1.1.2)");
  EXPECT_TRUE(comes_to_show(terminal, "█  peak 2"));
}

TEST(Terminal, GoesOnDrawing) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "elapsed 00:00:01"));
  ASSERT_TRUE(comes_to_show(terminal, "elapsed 00:00:02"));
}

TEST(Terminal, FollowsResizing) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "Rate 49 s"));
  terminal.resize(132, 43);
  ASSERT_TRUE(comes_to_show(terminal, "Rate 101 s"));
  EXPECT_EQ(lines_of(terminal.screen())[0].size(), 132U) << terminal.screen();
  terminal.resize(40, 10);
  ASSERT_TRUE(comes_to_show(terminal, "(admin-scop…"));
  EXPECT_FALSE(terminal.shows("Rate 101 s")) << terminal.screen();
  terminal.resize(2, 1);
  ASSERT_TRUE(eventually(
      10s, [&] { return terminal.screen() == "R…\n"; }, [&] { return terminal.screen(); }));
  terminal.resize(80, 24);
  ASSERT_TRUE(comes_to_show(terminal, "Rate 49 s"));
  EXPECT_EQ(lines_of(terminal.screen())[3],
            "Join         ASM (*,G), any source         Interface    eth1 (10.1.1.2)");
  terminal.press("q");
  expect_restored(terminal, 0);
}

TEST(Terminal, BeginsInTheSizeOfATerminalThatIsNot80x24) {
  const Tmux terminal(demo("senders"), {.columns = 101, .rows = 30});
  ASSERT_TRUE(comes_to_show(terminal, "10.2.2.2"));
  EXPECT_EQ(lines_of(terminal.screen())[0].size(), 101U) << terminal.screen();
}

TEST(Terminal, GivesTheStateAColour) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  EXPECT_TRUE(has_colour(terminal.styled_screen())) << terminal.styled_screen();
}

TEST(Terminal, HasNoColourWithNoColor) {
  for (const char* const scenario : {"receiving", "stalled", "failed", "groups"}) {
    const Tmux terminal(demo(scenario), {.environment = {"NO_COLOR=1"}});
    ASSERT_TRUE(comes_to_show(terminal, "Interface"));
    EXPECT_FALSE(has_colour(terminal.styled_screen())) << terminal.styled_screen();
  }
}

TEST(Terminal, KeepsToAsciiInALocaleWithoutMore) {
  const Tmux terminal(demo("receiving"), {.environment = {"LC_ALL=C"}});
  ASSERT_TRUE(comes_to_show(terminal, "#  peak 2"));
  for (const char c : terminal.screen()) ASSERT_GE(c, 0) << terminal.screen();
}

TEST(Terminal, EndsWithQ) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  terminal.press("q");
  expect_restored(terminal, 0);
}

TEST(Terminal, DoesNotEndWithOtherKeys) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  for (const char* const key : {"x", "Enter", "Escape", "Up", "F5", "C-l"}) terminal.press(key);
  ASSERT_TRUE(comes_to_show(terminal, "elapsed 00:00:02"));
  EXPECT_EQ(terminal.exit_status(), std::nullopt);
}

TEST(Terminal, EndsWithCtrlC) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  terminal.press("C-c");
  expect_restored(terminal, 0);
}

TEST(Terminal, IsRestoredAfterSigterm) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  ASSERT_TRUE(terminal.pid());
  ::kill(*terminal.pid(), SIGTERM);
  expect_restored(terminal, 0);
}

TEST(Terminal, IsRestoredAfterTheProgramEndedByItself) {
  auto program = demo("receiving");
  program.emplace_back("1");
  const Tmux terminal(program);
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  expect_restored(terminal, 0);
}

TEST(Terminal, IsRestoredAfterACrash) {
  const Tmux terminal(demo("receiving"));
  ASSERT_TRUE(comes_to_show(terminal, "RECEIVING"));
  ASSERT_TRUE(terminal.pid());
  ::kill(*terminal.pid(), SIGSEGV);
  expect_restored(terminal, 128 + SIGSEGV);
}

TEST(Terminal, IsNotDrawnOnWhereItIsDumb) {
  const Tmux terminal(demo("receiving"), {.environment = {"TERM=dumb"}});
  ASSERT_TRUE(comes_to_show(terminal, Tmux::kAfter));
  EXPECT_TRUE(terminal.shows("not a terminal")) << terminal.screen();
  EXPECT_EQ(terminal.exit_status(), 1);
}

TEST(Terminal, IsNotDrawnOnWhereNobodyKnowsIt) {
  const Tmux terminal(demo("receiving"), {.environment = {"TERM=no-such-terminal"}});
  ASSERT_TRUE(comes_to_show(terminal, Tmux::kAfter));
  EXPECT_TRUE(terminal.shows("terminal type no-such-terminal is unknown here; set TERM=xterm"))
      << terminal.screen();
  expect_restored(terminal, 1);
}

}  // namespace
}  // namespace mcast::test
