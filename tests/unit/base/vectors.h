// What was recorded with the original program (tests/vectors/).
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace mcast::test {

// Empty, with a failed expectation, where the file cannot be read.
inline nlohmann::json read_vectors(const std::string& name) {
  const std::string path = MCAST_VECTORS "/" + name;
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  return nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
}

}  // namespace mcast::test
