// mcast-status --why as a test asks it, and the programs that it is asked about.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/netns/command.h"
#include "tests/netns/net.h"
#include "tests/netns/topology.h"

namespace mcast::test {

class Why : public BothFamilies {
 protected:
  using Names = std::vector<std::string>;
  struct Answer {
    int exit_status = 0;
    std::string text;  // stderr, and the JSON
    std::vector<std::string> found;
    std::vector<std::string> unknown;
    nlohmann::json json;

    // What was seen of one check.
    [[nodiscard]] std::string seen(const std::string& check) const {
      for (const nlohmann::json& finding : json["answers"][0]["findings"]) {
        if (finding["check"] == check) return finding["seen"];
      }
      return "";
    }
  };
  static Answer why(const Namespace& host, const std::string& question,
                    std::vector<std::string> more = {}) {
    return answer_of(host.try_run(command("mcast-status", arguments_of(question, more))));
  }
  // The same while something happens again and again.
  template <typename Meanwhile>
  static Answer why_while(const Namespace& host, const std::string& question,
                          std::vector<std::string> more, const Meanwhile& meanwhile) {
    Process asked = host.spawn(command("mcast-status", arguments_of(question, more)));
    std::optional<int> exit_status;
    for (int i = 0; i < 1'000 && !exit_status; ++i) {
      meanwhile();
      exit_status = asked.wait_exit(std::chrono::milliseconds(50));
    }
    return answer_of({.exit_status = exit_status.value_or(-1),
                      .output = asked.standard_output(),
                      .error = asked.standard_error()});
  }
  static std::vector<std::string> arguments_of(const std::string& question,
                                               const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"--why", question, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static Answer answer_of(const RunResult& result) {
    Answer answer{.exit_status = result.exit_status,
                  .text = result.error + result.output,
                  .found = {},
                  .unknown = {},
                  .json = one_json_object(result.output)};
    for (const nlohmann::json& one : answer.json["answers"]) {
      for (const nlohmann::json& finding : one["findings"]) {
        if (finding["verdict"] == "found") answer.found.push_back(finding["check"]);
        if (finding["verdict"] == "unknown") answer.unknown.push_back(finding["check"]);
      }
    }
    return answer;
  }
  static void expect_only(const Answer& answer, const std::string& check) {
    EXPECT_EQ(answer.found, std::vector<std::string>{check}) << answer.text;
    EXPECT_EQ(answer.exit_status, 3);
  }
  static void expect_nothing(const Answer& answer) {
    EXPECT_EQ(answer.found, std::vector<std::string>{}) << answer.text;
    EXPECT_EQ(answer.exit_status, 0);
  }

  static Process start(const Namespace& host, const char* name,
                       const std::vector<std::string>& arguments) {
    Process process = host.spawn(command(name, arguments));
    return process;
  }
  // 50 packets a second, so that a short look sees enough of them.
  static Process send(const Namespace& host, const std::string& group,
                      std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{group, "-i", "eth1", "-r", "50pps", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return start(host, "mcast-send", arguments);
  }
  static Process receive(const Namespace& host, std::vector<std::string> arguments,
                         const std::string& on = "eth1") {
    arguments.insert(arguments.end(), {"-i", on});
    Process process = start(host, "mcast-receive", arguments);
    wait_until_joined(process);
    return process;
  }
};

}  // namespace mcast::test
