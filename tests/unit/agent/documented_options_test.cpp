// The agent reads its arguments by itself; the description that its man page and
// completions are made of says the same.
#include "agent/options.h"

#include <gtest/gtest.h>

#include <array>
#include <regex>
#include <set>
#include <string>

#include "cli/command_description.h"

namespace mcast::agent {
namespace {

std::string help() {
  constexpr std::array kArguments{"mcast-agent", "--help"};
  const auto parsed = parse_options(static_cast<int>(kArguments.size()), kArguments.data());
  const auto* end = std::get_if<EndNow>(&parsed);
  return end == nullptr ? "" : end->text;
}

TEST(AgentOptions, AreThoseOfItsManPageAndCompletions) {
  const std::string text = help();
  // At the beginning of a line stand the names, before what they do.
  const std::regex line(R"((?:^|\n) +(?:(-\w),)?(--[\w.-]+))");
  std::set<std::string> in_help;
  for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
    in_help.insert((*it)[1].str() + (*it)[2].str());
  }
  std::set<std::string> described;
  for (const cli::OptionDescription& option : cli::agent_description().options) {
    described.insert(std::string(option.short_name) + std::string(option.name));
  }
  EXPECT_EQ(in_help, described) << text;
}

TEST(AgentOptions, TakeTheValuesThatItsManPageSays) {
  const std::string text = help();
  for (const cli::OptionDescription& option : cli::agent_description().options) {
    if (option.value.empty()) continue;
    const std::string head = std::string(option.name) + " " + std::string(option.value);
    EXPECT_NE(text.find(head), std::string::npos) << head << "\n" << text;
  }
}

}  // namespace
}  // namespace mcast::agent
