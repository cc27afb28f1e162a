// A zsh on a pseudo-terminal, with its completion system, reads the file; keys are
// pressed, and what stands on the line afterwards is looked at.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/unit/cli/arguments/shell.h"

namespace mcast::cli {
namespace {

using test::is_installed;
using test::run_shell;
using test::ShellOutput;
using test::TextFile;

// Ctrl-X prints the line.
constexpr std::string_view kStartFile = R"(
PS1=READY
# Without those of hundreds of other programs: two seconds less.
fpath=($ZDOTDIR ${fpath:#*/Completion/(Unix|Linux|X|Debian|Zsh)})
autoload -Uz compinit
compinit -D -u
zstyle ':completion:*' format 'MESSAGE<%d>'
setopt no_beep
show-line() { zle -I; print -r -- "LINE<$BUFFER>"; BUFFER= }
zle -N show-line
bindkey '^X' show-line
)";

// Arguments: the folder of the start file, the keys.
constexpr std::string_view kDriver = R"(
zmodload zsh/zpty
zpty shell "TERM=dumb COLUMNS=200 ZDOTDIR=$1 zsh -d -i"
zpty -r shell seen '*READY*'
zpty -n -w shell "$2"$'\C-x'
zpty -r shell seen '*LINE<*>*'
print -r -- "$seen"
zpty -d shell
)";

// What zsh shows, and at last LINE<the line>, when these keys were pressed.
std::string after_keys(const std::string& keys) {
  const TextFile start(".zshrc", kStartFile);
  std::filesystem::copy(MCAST_MAN "/completions/_mcast", start.folder());
  const TextFile driver("driver", kDriver);
  const ShellOutput output =
      run_shell("timeout 60 zsh -f " + driver.path() + " " + start.folder() + " '" + keys + "'");
  EXPECT_EQ(output.code, 0) << output.text;
  return output.text;
}

std::string after_tab(const std::string& typed) {
  return after_keys(typed + "\t");
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ZshCompletion : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  }
};

TEST_F(ZshCompletion, IsWellFormed) {
  const auto output = run_shell("zsh -f -n " MCAST_MAN "/completions/_mcast");
  EXPECT_EQ(output.code, 0);
  EXPECT_EQ(output.text, "");
}

TEST_F(ZshCompletion, OffersTheOptionsOfEachCommand) {
  EXPECT_TRUE(has(after_tab("mcast-send -"), "--no-loopback"));
  EXPECT_TRUE(has(after_tab("mcast-receive -"), "--stall-timeout"));
  EXPECT_TRUE(has(after_tab("mcast-status -"), "--why"));
  EXPECT_TRUE(has(after_tab("mcast-agent -"), "--web.listen-address"));
}

TEST_F(ZshCompletion, CompletesOptionsByTheirBeginning) {
  const std::string text = after_tab("mcast-send --js");
  EXPECT_TRUE(has(text, "LINE<mcast-send --json >")) << text;
}

// Otherwise the shell would keep the sign for the next word.
TEST_F(ZshCompletion, TakesBackTheEqualsSignOfAValueThatIsLeftOut) {
  const std::string text = after_keys("mcast-receive --fail-on-l\t --ev\t");
  EXPECT_TRUE(has(text, "LINE<mcast-receive --fail-on-loss --events >")) << text;
}

TEST_F(ZshCompletion, CompletesDscpNames) {
  const std::string text = after_tab("mcast-send --dscp e");
  EXPECT_TRUE(has(text, "LINE<mcast-send --dscp ef >")) << text;
  const std::string equals = after_tab("mcast-send --dscp=e");
  EXPECT_TRUE(has(equals, "LINE<mcast-send --dscp=ef >")) << equals;
}

TEST_F(ZshCompletion, OffersInterfacesOfThisHost) {
  const std::string text = after_tab("mcast-receive -i lo");
  EXPECT_TRUE(has(text, "LINE<mcast-receive -i lo")) << text;
  EXPECT_TRUE(has(after_tab("mcast-receive -i "), "lo"));
}

TEST_F(ZshCompletion, OffersIgmpVersions) {
  const std::string text = after_tab("mcast-receive -v ");
  EXPECT_TRUE(has(text, "1  2  3")) << text;
  const std::string third = after_tab("mcast-receive G S ");
  EXPECT_TRUE(has(third, "1  2  3")) << third;
}

TEST_F(ZshCompletion, OffersChoices) {
  const std::string text = after_tab("mcast-agent --log.level d");
  EXPECT_TRUE(has(text, "LINE<mcast-agent --log.level debug >")) << text;
}

TEST_F(ZshCompletion, SaysWhatAGroupIsAndOffersNone) {
  const std::string text = after_tab("mcast-send ");
  EXPECT_TRUE(has(text, "MESSAGE<GROUP - ")) << text;
  EXPECT_TRUE(has(text, "LINE<mcast-send >")) << text;
}

}  // namespace
}  // namespace mcast::cli
