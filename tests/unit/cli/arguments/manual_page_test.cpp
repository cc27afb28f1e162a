// What the man pages say, and that groff and mandoc have nothing to say about them.
#include "cli/documents/manual_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "cli/arguments/argument_parser.h"
#include "tests/unit/cli/arguments/shell.h"

namespace mcast::cli {
namespace {

using test::is_installed;
using test::run_shell;
using test::TextFile;

constexpr Edition kEdition{.version = "0.1.0", .date = "2026-01-02"};

std::string page_of(const CommandDescription& command) {
  return manual_page(command, documented_commands(), kEdition);
}

// As a person reads it: what groff makes of the page, on lines as long as needed.
std::string shown(const std::string& page) {
  const TextFile file("page", page);
  return run_shell("groff -man -Tascii -P-cbou -rLL=2000n " + file.path()).text;
}

TEST(ManualPage, NamesEveryOptionAndArgument) {
  for (const CommandDescription* command : documented_commands()) {
    const std::string page = page_of(*command);
    for (const OptionDescription& option : command->options) {
      std::string head = ".TP\n";
      if (!option.short_name.empty()) head += "\\fB" + roff_text(option.short_name) + "\\fR, ";
      head += "\\fB" + roff_text(option.name) + "\\fR";
      EXPECT_NE(page.find(head), std::string::npos) << command->name << " " << option.name;
    }
    for (const PositionalDescription& positional : command->positionals) {
      const std::string head = ".TP\n\\fI" + roff_text(positional.name) + "\\fR\n";
      EXPECT_NE(page.find(head), std::string::npos) << command->name << " " << positional.name;
    }
  }
}

TEST(ManualPage, AndHelpNameTheSameOptions) {
  for (const CommandDescription* command : documented_commands()) {
    const std::string help = help_text(*command);
    for (const OptionDescription& option : command->options) {
      EXPECT_NE(help.find(std::string(option.name)), std::string::npos) << option.name;
      EXPECT_NE(help.find(std::string(option.short_name)), std::string::npos) << option.name;
    }
    for (const Example& example : command->examples) {
      EXPECT_NE(help.find("\n  " + std::string(example.command) + "\n"), std::string::npos);
    }
  }
}

TEST(ManualPage, HasTheSectionsThatPeopleLookForInTheirOrder) {
  for (const CommandDescription* command : documented_commands()) {
    const std::string page = page_of(*command);
    std::size_t from = 0;
    for (const char* title :
         {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS", "SEE ALSO"}) {
      const std::size_t at = page.find(std::string("\n.SH ") + title + "\n");
      ASSERT_NE(at, std::string::npos) << command->name << " " << title;
      EXPECT_GE(at, from) << command->name << " " << title;
      from = at;
    }
  }
}

TEST(ManualPage, OfAProgramThatDrawsNamesTheEnvironment) {
  for (const char* name : {"NO_COLOR", "TERM"}) {
    const std::string head = ".TP\n\\fB" + std::string(name) + "\\fR\n";
    EXPECT_NE(page_of(send_description()).find(head), std::string::npos);
    EXPECT_EQ(page_of(agent_description()).find(head), std::string::npos);
  }
}

TEST(ManualPage, NamesTheOtherProgramsAndNotItself) {
  for (const CommandDescription* command : documented_commands()) {
    const std::string page = page_of(*command);
    const std::string others = page.substr(page.find(".SH SEE ALSO"));
    for (const CommandDescription* other : documented_commands()) {
      const std::string name =
          "\\fB" + roff_text(other->name) + "\\fR(" + std::to_string(other->manual_section) + ")";
      EXPECT_EQ(others.find(name) != std::string::npos, other != command) << name;
    }
  }
}

// An exit code that only some programs have.
TEST(ManualPage, NamesExitCode3WhereThereIsAConditionToAskFor) {
  EXPECT_NE(page_of(receive_description()).find(".TP\n\\fB3\\fR\n"), std::string::npos);
  EXPECT_EQ(page_of(send_description()).find(".TP\n\\fB3\\fR\n"), std::string::npos);
}

TEST(ManualPage, IsTheSameEveryTimeWhenItHasNoDate) {
  const std::string page =
      manual_page(send_description(), documented_commands(), {.version = "0.1.0"});
  EXPECT_TRUE(page.starts_with(".TH MCAST\\-SEND 1 \"\" \"mcast\\-agent 0.1.0\"\n"))
      << page.substr(0, 80);
}

// Readers of man pages disagree about the encoding of anything else.
TEST(ManualPage, IsAscii) {
  for (const CommandDescription* command : documented_commands()) {
    EXPECT_TRUE(std::ranges::all_of(page_of(*command), [](char c) {
      return c == '\n' || (c >= ' ' && c <= '~');
    })) << command->name;
  }
}

TEST(ManualPage, TextIsShownAsItIsWhateverRoffWouldMakeOfIt) {
  if (!is_installed("groff")) GTEST_SKIP() << "groff is not installed";
  constexpr std::string_view kText = R"(.SH is 'no' request, \fB is \n no font; "a" ^ ~ ` -x)";
  constexpr std::array kExamples{Example{.command = kText, .text = kText}};
  const CommandDescription command{.name = "x",
                                   .purpose = "y",
                                   .description = kText,
                                   .positionals = {},
                                   .options = {},
                                   .examples = kExamples,
                                   .sections = {}};
  const std::string page = manual_page(command, {}, kEdition);
  const std::string text = shown(page);
  std::size_t count = 0;
  for (std::size_t at = text.find(kText); at != std::string::npos; at = text.find(kText, at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 3U) << page << text;
}

TEST(ManualPage, WrappedWordThatBeginsWithAFullStopIsShown) {
  if (!is_installed("groff")) GTEST_SKIP() << "groff is not installed";
  std::string description;
  for (int i = 0; i < 100; ++i) description += ".word ";
  const CommandDescription command{.name = "x",
                                   .purpose = "y",
                                   .description = description,
                                   .positionals = {},
                                   .options = {},
                                   .examples = {},
                                   .sections = {}};
  const std::string text = shown(manual_page(command, {}, kEdition));
  std::size_t count = 0;
  for (std::size_t at = text.find(".word"); at != std::string::npos;
       at = text.find(".word", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 100U) << text;
}

TEST(ManualPage, GivesGroffNothingToWarnAbout) {
  if (!is_installed("groff")) GTEST_SKIP() << "groff is not installed";
  for (const CommandDescription* command : documented_commands()) {
    const TextFile file("page", page_of(*command));
    const auto output = run_shell("groff -man -ww -z -Tutf8 " + file.path());
    EXPECT_EQ(output.code, 0);
    EXPECT_EQ(output.text, "");
  }
}

TEST(ManualPage, GivesMandocNothingToWarnAbout) {
  if (!is_installed("mandoc")) GTEST_SKIP() << "mandoc is not installed";
  for (const CommandDescription* command : documented_commands()) {
    const TextFile file("page", page_of(*command));
    const auto output = run_shell("mandoc -T lint -W warning " + file.path());
    EXPECT_EQ(output.code, 0);
    EXPECT_EQ(output.text, "");
  }
}

}  // namespace
}  // namespace mcast::cli
