// For each program the options in --help, in the man page, in the completions of both shells and
// in the README are the same ones. And groff and mandoc have nothing to say about the man pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>

#include "agent/options.h"
#include "cli/status/status_command.h"
#include "cli/streams/stream_options.h"
#include "tests/unit/cli/arguments/shell.h"

namespace mcast::test {
namespace {

using Names = std::set<std::string>;
using testing::HasSubstr;
using testing::IsSupersetOf;

std::string read(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <typename Parse>
std::string command_help(Parse parse) {
  constexpr std::array<std::string_view, 1> kArguments{"--help"};
  const auto parsed = parse(kArguments);
  const auto* end = std::get_if<cli::EndNow>(&parsed);
  return end == nullptr ? "" : end->text;
}

std::string agent_help() {
  constexpr std::array kArguments{"mcast-agent", "--help"};
  const auto parsed = agent::parse_options(static_cast<int>(kArguments.size()), kArguments.data());
  const auto* end = std::get_if<agent::EndNow>(&parsed);
  return end == nullptr ? "" : end->text;
}

// What `pattern` captures, anywhere in the text.
Names captured(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  Names names;
  for (std::sregex_iterator found(text.begin(), text.end(), expression), end; found != end;
       ++found) {
    names.insert((*found)[1]);
  }
  return names;
}

// "-t" and "--ttl", of the lines that begin with them.
Names names_in_help(const std::string& help) {
  Names names;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_search(line, std::regex("^ {2,6}-"))) continue;
    const std::size_t after = line.find("  ", line.find('-'));
    names.merge(captured(line.substr(0, after), "(?:^|[ ,])(--?[a-z][a-z.-]*|-S)"));
  }
  return names;
}

Names names_in_page(std::string page) {
  std::erase(page, '\\');
  Names names;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(".It Fl")) continue;
    for (const std::string& name : captured(line, "Fl (-?[A-Za-z.-]+)")) names.insert("-" + name);
  }
  return names;
}

