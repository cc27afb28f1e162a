// mcast-send, mcast-receive and mcast-status as a person or a script runs them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/netns/namespace.h"
#include "tests/netns/process.h"

namespace mcast::test {

// The program's path and its arguments.
[[nodiscard]] std::vector<std::string> command(std::string_view name,
                                               const std::vector<std::string>& arguments);

// What a program printed on stdout as one JSON object and nothing else. Throws
// Failure with the text if it is not that.
[[nodiscard]] nlohmann::json one_json_object(const std::string& output);

// A JSON object a line.
[[nodiscard]] std::vector<nlohmann::json> json_lines(const std::string& output);

// Waits until a running mcast-receive has joined, which it says in its first line.
void wait_until_joined(const Process& receiver);

}  // namespace mcast::test
