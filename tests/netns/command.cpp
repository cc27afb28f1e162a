#include "tests/netns/command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {

using namespace std::chrono_literals;

std::vector<std::string> command(std::string_view name, const std::vector<std::string>& arguments) {
  std::vector<std::string> result{std::string(MCAST_BINARIES) + "/" + std::string(name)};
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

nlohmann::json one_json_object(const std::string& output) {
  auto json = nlohmann::json::parse(output, nullptr, false);
  if (!json.is_object()) fail_with("not one JSON object: " + output);
  return json;
}

std::vector<nlohmann::json> json_lines(const std::string& output) {
  std::vector<nlohmann::json> result;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) result.push_back(one_json_object(line));
  return result;
}

void wait_until_joined(const Process& receiver) {
  const auto joined = eventually(10s, [&] {
    return (receiver.standard_output() + receiver.standard_error()).find("joined (") !=
           std::string::npos;
  });
  if (!joined) {
    fail_with(receiver.command_line() + " did not join: " + receiver.standard_output() +
              receiver.standard_error());
  }
}

}  // namespace mcast::test