Names names_in_bash(const std::string& program) {
  const auto output = run_shell(
      "bash --norc -c 'source " MCAST_MAN "/completions/mcast.bash; COMP_WORDS=(" + program +
      " -); COMP_CWORD=1; _mcast " + program + "; printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
  return captured(output.text, "(-[A-Za-z.-]+)\n");
}

// What zsh is told of a program: its branch of `case`, and the lists that it names there.
Names names_in_zsh(const std::string& program) {
  const std::string text = read(MCAST_MAN "/completions/_mcast");
  const std::size_t begin = text.find("\n" + program + ")\n");
  EXPECT_NE(begin, std::string::npos) << program;
  std::string specs = text.substr(begin, text.find("\n  ;;\n", begin) - begin);
  for (const char* list : {"help", "stream"}) {
    if (!specs.contains(" $" + std::string(list))) continue;
    const std::size_t start = text.find("local -a " + std::string(list) + "=(\n");
    specs += text.substr(start, text.find("\n)\n", start) - start);
  }
  return captured(specs, "(?:['\"*\\{,)])(--?[A-Za-z][A-Za-z.-]*?)(?:\\+|=-|=)?(?=[\\[,}])");
}

struct Program {
  std::string name;
  std::string help;
  std::string page;
};

std::vector<Program> programs() {
  return {
      {"mcast-send", command_help(cli::parse_send_options), read(MCAST_MAN "/mcast-send.1")},
      {"mcast-receive", command_help(cli::parse_receive_options),
       read(MCAST_MAN "/mcast-receive.1")},
      {"mcast-status", command_help(cli::parse_status_options), read(MCAST_MAN "/mcast-status.1")},
      {"mcast-agent", agent_help(), read(MCAST_MAN "/mcast-agent.8")}};
}

TEST(Options, AreTheSameInHelpManPageAndCompletions) {
  for (const Program& program : programs()) {
    SCOPED_TRACE(program.name);
    Names names = names_in_help(program.help);
    EXPECT_THAT(names, IsSupersetOf({"-h", "--help", "--version"})) << program.help;
    EXPECT_EQ(names_in_page(program.page), names);
    EXPECT_EQ(names_in_bash(program.name), names);
    EXPECT_EQ(names_in_zsh(program.name), names);
  }
}

// The README has a table of what the agent takes, and examples of the commands.
TEST(Options, InTheReadmeAreThoseOfTheHelp) {
  const std::string readme = read(MCAST_README);
  Names agent = names_in_help(agent_help());
  for (const char* name : {"-h", "--help", "--version"}) agent.erase(name);
  EXPECT_EQ(captured(readme, "\n\\| `(--[a-z.-]+)[=`]"), agent);
  std::istringstream lines(readme);
  for (std::string line; std::getline(lines, line);) {
    for (const Program& program : programs()) {
      const std::size_t at = line.find(program.name + " ");
      if (at == std::string::npos || !line.starts_with("mcast-")) continue;
      EXPECT_THAT(names_in_help(program.help),
                  IsSupersetOf(captured(line.substr(at), " (--[a-z.-]+)")))
          << line;
    }
  }
}

// "--rate RATE", "--agent[=SOCKET]"
TEST(Options, TakeTheSameValuesInHelpAndManPage) {
  for (const Program& program : programs()) {
    std::istringstream lines(program.page);
    for (std::string line; std::getline(lines, line);) {
      std::erase(line, '\\');
      std::smatch found;
      if (!std::regex_search(line, found,
                             std::regex("^\\.It .*Fl (-[a-z.-]+)( Ns Op = Ns)?( Ar (.*))?$"))) {
        continue;
      }
      const std::string head = "-" + found[1].str() +
                               (found[2].matched   ? "[=" + found[4].str() + "]"
                                : found[3].matched ? " " + found[4].str()
                                                   : "");
      EXPECT_THAT(program.help, HasSubstr(head)) << program.name;
    }
  }
}

TEST(Options, AreShownInEightyColumns) {
  for (const Program& program : programs()) {
    std::istringstream lines(program.help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(ManualPage, HasTheSectionsThatPeopleLookForInTheirOrder) {
  for (const Program& program : programs()) {
    std::size_t from = 0;
    for (const char* title :
         {"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
      const std::size_t at = program.page.find("\n.Sh " + std::string(title) + "\n");
      ASSERT_NE(at, std::string::npos) << program.name << " " << title;
      EXPECT_GE(at, from) << program.name << " " << title;
      from = at;
    }
    for (const Program& other : programs()) {
      const bool named = program.page.find("\n.Xr " + other.name + " ", from) != std::string::npos;
      EXPECT_EQ(named, other.name != program.name) << program.name << " " << other.name;
    }
  }
}

// Readers of man pages disagree about the encoding of anything else.
TEST(ManualPage, IsAscii) {
  for (const Program& program : programs()) {
    EXPECT_TRUE(std::ranges::all_of(program.page, [](char c) {
      return c == '\n' || (c >= ' ' && c <= '~');
    })) << program.name;
  }
}

TEST(ManualPage, SaysHowTheAgentIsReloadedAndAsked) {
  const std::string page = read(MCAST_MAN "/mcast-agent.8");
  for (const char* word : {"\n.It SIGHUP\n", "reload\n", "\n.It Pa /api/v1\n", "CAP_NET_RAW",
                           "the interfaces on which IGMP is heard"}) {
    EXPECT_THAT(page, HasSubstr(word));
  }
}

void expect_no_warnings(const std::string& program, const std::string& arguments) {
  for (const char* page : {"mcast-send.1", "mcast-receive.1", "mcast-status.1", "mcast-agent.8"}) {
    const auto output = run_shell(program + arguments + " " MCAST_MAN "/" + page);
    EXPECT_EQ(output.code, 0) << page;
    EXPECT_EQ(output.text, "") << page;
  }
}

TEST(ManualPage, GivesGroffNothingToWarnAbout) {
  if (!is_installed("groff")) GTEST_SKIP() << "groff is not installed";
  expect_no_warnings("groff", " -mdoc -ww -z -Tutf8");
}

TEST(ManualPage, GivesMandocNothingToWarnAbout) {
  if (!is_installed("mandoc")) GTEST_SKIP() << "mandoc is not installed";
  expect_no_warnings("mandoc", " -T lint -W warning");
}

}  // namespace
}  // namespace mcast::test
