// The agent reads its arguments by itself; the description that its man page and
// completions are made of says the same.
#include "agent/options.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <sstream>
#include <string>

#include "cli/arguments/command_description.h"

namespace mcast::agent {
namespace {

std::string help() {
  constexpr std::array kArguments{"mcast-agent", "--help"};
  const auto parsed = parse_options(static_cast<int>(kArguments.size()), kArguments.data());
  const auto* end = std::get_if<EndNow>(&parsed);
  return end == nullptr ? "" : end->text;
}

// At the beginning of a line stand the names ("-h,--help"), before what they do.
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (!line.starts_with(' ') || !name.starts_with('-')) continue;
    std::erase(name, ',');
    names.insert(name);
  }
  return names;
}

TEST(AgentOptions, AreThoseOfItsManPageAndCompletions) {
  const std::string text = help();
  std::set<std::string> described;
  for (const cli::OptionDescription& option : cli::agent_description().options) {
    described.insert(std::string(option.short_name) + std::string(option.name));
  }
  EXPECT_EQ(names_in(text), described) << text;
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
